"""Lines and columns of texts that come in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect.cli.lines import Lines, Position

TEXTS = st.text(st.sampled_from("ab\n\ré€😀"), max_size=40)


def expected(text: str) -> dict[int, Position]:
    """Line and column of each character by its offset in UTF-8, told one by one; none within a CR LF."""
    found: dict[int, Position] = {}
    line = column = 1
    offset = 0
    for at, sign in enumerate(text):
        if not (sign == "\n" and text[at - 1 : at] == "\r"):
            found[offset] = Position(line, column)
        offset += len(sign.encode())
        if sign == "\n" or (sign == "\r" and text[at + 1 : at + 2] != "\n"):
            line, column = line + 1, 1
        else:
            column += 1
    found[offset] = Position(line, column)
    return found


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_positions_are_the_same_however_a_text_is_cut(text: str, sizes: list[int]) -> None:
    encoded, lines, at = text.encode(), Lines(), 0
    for size in sizes:
        lines.add(encoded[at : at + size])
        places = {offset: place for offset, place in expected(text).items() if at <= offset <= at + size}
        at = min(at + size, len(encoded))
        assert {offset: lines.position(offset) for offset in places if offset < at} == {
            offset: place for offset, place in places.items() if offset < at
        }
        lines.forget(at)


@given(TEXTS)
def test_positions_may_be_asked_for_in_any_order(text: str) -> None:
    lines = Lines()
    lines.add(text.encode())
    places = expected(text)
    assert {offset: lines.position(offset) for offset in sorted(places, reverse=True)} == places


def test_a_broken_character_is_as_many_as_its_bytes() -> None:
    lines = Lines()
    lines.add(b"\xff\xfea")
    assert lines.position(2) == Position(1, 3)
