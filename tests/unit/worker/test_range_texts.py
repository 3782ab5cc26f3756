"""What is read of a film's screen in ranges is what is read in a run over the whole, however few calls there are."""

from itertools import pairwise

import pytest

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import Change, ScreenLook
from sightglass_worker.domain.texts.folding import ReadLook
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ranges.texts import RangeTexts

SECOND = 1_000_000
WHERE = Box(0.0, 0.0, 1.0, 1.0)


def look(t_us: int) -> ScreenLook:
    changes = (Change(WHERE, t_us, t_us),)
    return ScreenLook(t_us, WHERE, True, 4, 4, 4, None, changes, bytes([t_us // SECOND % 256]) * 16)


async def read(page: Page) -> list[Line]:
    return [Line(f"page {page.luma[0, 0]}", 0.9, WHERE)]


async def told(times_us: list[int], end_us: int, calls: int, restarts_us: list[int]) -> list[ReadLook]:
    found: list[ReadLook] = []
    texts = RangeTexts(read, calls, restarts_us, found.append)
    for t_us in times_us:
        await texts.take(look(t_us))
    await texts.finish(end_us)
    return found


@pytest.mark.parametrize("calls", [1, 2, 5, 30])
@pytest.mark.parametrize("every_s", [1, 3])
async def test_a_run_over_the_whole_begins_anew_where_ranges_do(calls: int, every_s: int) -> None:
    times = list(range(0, 60 * SECOND, every_s * SECOND))
    edges = [0, 10 * SECOND, 11 * SECOND, 40 * SECOND, 60 * SECOND]
    whole = await told(times, edges[-1], calls, edges[1:-1])
    parts = [
        found
        for start, end in pairwise(edges)
        for found in await told([t for t in times if start <= t < end], end, calls, [])
    ]
    assert whole == parts
    assert [found.look.t_us for found in whole] == times
    assert calls == 30 or {found.outcome for found in whole} == {"read", "skipped_by_cap"}
