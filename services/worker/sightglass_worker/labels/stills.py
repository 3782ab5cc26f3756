"""Frames of a film with the boxes of all text on them, seen before, after, or now."""

import asyncio
from collections.abc import Sequence

import numpy as np

from sightglass_worker.decode.still_source import Stills
from sightglass_worker.engines.errors import CallFailed, EngineMissing
from sightglass_worker.labels.labelling import Still
from sightglass_worker.labels.painting import Unpaintable, opened
from sightglass_worker.labels.provider import Box
from sightglass_worker.labels.showing import Shown, boxes_at
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.process import TextReader


class CheckedStills:
    """Frames in which text was looked for once more: what is on screen too briefly to be followed may be on one.

    reader: used by nobody else meanwhile. shown: the texts of the film.
    """

    def __init__(self, stills: Stills, reader: TextReader, shown: Sequence[Shown]) -> None:
        self._stills = stills
        self._reader = reader
        self._shown = shown
        self._one_at_a_time = asyncio.Lock()

    async def load(self, t_us: int) -> Still:
        """The frame of this time. Raises the errors of Stills, Unpaintable where it is not found, CallFailed."""
        jpeg = await self._stills.jpeg(t_us)
        if jpeg is None:
            raise Unpaintable(f"the frame at {t_us} us is damaged or not found again")
        page = await asyncio.to_thread(_page, jpeg)
        return Still(jpeg, [*boxes_at(t_us, self._shown), *await self._found(page)])

    async def _found(self, page: Page) -> Sequence[Box]:
        async with self._one_at_a_time:
            try:
                return await self._reader.find(page)
            except EngineMissing as missing:
                raise CallFailed("engine_missing") from missing


def _page(jpeg: bytes) -> Page:
    luma = np.asarray(opened(jpeg).convert("L"))
    return Page(luma, max(luma.shape), [])
