"""Which lines are one text, and when and where it was shown."""

import string
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import Change, ScreenLook, Shift
from sightglass_worker.domain.texts.lines import Line, folded
from sightglass_worker.domain.texts.places import part_of, same_place
from sightglass_worker.domain.texts.tracker import Text, TextTracker

SECOND = 1_000_000
WHOLE = Box(0, 0, 1, 1)
END = 100 * SECOND


def at(row: int, text: str = "x" * 10, column: int = 0) -> Box:
    """The box of a text in one of twenty rows and two columns."""
    return Box(0.1 + 0.5 * column, 0.05 * row, 0.02 * len(text), 0.03)


def line(text: str, row: int = 1, *, confidence: float = 0.9, column: int = 0) -> Line:
    return Line(text, confidence, at(row, text, column))


def look(
    t_us: int,
    *,
    shift: Shift | None = None,
    box: Box = WHOLE,
    since_us: int | None = None,
    steady_us: int | None = None,
) -> ScreenLook:
    """A look at what has changed in `box`."""
    since_us = t_us if since_us is None else since_us
    change = Change(box, since_us, since_us if steady_us is None else steady_us)
    return ScreenLook(t_us, box, False, 0, 0, 10, shift, (change,), b"")


def moved(t_us: int, down: float) -> ScreenLook:
    return ScreenLook(t_us, WHOLE, False, 0, 0, 10, Shift(t_us, WHOLE, down), (), b"")


def texts(*steps: tuple[ScreenLook, Sequence[Line]]) -> list[Text]:
    tracker = TextTracker()
    for step, lines in steps:
        tracker.push(step, lines)
    return tracker.finish(END)


def spans(text: Text) -> list[tuple[int, int]]:
    return [(span.start_us, span.end_us) for span in text.spans]


def test_a_line_read_again_and_again_is_one_text() -> None:
    (text,) = texts(*((look(t * SECOND), [line("hello")]) for t in range(5)))
    assert (text.number, text.text, spans(text)) == (0, "hello", [(0, END)])


def test_a_text_ends_when_its_place_has_changed_and_it_is_not_read_there_again() -> None:
    first, second = texts((look(0), [line("hello")]), (look(5 * SECOND, since_us=4 * SECOND), [line("other")]))
    assert (first.text, spans(first)) == ("hello", [(0, 4 * SECOND)])
    assert (second.text, spans(second)) == ("other", [(4 * SECOND, END)])


def test_a_text_begins_when_it_came_to_stand_still() -> None:
    (text,) = texts((look(5 * SECOND, since_us=2 * SECOND, steady_us=3 * SECOND), [line("hello")]))
    assert spans(text) == [(3 * SECOND, END)]


def test_a_text_was_there_when_it_was_read_whatever_has_changed_around_it() -> None:
    (text,) = texts((look(5 * SECOND), [line("hello")]), (look(8 * SECOND, since_us=3 * SECOND), []))
    assert spans(text) == [(5 * SECOND, 5 * SECOND + 1)]


def test_a_text_is_nowhere_else_before_it_has_gone() -> None:
    steps = look(6 * SECOND)
    gone = Change(at(1), 5 * SECOND, 5 * SECOND)
    came = Change(at(15), 2 * SECOND, 3 * SECOND)
    (text,) = texts((look(0), [line("hello", 1)]), (replace(steps, changes=(gone, came)), [line("hello", 15)]))
    assert spans(text) == [(0, 5 * SECOND), (5 * SECOND, END)]


def test_a_text_that_was_gone_before_the_page_was_scrolled_does_not_scroll() -> None:
    (text,) = texts(
        (look(0), [line("hello", 10)]),
        (moved(2 * SECOND, -0.1), []),
        (moved(3 * SECOND, -0.1), []),
        (look(4 * SECOND, since_us=SECOND), []),
    )
    assert spans(text) == [(0, SECOND)]


def test_a_line_first_read_where_nothing_has_changed_is_there_from_then_on() -> None:
    (text,) = texts((look(5 * SECOND, box=Box(0, 0.5, 1, 0.2)), [line("hello", 1)]))
    assert spans(text) == [(5 * SECOND, END)]


