"""A text engine in a process of its own, started when it is first needed."""

from dataclasses import asdict, dataclass
from typing import Final, TypeVar

from pydantic import TypeAdapter

from sightglass_common.sandbox.wire import Message
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.engines.process import EngineProcess
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.limits import ReaderLimits

_T = TypeVar("_T")

_CHILD: Final = "sightglass_worker.ocr.child"
_LINES: Final = TypeAdapter(list[Line])
_BOXES: Final = TypeAdapter(list[Box])


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine that is known to be installed. program: of an engine that is one."""

    name: str
    program: str = ""


class TextReader:
    """Reads one page at a time. A process that fails is ended, and another started for the next page."""

    def __init__(self, choice: EngineChoice, limits: ReaderLimits) -> None:
        self._engine = EngineProcess(_CHILD, asdict(choice), limits)

    @property
    def pid(self) -> int | None:
        """The engine's process, if there is one."""
        return self._engine.pid

    async def read(self, page: Page) -> list[Line]:
        """The wanted lines of a page. Raises CallFailed, and EngineMissing if there is no engine after all."""
        return await self._engine.ask(_request("page", page), _LINES.validate_python)

    async def find(self, page: Page) -> list[Box]:
        """Where a page shows text, however little certain; nothing is read. Raises as `read` does."""
        return await self._engine.ask(_request("find", page), _BOXES.validate_python)

    async def give(self, part: Message) -> None:
        """Give the process a part of what the next call is of. Raises as `read` does."""
        await self._engine.ask(part, lambda _: None)

    async def told(self, request: Message, kind: type[_T]) -> _T:
        """The answer to a call, as it should be. Raises as `read` does."""
        return await self._engine.ask(request, TypeAdapter(kind).validate_python)

    def end(self) -> None:
        """End the process, if there is one."""
        self._engine.end()


def _request(kind: str, page: Page) -> Message:
    rows, columns = page.luma.shape
    fields = {"width": columns, "height": rows, "picture_side": page.picture_side, "wanted": list(page.wanted)}
    return Message(kind, fields, page.luma.tobytes())
