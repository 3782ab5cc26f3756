"""API keys: their form, and what is kept of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.keys import PUBLISHABLE, ApiKey, new_key, parse


def test_a_new_key_is_read_back() -> None:
    key = new_key()
    assert parse(str(key)) == key


def test_a_publishable_key_is_told_from_one_of_the_api() -> None:
    key = new_key(PUBLISHABLE)
    assert str(key).startswith("sgp_")
    assert parse(str(key)) == key
    assert parse(str(key).replace("sgp_", "sg_")) is None
    assert parse(str(ApiKey(key.key_id, key.secret))) != key


def test_keys_are_different_every_time() -> None:
    assert len({str(new_key()) for _ in range(100)}) == 100


def test_the_hash_is_of_the_secret_alone() -> None:
    assert ApiKey("a" * 8, "s" * 43).sha256 == ApiKey("b" * 8, "s" * 43).sha256
    assert ApiKey("a" * 8, "s" * 43).sha256 != ApiKey("a" * 8, "t" * 43).sha256


def test_a_keys_representation_hides_the_secret() -> None:
    key = new_key()
    assert key.secret not in repr(key)


@pytest.mark.parametrize(
    "text", ["", "sg_", "sg_short_short", "x" * 60, "sg_" + "a" * 8 + "_" + "b" * 49, "sg_ä" + "a" * 57]
)
def test_what_cannot_be_a_key_is_none(text: str) -> None:
    assert parse(text) is None


@given(st.integers(min_value=3, max_value=60), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_character_is_noticed_without_a_look_up(place: int, char: str) -> None:
    text = str(ApiKey("aB3dE6gH", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"))
    place = min(place, len(text) - 1)
    changed = text[:place] + char + text[place + 1 :]
    assert (parse(changed) is None) == (changed != text)
