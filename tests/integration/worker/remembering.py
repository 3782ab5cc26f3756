"""Readers of the real engine that remember: many tests look at the same film, and reading is what costs most of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.limits import ReaderLimits
from sightglass_worker.ocr.process import EngineChoice, TextReader
from sightglass_worker.ocr.readers import TextReaders

T = TypeVar("T")
Told = dict[tuple[object, ...], Any]


class RememberingReaders(TextReaders):
    """Each page is shown to the engine once. What it raises is not remembered."""

    def __init__(self, choice: EngineChoice, limits: ReaderLimits) -> None:
        super().__init__(choice, limits)
        self._told: Told = {}

    @asynccontextmanager
    async def reader(self) -> AsyncGenerator[TextReader]:
        async with super().reader() as reader:
            yield _Remembering(reader, self._told)


class _Remembering(TextReader):
    def __init__(self, reader: TextReader, told: Told) -> None:
        self._reader = reader
        self._engine = reader._engine
        self._told = told

    async def read(self, page: Page) -> list[Line]:
        return await self._once(self._reader.read, page)

    async def find(self, page: Page) -> list[Box]:
        return await self._once(self._reader.find, page)

    async def _once(self, ask: Callable[[Page], Awaitable[list[T]]], page: Page) -> list[T]:
        shown = (ask.__name__, page.luma.shape, page.picture_side, tuple(page.wanted), page.luma.tobytes())
        if shown not in self._told:
            self._told[shown] = await ask(page)
        return list(self._told[shown])
