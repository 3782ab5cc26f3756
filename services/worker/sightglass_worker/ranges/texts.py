"""The looks at the screen of one range, read: whatever is read of a film begins anew with each range."""

from collections.abc import Awaitable, Callable, Sequence

from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.folding import ReadLook
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.reading import LookReader


class RangeTexts:
    """Takes the looks of one range, in order of time.

    read, calls_per_minute, told: as LookReader takes them. restarts_us: as of RangeSpan, for a whole film.
    """

    def __init__(
        self,
        read: Callable[[Page], Awaitable[list[Line]]],
        calls_per_minute: int,
        restarts_us: Sequence[int],
        told: Callable[[ReadLook], None],
    ) -> None:
        self._read = read
        self._calls_per_minute = calls_per_minute
        self._restarts_us = list(restarts_us)
        self._told = told
        self._reader = self._new_reader()

    async def take(self, look: ScreenLook) -> None:
        """Read a look, now or later. Raises EngineMissing; that a look fails is only told."""
        while self._restarts_us and look.t_us >= self._restarts_us[0]:
            await self._reader.finish(self._restarts_us.pop(0))
            self._reader = self._new_reader()
        await self._reader.take(look)

    async def finish(self, end_us: int) -> None:
        """Read what waits of a range that ends there."""
        while self._restarts_us:
            await self._reader.finish(self._restarts_us.pop(0))
            self._reader = self._new_reader()
        await self._reader.finish(end_us)

    def _new_reader(self) -> LookReader:
        return LookReader(self._read, self._calls_per_minute, self._told)
