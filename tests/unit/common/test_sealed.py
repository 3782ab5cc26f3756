"""What is sealed to a key opens with its other half alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.sealed import NotForUs, Seal, sealed_to


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_sealed_opens_again(secret: bytes, purpose: bytes) -> None:
    seal = Seal()
    sealed = sealed_to(seal.public_key, secret, purpose)
    assert seal.open(sealed, purpose) == secret
    assert len(secret) < 8 or secret not in sealed


@given(st.binary(min_size=1, max_size=40), st.data())
def test_what_was_changed_or_is_for_others_does_not_open(secret: bytes, data: st.DataObject) -> None:
    seal = Seal()
    sealed = sealed_to(seal.public_key, secret, b"this")
    at = data.draw(st.integers(0, len(sealed) - 1))
    # The highest bit of an X25519 key is masked (RFC 7748).
    flipped = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
    for other, wrong, purpose in ((Seal(), sealed, b"this"), (seal, sealed, b"that"), (seal, flipped, b"this")):
        with pytest.raises(NotForUs):
            other.open(wrong, purpose)
    with pytest.raises(NotForUs):
        seal.open(sealed[:at], b"this")


def test_the_same_secret_is_never_sealed_the_same() -> None:
    seal = Seal()
    assert sealed_to(seal.public_key, b"x", b"") != sealed_to(seal.public_key, b"x", b"")
