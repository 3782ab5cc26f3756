"""Keys of providers open for the tenant, the provider and the address that they were sealed for, and for no other."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.provider_keys import main, new_pair, opened_key, sealed_key
from sightglass_common.sealed import NotForUs
from sightglass_common.settings import is_half_of_a_pair

PRIVATE, PUBLIC = new_pair()


@given(st.text(max_size=100), st.uuids(), st.uuids(), st.text(max_size=50))
def test_a_key_opens_for_what_it_was_sealed_for(key: str, tenant_id: UUID, provider_id: UUID, url: str) -> None:
    sealed = sealed_key(PUBLIC, key, tenant_id=tenant_id, provider_id=provider_id, base_url=url)
    assert opened_key(PRIVATE, sealed, tenant_id=tenant_id, provider_id=provider_id, base_url=url) == key
    others = [
        (PRIVATE, uuid4(), provider_id, url),
        (PRIVATE, tenant_id, uuid4(), url),
        (PRIVATE, tenant_id, provider_id, url + "/"),
        (new_pair()[0], tenant_id, provider_id, url),
    ]
    for private, tenant, provider, address in others:
        with pytest.raises(NotForUs):
            opened_key(private, sealed, tenant_id=tenant, provider_id=provider, base_url=address)


def test_a_pair_of_a_secret_is_always_the_same() -> None:
    assert new_pair("a secret") == new_pair("a secret") != new_pair("another")
    assert new_pair() != new_pair()


def test_what_is_printed_is_what_the_settings_take(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    halves = [line.split("  #")[0].partition("=")[2] for line in capsys.readouterr().out.splitlines()]
    assert [is_half_of_a_pair(half) for half in halves] == halves
    for wrong in ("AAAA", "no base64!", halves[0][:-4]):
        with pytest.raises(ValueError, match="32 bytes"):
            is_half_of_a_pair(wrong)
