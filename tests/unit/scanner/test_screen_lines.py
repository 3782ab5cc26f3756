"""Texts on a screen, put into lines as a person reads them."""

from hypothesis import given
from hypothesis import strategies as st

from sightglass_scanner.screen.lines import Line, ScreenText, Span, lines_of, separator

SECOND = 1_000_000


def at(
    number: int, clear: str, x: float, y: float, *, width: float = 0.1, seen: tuple[float, float] = (0, 10)
) -> ScreenText:
    """A text at a place, 0.04 high."""
    return ScreenText(number, clear, [Span(int(seen[0] * SECOND), int(seen[1] * SECOND), (x, y, width, 0.04))])


def read(line: Line) -> list[str]:
    return [text.clear for text in line.texts]


def test_what_stands_beside_each_other_is_a_line_from_the_left_to_the_right() -> None:
    lines = lines_of([at(0, "1986", 0.5, 0.2), at(1, "Born", 0.1, 0.21), at(2, "Name", 0.1, 0.5)])
    assert sorted(map(read, lines)) == [["Born", "1986"], ["Name"]]


def test_what_is_never_seen_at_the_same_time_is_no_line() -> None:
    lines = lines_of([at(0, "Born", 0.1, 0.2, seen=(0, 5)), at(1, "1986", 0.5, 0.2, seen=(5, 10))])
    assert sorted(map(read, lines)) == [["1986"], ["Born"]]


def test_words_are_apart_by_a_space_and_columns_by_a_tab() -> None:
    word, near, far = at(0, "4539", 0.1, 0.2), at(1, "5787", 0.22, 0.2), at(2, "17", 0.6, 0.2)
    assert (separator(word, near), separator(near, far)) == (" ", "\t")


def test_what_stands_closely_above_a_text_names_it() -> None:
    (line,) = (line for line in lines_of([at(0, "SSN", 0.1, 0.20), at(1, "536904399", 0.1, 0.26)]) if line.above)
    assert (read(line), line.above) == (["536904399"], "SSN")


def test_what_stands_far_above_or_in_another_column_names_nothing() -> None:
    texts = [at(0, "SSN", 0.1, 0.0), at(1, "Phone", 0.6, 0.44), at(2, "536904399", 0.1, 0.5)]
    assert {line.above for line in lines_of(texts)} == {""}


def test_texts_that_scroll_past_each_other_are_taken_one_by_one() -> None:
    texts = [at(number, str(number), 0.07 * number, 0.2, width=0.05) for number in range(13)]
    assert [len(line.texts) for line in lines_of(texts)] == [1] * 13
    assert [len(line.texts) for line in lines_of(texts[:12])] == [12]


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start_us = draw(st.integers(0, 50))
    x, y = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
    box = (x, y, draw(st.floats(0.01, 0.3)), draw(st.floats(0.01, 0.1)))
    return Span(start_us, start_us + draw(st.integers(1, 30)), box)


films = st.lists(st.lists(spans(), min_size=1, max_size=3), max_size=20).map(
    lambda all_spans: [
        ScreenText(number, f"t{number}", sorted(some, key=lambda span: span.start_us))
        for number, some in enumerate(all_spans)
    ]
)


@given(films)
def test_each_text_is_in_one_line_whatever_the_screen_shows(texts: list[ScreenText]) -> None:
    assert sorted(text.number for line in lines_of(texts) for text in line.texts) == list(range(len(texts)))
