"""How many looks are read, and what is told of those that are not."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import Change, ScreenLook
from sightglass_worker.domain.texts.coverage import Coverage, CoverageMeter
from sightglass_worker.domain.texts.folding import ScreenTexts
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.domain.texts.pacing import CallBudget
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.film import FilmTexts

SECOND = 1_000_000
MINUTE = 60 * SECOND
WHOLE, TOP, BOTTOM = Box(0, 0, 1, 1), Box(0, 0, 1, 0.4), Box(0, 0.6, 1, 0.4)


def look(t_us: int, box: Box = WHOLE, luma: bytes = bytes(100)) -> ScreenLook:
    side = round(len(luma) ** 0.5)
    return ScreenLook(t_us, box, False, side, side, 10, None, (Change(box, t_us, t_us),), luma)


class Reader:
    """Reads the time at which a page was shown off its first sample; fails when told to."""

    def __init__(self, failing: Sequence[int] = ()) -> None:
        self.calls = 0
        self._failing = failing

    async def __call__(self, page: Page) -> list[Line]:
        self.calls += 1
        if self.calls in self._failing:
            raise CallFailed("timeout")
        return [Line(f"page {page.luma[0, 0]}", 1.0, Box(0.25, 0.25, 0.5, 0.5))]


async def result(looks: Sequence[ScreenLook], duration_us: int, reader: Reader, per_minute: int = 35) -> ScreenTexts:
    film = FilmTexts(reader, per_minute)
    for each in looks:
        await film.take(each)
    return await film.finish(duration_us)


@given(st.lists(st.tuples(st.integers(0, 20 * SECOND), st.booleans()), max_size=200), st.integers(1, 40))
def test_no_minute_of_film_has_more_calls_than_it_may(steps: list[tuple[int, bool]], per_minute: int) -> None:
    budget = CallBudget(per_minute)
    t_us, calls = 0, list[int]()
    for step_us, last in steps:
        t_us += step_us
        if budget.take(t_us, last=last):
            calls.append(t_us)
    assert all(sum(c - MINUTE < other <= c for other in calls) <= per_minute for c in calls)


def test_calls_that_are_asked_for_all_the_time_are_spread_over_the_film() -> None:
    budget = CallBudget(30)
    calls = [t_us for t_us in range(0, 10 * MINUTE, SECOND // 5) if budget.take(t_us)]
    late = [t_us for t_us in calls if t_us > MINUTE]
    assert 19 * 9 <= len(late) <= 21 * 9
    assert max(b - a for a, b in pairwise(late)) <= 4 * SECOND


async def test_a_film_within_its_budget_is_read_as_a_whole() -> None:
    reader = Reader()
    found = await result([look(t * SECOND, luma=bytes([t]) * 100) for t in range(5)], 5 * SECOND, reader)
    assert found.coverage == Coverage(looks=5, read=5, skipped_by_cap=0, failed=0, unread_us=0)
    assert [(t.text, t.spans[0].start_us) for t in found.texts] == [(f"page {n}", n * SECOND) for n in range(5)]
    assert found.texts[0].spans[0].box == Box(0.25, 0.25, 0.5, 0.5)


async def test_a_line_stands_in_the_picture_where_it_stood_in_the_look() -> None:
    found = await result([look(0, BOTTOM)], SECOND, Reader())
    assert found.texts[0].spans[0].box == pytest.approx((0.25, 0.7, 0.5, 0.2))


async def test_what_is_shown_too_briefly_for_the_budget_is_skipped_and_counted() -> None:
    reader = Reader()
    looks = [look(n * SECOND // 5, luma=bytes([n]) * 100) for n in range(100)]
    found = await result(looks, 20 * SECOND, reader, per_minute=30)
    assert found.coverage.looks == 100
    assert found.coverage.read == reader.calls
    assert 10 + 20 // 3 - 1 <= reader.calls <= 10 + 20 // 3 + 2
    assert found.coverage.skipped_by_cap == 100 - reader.calls
    assert 10 * SECOND < found.coverage.unread_us < 20 * SECOND
    assert found.texts[-1].text == "page 99"


async def test_a_page_that_stays_is_read_once_there_is_a_call_left() -> None:
    reader = Reader()
    burst = [look(n * SECOND // 5) for n in range(12)]
    stays = look(3 * SECOND, luma=bytes([77]) * 100)
    found = await result([*burst, stays, look(40 * SECOND)], 50 * SECOND, reader, per_minute=6)
    assert "page 77" in [text.text for text in found.texts]


async def test_looks_at_different_places_are_not_given_up_for_each_other() -> None:
    reader = Reader()
    looks = [*(look(n) for n in range(2)), look(5, TOP), look(6, BOTTOM), look(60 * SECOND, TOP)]
    found = await result(looks, 61 * SECOND, reader, per_minute=6)
    assert found.coverage.skipped_by_cap == 0


async def test_a_look_that_fails_is_counted_and_the_film_goes_on() -> None:
    found = await result([look(0), look(2 * SECOND), look(5 * SECOND)], 10 * SECOND, Reader(failing=[2]))
    assert found.coverage == Coverage(looks=3, read=2, skipped_by_cap=0, failed=1, unread_us=3 * SECOND)
    assert found.failures == ["timeout"]


async def test_an_engine_that_fails_again_and_again_is_asked_no_more() -> None:
    reader = Reader(failing=range(100))
    found = await result([look(n * 3 * SECOND) for n in range(10)], 30 * SECOND, reader)
    assert reader.calls == 3
    assert found.coverage == Coverage(looks=10, read=0, skipped_by_cap=0, failed=10, unread_us=30 * SECOND)


async def test_a_look_without_anything_to_read_costs_no_call_and_ends_texts() -> None:
    reader = Reader()
    found = await result([look(0), look(4 * SECOND, luma=b"")], 10 * SECOND, reader)
    assert (reader.calls, found.coverage.looks) == (1, 1)
    assert [(s.start_us, s.end_us) for s in found.texts[0].spans] == [(0, 4 * SECOND)]


@pytest.mark.parametrize(("later", "unread_us"), [(WHOLE, 2 * SECOND), (TOP, 9 * SECOND)])
def test_unread_lasts_until_its_place_is_read(later: Box, unread_us: int) -> None:
    meter = CoverageMeter()
    meter.note(look(SECOND, WHOLE), "failed")
    meter.note(look(3 * SECOND, later), "read")
    coverage, _ = meter.finish(10 * SECOND)
    assert coverage.unread_us == unread_us