def test_what_a_change_does_not_touch_stays() -> None:
    first, second = texts(
        (look(0), [line("hello", 1)]), (look(5 * SECOND, box=Box(0, 0.5, 1, 0.2)), [line("other", 11)])
    )
    assert spans(first) == [(0, END)]
    assert spans(second) == [(5 * SECOND, END)]


def test_two_equal_lines_at_once_are_two_texts() -> None:
    found = texts(*((look(t * SECOND), [line("hello", 1), line("hello", 3)]) for t in range(3)))
    assert [text.text for text in found] == ["hello", "hello"]
    assert [text.spans[0].box for text in found] == [at(1, "hello"), at(3, "hello")]


@pytest.mark.parametrize(
    ("one", "other"), [("INFO 10", "INF0 l0"), ("open invoices", "openinvoices"), ("Card 8", "card B")]
)
def test_what_an_engine_cannot_tell_apart_is_one_text_in_its_best_reading(one: str, other: str) -> None:
    readings = [line(one, confidence=0.8), line(other, confidence=0.95)]
    for order in (readings, readings[::-1]):
        (text,) = texts(*((look(t * SECOND), [reading]) for t, reading in enumerate(order)))
        assert (text.text, text.confidence) == (other, 0.95)


def test_another_number_in_the_same_place_is_another_text() -> None:
    found = texts((look(0), [line("card 4809")]), (look(SECOND), [line("card 4803")]))
    assert [text.text for text in found] == ["card 4809", "card 4803"]


def test_another_reading_of_an_unchanged_place_is_the_same_text() -> None:
    again = look(SECOND, box=Box(0, 0.5, 1, 0.2))
    (text,) = texts((look(0), [line("card 4809", confidence=0.7)]), (again, [line("card 4803")]))
    assert (text.text, text.confidence) == ("card 4803", 0.9)


def test_what_is_typed_is_one_text_whole_only_at_the_end() -> None:
    steps = ["a", "ana.n", "ana.novakl", "ana.novak@example.com"]
    (text,) = texts(*((look(t * SECOND), [line(step)]) for t, step in enumerate(steps)))
    assert text.text == "ana.novak@example.com"
    assert spans(text) == [(0, SECOND), (SECOND, 2 * SECOND), (2 * SECOND, 3 * SECOND), (3 * SECOND, END)]
    assert [span.whole for span in text.spans] == [False, False, False, True]
    assert [span.box.width for span in text.spans] == [0.02 * len(step) for step in steps]


def test_what_is_deleted_again_keeps_its_longest_reading() -> None:
    steps = ["secret", "secret words", "secret wo", "secret"]
    (text,) = texts(*((look(t * SECOND), [line(step)]) for t, step in enumerate(steps)))
    assert text.text == "secret words"
    assert [span.whole for span in text.spans] == [False, True, False, False]


def test_typing_that_changes_only_the_end_of_a_line_is_followed() -> None:
    tail = Box(0.2, 0.05, 0.3, 0.03)
    (text,) = texts((look(0), [line("hello")]), (look(SECOND, box=tail), [line("hello world")]))
    assert (text.text, len(text.spans)) == ("hello world", 2)


def test_a_scrolled_text_is_one_with_a_span_for_each_place() -> None:
    (text,) = texts((look(0), [line("hello", 10)]), (moved(SECOND, -0.1), []), (moved(2 * SECOND, -0.1), []))
    assert spans(text) == [(0, SECOND), (SECOND, 2 * SECOND), (2 * SECOND, END)]
    assert [round(span.box.y, 6) for span in text.spans] == [0.5, 0.4, 0.3]


def test_a_text_that_is_scrolled_out_of_sight_ends() -> None:
    (text,) = texts((look(0), [line("hello", 1)]), (moved(SECOND, -0.2), []))
    assert spans(text) == [(0, SECOND)]


def test_a_text_that_is_read_after_it_has_moved_is_followed_back() -> None:
    (text,) = texts(
        (moved(SECOND, -0.1), []),
        (moved(2 * SECOND, -0.1), []),
        (look(3 * SECOND, since_us=0, steady_us=0), [line("hello", 10)]),
    )
    assert spans(text) == [(0, SECOND), (SECOND, 2 * SECOND), (2 * SECOND, END)]
    assert [round(span.box.y, 6) for span in text.spans] == [0.7, 0.6, 0.5]


