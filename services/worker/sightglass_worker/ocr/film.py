"""The texts of one film: its looks are read and folded into texts."""

from collections.abc import Awaitable, Callable

from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.folding import ScreenTexts, TextFold
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.reading import LookReader


class FilmTexts:
    """Takes the looks of one film, in order of time.

    read, calls_per_minute: as LookReader takes them.
    """

    def __init__(self, read: Callable[[Page], Awaitable[list[Line]]], calls_per_minute: int) -> None:
        self._fold = TextFold()
        self._reader = LookReader(read, calls_per_minute, self._fold.push)

    async def take(self, look: ScreenLook) -> None:
        """Read a look, now or later. Raises EngineMissing; that a look fails is only counted."""
        await self._reader.take(look)

    async def finish(self, duration_us: int) -> ScreenTexts:
        """Read what waits, as far as it may be; the texts of a film that lasts so long."""
        await self._reader.finish(duration_us)
        return self._fold.finish(duration_us)
