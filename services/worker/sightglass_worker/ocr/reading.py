"""Looks at the screen, read in order of time, at most so many a minute of film."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np

from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.folding import ReadLook, without_picture
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.domain.texts.pacing import CallBudget
from sightglass_worker.domain.texts.places import covered, inside, outside
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.ocr.engine import Page

# Looks that wait for a call, 2 MB each; the oldest is given up for a new one.
_MOST_WAITING: Final = 4
# After so many failures in a row no more is tried: the engine is broken, or the film breaks it.
_MOST_FAILURES: Final = 3


class LookReader:
    """Reads the looks of one film, or of one range of it.

    read: TextReader.read, or what reads as it does. told: is given each look when its fate is known, in order.

    A look for which no call is left waits until the film's time has brought one; it is given up only
    for a later look at the same place.
    """

    def __init__(
        self, read: Callable[[Page], Awaitable[list[Line]]], calls_per_minute: int, told: Callable[[ReadLook], None]
    ) -> None:
        self._read_page = read
        self._budget = CallBudget(calls_per_minute)
        self._told = told
        self._waiting: deque[ScreenLook] = deque()
        self._failed_in_a_row = 0

    async def take(self, look: ScreenLook) -> None:
        """Read a look, now or later. Raises EngineMissing; that a look fails is only told."""
        self._waiting.append(look)
        await self._work(look.t_us, last=False)

    async def finish(self, end_us: int) -> None:
        """Read what waits, as far as it may be: the film, or the range, ends there."""
        await self._work(end_us, last=True)
        while self._waiting:
            self._told(without_picture(self._waiting.popleft(), (), "skipped_by_cap"))

    async def _work(self, now_us: int, *, last: bool) -> None:
        while self._waiting:
            look = self._waiting[0]
            if not look.luma:
                self._told(without_picture(look, (), None))
            elif self._failed_in_a_row >= _MOST_FAILURES:
                self._told(without_picture(look, (), "failed"))
            elif self._budget.take(now_us, last=last):
                self._told(await self._read(look))
            elif self._is_superseded(look):
                self._told(without_picture(look, (), "skipped_by_cap"))
            else:
                return
            self._waiting.popleft()

    def _is_superseded(self, look: ScreenLook) -> bool:
        later = [other for other in self._waiting if other.luma and other is not look]
        return len(later) >= _MOST_WAITING or any(covered(look.box, other.box) for other in later)

    async def _read(self, look: ScreenLook) -> ReadLook:
        try:
            lines = await self._read_page(_page(look))
        except CallFailed as unread:
            self._failed_in_a_row += 1
            return without_picture(look, (), "failed", unread.reason)
        self._failed_in_a_row = 0
        return without_picture(look, [line._replace(box=outside(line.box, look.box)) for line in lines], "read")


def _page(look: ScreenLook) -> Page:
    luma = np.frombuffer(look.luma, np.uint8).reshape(look.height, look.width)
    return Page(luma, look.picture_side, [inside(change.box, look.box) for change in look.changes])