def test_a_text_that_came_into_sight_while_scrolling_is_followed_no_further_back() -> None:
    (text,) = texts(
        (moved(SECOND, -0.3), []),
        (moved(2 * SECOND, -0.3), []),
        (look(3 * SECOND, since_us=0, steady_us=0), [line("hello", 10)]),
    )
    assert spans(text) == [(SECOND, 2 * SECOND), (2 * SECOND, END)]


def test_a_text_that_jumps_is_one_text() -> None:
    (text,) = texts((look(0), [line("hello", 1)]), (look(SECOND), [line("hello", 15)]))
    assert spans(text) == [(0, SECOND), (SECOND, END)]


def test_a_text_that_comes_back_to_its_place_is_one_text() -> None:
    found = texts((look(0), [line("hello")]), (look(SECOND), []), (look(60 * SECOND), [line("hello")]))
    assert [spans(text) for text in found] == [[(0, SECOND), (60 * SECOND, END)]]


def test_a_text_elsewhere_much_later_is_another() -> None:
    found = texts((look(0), [line("hello", 1)]), (look(SECOND), []), (look(60 * SECOND), [line("hello", 9)]))
    assert len(found) == 2


def test_a_part_of_a_line_stands_where_its_signs_do() -> None:
    assert part_of(Box(0.1, 0.2, 0.4, 0.1), "SSN 1234", 4, 8) == pytest.approx((0.3, 0.2, 0.2, 0.1))
    with pytest.raises(ValueError, match="4:9 of 8"):
        part_of(WHOLE, "SSN 1234", 4, 9)


WORDS = st.text(string.ascii_letters + string.digits + " .-@", min_size=1, max_size=12).filter(str.strip)
LINES = st.dictionaries(
    st.tuples(st.integers(0, 19), st.integers(0, 1)), st.tuples(WORDS, st.floats(0.5, 1)), max_size=8
)
FILMS = st.lists(st.tuples(st.integers(1, 3 * SECOND), st.sampled_from([0.0, -0.05, -0.13, 0.1]), LINES), max_size=8)
Film = list[tuple[int, float, dict[tuple[int, int], tuple[str, float]]]]


def steps_of(film: Film) -> list[tuple[ScreenLook, list[Line]]]:
    """Looks at the whole screen, now and then after it was scrolled."""
    steps: list[tuple[ScreenLook, list[Line]]] = []
    t_us = 0
    for step_us, down, places in film:
        lines = [line(text, row, confidence=sure, column=column) for (row, column), (text, sure) in places.items()]
        shift = Shift(t_us, WHOLE, down) if down else None
        steps.append((look(t_us, shift=shift), lines))
        t_us += step_us
    return steps


@given(FILMS)
@settings(deadline=None)
def test_every_line_is_shown_by_exactly_one_text(film: Film) -> None:
    steps = steps_of(film)
    found = texts(*steps)
    for step, lines in steps:
        for read in lines:
            showing = [
                text
                for text in found
                for span in text.spans
                if span.start_us <= step.t_us < span.end_us and same_place(span.box, read.box)
            ]
            assert len(showing) == 1
            key, whole = folded(read.text), folded(showing[0].text)
            assert whole == key or whole.startswith(key[:-1])


@given(FILMS)
@settings(deadline=None)
def test_spans_are_in_order_and_do_not_overlap(film: Film) -> None:
    for number, text in enumerate(texts(*steps_of(film))):
        assert text.number == number
        assert all(0 <= span.start_us < span.end_us <= END for span in text.spans)
        assert all(a.end_us <= b.start_us for a, b in pairwise(text.spans))


@given(FILMS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_lines_does_not_matter(film: Film, random: Random) -> None:
    steps = steps_of(film)
    mixed = [(step, random.sample(lines, len(lines))) for step, lines in steps]
    assert texts(*mixed) == texts(*steps)


@given(FILMS)
@settings(deadline=None)
def test_to_look_twice_changes_nothing(film: Film) -> None:
    steps = steps_of([(step_us, 0.0, places) for step_us, _, places in film])
    assert texts(*(step for step in steps for _ in range(2))) == texts(*steps)
