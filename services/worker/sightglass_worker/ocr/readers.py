"""The worker's engines: one warm process for each film that is read at a time."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal

from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.ocr.film import FilmTexts
from sightglass_worker.ocr.limits import ReaderLimits
from sightglass_worker.ocr.process import EngineChoice, TextReader
from sightglass_worker.ocr.rapid_parts import models

EngineName = Literal["rapidocr", "tesseract", "none"]


class TextReaders:
    """Hands out readers, one a film, and takes them back warm."""

    def __init__(self, choice: EngineChoice, limits: ReaderLimits) -> None:
        self._choice = choice
        self._limits = limits
        self._idle: list[TextReader] = []

    @asynccontextmanager
    async def film(self, calls_per_minute: int) -> AsyncGenerator[FilmTexts]:
        """A film's texts."""
        async with self.reader() as reader:
            yield FilmTexts(reader.read, calls_per_minute)

    @asynccontextmanager
    async def reader(self) -> AsyncGenerator[TextReader]:
        """A reader, which goes to the next who wants one."""
        reader = self._idle.pop() if self._idle else TextReader(self._choice, self._limits)
        try:
            yield reader
        finally:
            self._idle.append(reader)

    def end(self) -> None:
        """End the processes of all readers that no film has."""
        while self._idle:
            self._idle.pop().end()


@asynccontextmanager
async def text_readers(engine: EngineName, limits: ReaderLimits | None = None) -> AsyncGenerator[TextReaders | None]:
    """Readers with this engine; None if no text is to be read. Raises EngineMissing at once, not in the first film."""
    choice = _chosen(engine)
    if choice is None:
        yield None
        return
    readers = TextReaders(choice, limits or ReaderLimits())
    try:
        yield readers
    finally:
        readers.end()


def _chosen(engine: EngineName) -> EngineChoice | None:
    match engine:
        case "none":
            return None
        case "tesseract":
            program = shutil.which("tesseract")
            if program is None:
                raise EngineMissing("there is no program `tesseract` on the PATH")
            return EngineChoice(engine, program)
        case "rapidocr":
            models()
            return EngineChoice(engine)
