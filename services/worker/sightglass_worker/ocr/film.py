"""The texts of one film: its looks are read, at most so many a minute of film, and folded into texts."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.coverage import Coverage, CoverageMeter, Outcome
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.domain.texts.pacing import CallBudget
from sightglass_worker.domain.texts.places import covered, inside, outside
from sightglass_worker.domain.texts.tracker import Text, TextTracker
from sightglass_worker.domain.texts.unread import Unread
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.process import PageUnread

# Looks that wait for a call, 2 MB each; the oldest is given up for a new one.
_MOST_WAITING: Final = 4
# After so many failures in a row no more is tried: the engine is broken, or the film breaks it.
_MOST_FAILURES: Final = 3


@dataclass(frozen=True, slots=True)
class ScreenTexts:
    """What the screen of a film has shown, and what of it was not read. failures: error codes, in order of time."""

    texts: list[Text]
    coverage: Coverage
    unread: list[Unread]
    failures: list[str]


class FilmTexts:
    """Takes the looks of one film, in order of time.

    read: TextReader.read, or what reads as it does.

    A look for which no call is left waits until the film's time has brought one; it is given up only
    for a later look at the same place.
    """

    def __init__(self, read: Callable[[Page], Awaitable[list[Line]]], calls_per_minute: int) -> None:
        self._read_page = read
        self._budget = CallBudget(calls_per_minute)
        self._tracker = TextTracker()
        self._meter = CoverageMeter()
        self._waiting: deque[ScreenLook] = deque()
        self._failures: list[str] = []
        self._failed_in_a_row = 0

    async def take(self, look: ScreenLook) -> None:
        """Read a look, now or later. Raises EngineMissing; that a look fails is only counted."""
        self._waiting.append(look)
        await self._work(look.t_us, last=False)

    async def finish(self, duration_us: int) -> ScreenTexts:
        """Read what waits, as far as it may be; the texts of a film that lasts so long."""
        await self._work(duration_us, last=True)
        while self._waiting:
            self._fold(self._waiting.popleft(), (), "skipped_by_cap")
        return ScreenTexts(self._tracker.finish(duration_us), *self._meter.finish(duration_us), self._failures)

    async def _work(self, now_us: int, *, last: bool) -> None:
        while self._waiting:
            look = self._waiting[0]
            if not look.luma:
                self._tracker.push(look, ())
            elif self._failed_in_a_row >= _MOST_FAILURES:
                self._fold(look, (), "failed")
            elif self._budget.take(now_us, last=last):
                await self._read(look)
            elif self._is_superseded(look):
                self._fold(look, (), "skipped_by_cap")
            else:
                return
            self._waiting.popleft()

    def _is_superseded(self, look: ScreenLook) -> bool:
        later = [other for other in self._waiting if other.luma and other is not look]
        return len(later) >= _MOST_WAITING or any(covered(look.box, other.box) for other in later)

    async def _read(self, look: ScreenLook) -> None:
        try:
            lines = await self._read_page(_page(look))
        except PageUnread as unread:
            self._failures.append(unread.reason)
            self._failed_in_a_row += 1
            self._fold(look, (), "failed")
        else:
            self._failed_in_a_row = 0
            self._fold(look, [line._replace(box=outside(line.box, look.box)) for line in lines], "read")

    def _fold(self, look: ScreenLook, lines: Iterable[Line], outcome: Outcome) -> None:
        self._tracker.push(look, lines)
        self._meter.note(look, outcome)


def _page(look: ScreenLook) -> Page:
    luma = np.frombuffer(look.luma, np.uint8).reshape(look.height, look.width)
    return Page(luma, look.picture_side, [inside(change.box, look.box) for change in look.changes])
