"""An engine in a process of its own, started when it is first needed and kept from film to film."""

import asyncio
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from sightglass_common.errors import DecoderCrashed, DecodeTimeout, SightglassError
from sightglass_worker.decode.process import Decoder
from sightglass_worker.decode.wire import Message
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import EngineMissing, Page
from sightglass_worker.ocr.limits import ReaderLimits

_CHILD: Final = "sightglass_worker.ocr.child"
# Memory that a page took is given back after it, as by default it would not be once larger pages were
# seen. To give back smaller blocks costs more than to read. No threads beside the one.
_ENVIRONMENT: Final = {
    # Else onnxruntime keeps a database in the home folder, and sends its maker what it is used for.
    "ORT_DISABLE_TELEMETRY": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "16777216",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_LINES: Final = TypeAdapter(list[Line])
_BOXES: Final = TypeAdapter(list[Box])
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine that is known to be installed. program: of an engine that is one."""

    name: str
    program: str = ""


class PageUnread(Exception):
    """A page could not be read: the engine crashed, or took too long. reason: an error code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TextReader:
    """Reads one page at a time. A process that fails is ended, and another started for the next page."""

    def __init__(self, choice: EngineChoice, limits: ReaderLimits) -> None:
        self._choice = choice
        self._limits = limits
        self._child: Decoder | None = None

    @property
    def pid(self) -> int | None:
        """The engine's process, if there is one."""
        return self._child.pid if self._child else None

    async def read(self, page: Page) -> list[Line]:
        """The wanted lines of a page. Raises PageUnread, and EngineMissing if there is no engine after all."""
        return await self._asked("page", page, _LINES)

    async def find(self, page: Page) -> list[Box]:
        """Where a page shows text, however little certain; nothing is read. Raises as `read` does."""
        return await self._asked("find", page, _BOXES)

    async def _asked(self, kind: str, page: Page, answer: TypeAdapter[_T]) -> _T:
        try:
            child = self._child or await self._start()
            async with asyncio.timeout(self._limits.call_wall_s):
                return await _told(child, kind, page, answer)
        except TimeoutError as error:
            self.end()
            raise PageUnread(DecodeTimeout.code) from error
        except SightglassError as error:
            self.end()
            raise PageUnread(error.code) from error
        except BaseException:
            self.end()  # also when this is cancelled: the process would answer to the next page
            raise

    def end(self) -> None:
        """End the process, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None

    async def _start(self) -> Decoder:
        self._child = child = await Decoder.start(_CHILD, _ENVIRONMENT)
        async with asyncio.timeout(self._limits.start_wall_s):
            greeting = {
                "name": self._choice.name,
                "program": self._choice.program,
                "memory_bytes": self._limits.memory_bytes,
                "call_cpu_s": self._limits.call_cpu_s,
            }
            await child.send(Message("engine", greeting))
            answer = await _answer(child)
        if answer.kind == "missing":
            raise EngineMissing(str(answer.fields.get("detail", ""))[:300])
        return child


async def _told(child: Decoder, kind: str, page: Page, answers: TypeAdapter[_T]) -> _T:
    rows, columns = page.luma.shape
    fields = {"width": columns, "height": rows, "picture_side": page.picture_side, "wanted": list(page.wanted)}
    await child.send(Message(kind, fields, page.luma.tobytes()))
    answer = await _answer(child)
    try:
        return answers.validate_python(answer.fields.get("found"))
    except ValidationError as error:
        raise DecoderCrashed("The engine sent a result that is none.") from error


async def _answer(child: Decoder) -> Message:
    async for message in child.messages():
        return message
    raise await child.fate()
