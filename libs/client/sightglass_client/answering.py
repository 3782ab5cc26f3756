"""Follows the answer to a question: by its event stream while that works, else by asking for the whole of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

import httpx
from pydantic import BaseModel

from sightglass_client.conversations import Citation, Delta, Done, Reset, Retrieval, Turn, TurnEvent, Usage
from sightglass_client.errors import AnswerFailed, UnexpectedAnswer, WaitTimedOut
from sightglass_client.events import Event
from sightglass_client.following import ALIVE_S, FIRST_SILENCE_S, Following, is_stream
from sightglass_client.models import JobError
from sightglass_client.retry import delay_s
from sightglass_client.session import Session

M = TypeVar("M", bound=BaseModel)
_KINDS: Final[Mapping[str, type[TurnEvent]]] = {
    "retrieval": Retrieval,
    "delta": Delta,
    "reset": Reset,
    "citation": Citation,
    "usage": Usage,
    "done": Done,
}


class Answering:
    """The way of one turn to its end.

    path: of the turn. timeout_s: WaitTimedOut is raised after that time. clock: of this machine, or a test's.
    """

    def __init__(
        self,
        session: Session,
        path: str,
        *,
        timeout_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._path = path
        self._way = Following(session, path, late=_late, timeout_s=timeout_s, clock=clock)
        self._text = ""
        self._cited = set[int]()
        self._over = False

    def __iter__(self) -> Iterator[TurnEvent]:
        """Each event once, in order; ends with Done. Raises AnswerFailed."""
        failures, alive_s = 0, FIRST_SILENCE_S
        while not self._over:
            before = self._way.last_id
            try:
                yield from self._streamed(alive_s)
            except httpx.ReadTimeout:
                alive_s = ALIVE_S
            except httpx.TransportError:
                pass  # cut, or no way there: asking tells which
            if self._over:
                return
            failures = 1 if self._way.last_id != before else failures + 1
            turn = self._session.get_as(Turn, self._path)
            if turn.over:
                yield from self._rest(turn)
            else:
                self._way.pause(delay_s(failures))

    def _streamed(self, alive_s: float) -> Iterator[TurnEvent]:
        """What one stream gives; nothing where it is refused."""
        with self._way.stream(alive_s) as answer:
            if not is_stream(answer):
                return
            for event in self._way.events(answer):
                yield from self._taken(event)
                if self._over:
                    return

    def _taken(self, event: Event) -> Iterator[TurnEvent]:
        if event.kind == "error":
            raise _failed(_read(JobError, event))
        if (kind := _KINDS.get(event.kind)) is None:
            return  # of a newer server
        content = _read(kind, event)
        self._way.last_id = event.id
        self._remember(content)
        yield content

    def _remember(self, content: TurnEvent) -> None:
        match content:
            case Delta(text=text):
                self._text += text
            case Reset():
                self._text = ""
                self._cited.clear()
            case Citation(n=n):
                self._cited.add(n)
            case Done():
                self._over = True
            case _:
                return

    def _rest(self, turn: Turn) -> Iterator[TurnEvent]:
        """What did not come of a turn that is over."""
        self._over = True
        if turn.status != "done":
            raise _failed(turn.error or JobError(code=turn.status))
        whole = turn.answer or ""
        if not whole.startswith(self._text):
            # Another attempt has answered, and its reset did not come.
            yield Reset()
            self._text = ""
            self._cited.clear()
        if rest := whole[len(self._text) :]:
            yield Delta(text=rest)
        yield from (citation for citation in turn.citations if citation.n not in self._cited)
        yield Done(answered=bool(turn.answered))


def _late(timeout_s: float) -> WaitTimedOut:
    return WaitTimedOut(f"There is no answer after {timeout_s:g} s.", detail="The question stays put.")


def _read(model: type[M], event: Event) -> M:
    try:
        return model.model_validate_json(event.data)
    except ValueError as error:
        raise UnexpectedAnswer(f"An event of the stream is no {event.kind}.", detail=str(error)[:200]) from error


def _failed(error: JobError) -> AnswerFailed:
    return AnswerFailed(error.title or "The question was not answered.", detail=error.detail, code=error.code)
