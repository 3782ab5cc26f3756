"""Cursors: bound to their list, and never a way to an error of ours."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api import cursors
from sightglass_api.videos.rules import number_of, position_of
from sightglass_common.errors import InvalidCursor


@given(st.text(), st.text(st.characters(codec="utf-8")))
def test_a_cursor_holds_its_position(listing: str, position: str) -> None:
    try:
        listing.encode()
    except UnicodeEncodeError:
        return
    assert cursors.decode(listing, cursors.encode(listing, position)) == position


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        cursors.decode("jobs:failed", cursors.encode("jobs:", "x"))


@given(st.text(max_size=100))
def test_any_text_is_a_position_or_an_invalid_cursor(text: str) -> None:
    try:
        cursors.decode("jobs:", text)
    except InvalidCursor:
        return
    raise AssertionError("nobody guesses a checksum")


@pytest.mark.parametrize(
    "position",
    ["", "7", "x:7", f"{UUID(int=7)}:", f"{UUID(int=7)}:a\0b", f"{UUID(int=7)}:{'9' * 300}", "-" * 36 + ":1"],
)
def test_a_forged_position_is_an_invalid_cursor(position: str) -> None:
    with pytest.raises(InvalidCursor):
        position_of(position)


@given(st.uuids(), st.integers(min_value=0, max_value=10**9 - 1))
def test_a_position_tells_its_analysis_and_its_number(analysis_id: UUID, number: int) -> None:
    found, place = position_of(f"{analysis_id}:{number}")
    assert (found, number_of(place)) == (analysis_id, number)


def test_without_a_place_a_numbered_list_begins_at_its_first() -> None:
    assert number_of("") == -1


@pytest.mark.parametrize("place", ["-1", "x", "1.5", "9" * 30, "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_forged_number_is_an_invalid_cursor(place: str) -> None:
    with pytest.raises(InvalidCursor):
        number_of(place)


def test_a_forged_id_is_an_invalid_cursor() -> None:
    with pytest.raises(InvalidCursor):
        cursors.decode_id("jobs:", cursors.encode("jobs:", "not an id"))


def test_a_page_ends_where_nothing_follows() -> None:
    full = cursors.page("l", [1, 2, 3], 2, str)
    assert full.items == [1, 2]
    assert full.next_cursor is not None
    assert cursors.decode("l", full.next_cursor) == "2"
    assert cursors.page("l", [1, 2], 2, str).next_cursor is None


def test_a_cursor_stands_in_an_address_as_it_is() -> None:
    cursor = cursors.encode("l", "?" * 50)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
