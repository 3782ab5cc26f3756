"""Reading in a child process, seen from the scanner."""

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from time import monotonic
from typing import Final

from sightglass_common.sandbox.ended import OUT_OF_MEMORY_STATUS
from sightglass_common.sandbox.wire import GarbledError, Message
from sightglass_scanner.readers.forks import Fork
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reading import Column, Ended, Handed, MediaKind, Piece, Skipped, SkipReason, Text
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.wire import WIRE

_PIECES: Final = frozenset(("text", "skipped", "handed", "paused", "end"))


def read_foreign(source: Source, name: str, limits: Limits) -> Iterator[Piece | Ended]:
    """All text of an object, and what could not be read of it, read by a child.

    However the child ends, what it has said before is given first. Raises only what the source raises, and OSError
    when there can be no child. Places can be asked for as long as the iterator is not at its end.
    """
    reading = _Reading(Fork(), source, limits)
    try:
        yield from reading.pieces(name)
    finally:
        reading.end()


class _Lost(Exception):
    """The child is over, or is to be."""

    def __init__(self, skipped: Skipped) -> None:
        super().__init__(skipped)
        self.skipped = skipped


class _Reading:
    def __init__(self, fork: Fork, source: Source, limits: Limits) -> None:
        self._fork = fork
        self._source = source
        self._limits = limits
        self._left_s = limits.wall_s
        self._told: deque[Message] = deque()
        self._over = False

    def pieces(self, name: str) -> Iterator[Piece | Ended]:
        try:
            self._send("read_object", size_bytes=self._source.size_bytes, name=name, limits=asdict(self._limits))
            while (message := self._next()).kind != "end":
                if message.kind == "paused":
                    self._send("more")
                else:
                    yield self._piece(message)
            yield Ended()
        except _Lost as lost:
            yield lost.skipped

    def end(self) -> None:
        if not self._over:
            self._over = True
            self._fork.end()

    def _next(self) -> Message:
        return self._told.popleft() if self._told else self._awaited(_PIECES)

    def _piece(self, message: Message) -> Piece:
        fields = message.fields
        if message.kind == "skipped":
            place = Locator.from_json(fields["place"]) if fields["place"] else None
            return Skipped(SkipReason(fields["reason"]), place, str(fields["detail"]))
        if message.kind == "handed":
            return Handed(MediaKind(fields["media"]), fields["member"])
        number = int(fields["text"])
        columns = partial(self._columns, number) if fields["table"] else None
        locate = partial(self._place, "locate", number)
        return Text(
            message.blob,
            lambda start, end: locate(start=start, end=end),
            str(fields["labels"]).encode(),
            int(fields["offset"]),
            columns,
        )

    def _place(self, kind: str, number: int, **asked: int) -> Locator:
        """Raises LookupError when the text is no more held, or the child is over."""
        place = self._asked(kind, "place", text=number, **asked).fields["place"]
        if place is None:
            msg = "the text is no more held"
            raise LookupError(msg)
        return Locator.from_json(place)

    def _columns(self, number: int) -> Sequence[Column]:
        answer = self._asked("columns", "columns", text=number)
        columns: list[Column] = []
        at = 0
        for i, (name, sizes) in enumerate(zip(answer.fields["names"], answer.fields["sizes"], strict=True)):
            values: list[bytes] = []
            for size in sizes:
                values.append(answer.blob[at : at + size])
                at += size
            columns.append(Column(str(name).encode(), values, partial(self._cell, number, i)))
        return columns

    def _cell(self, number: int, column: int, index: int) -> Locator:
        return self._place("cell", number, column=column, index=index)

    def _asked(self, kind: str, answer: str, **fields: int) -> Message:
        if self._over:
            msg = "the object is no more held"
            raise LookupError(msg)
        try:
            self._send(kind, b"", **fields)
            return self._awaited(frozenset((answer,)))
        except _Lost as lost:
            # What was lost is told in its turn.
            said = {"reason": lost.skipped.reason, "place": None, "detail": lost.skipped.detail}
            self._told.append(Message("skipped", said))
            self._told.append(Message("end", {}))
            msg = "the object is no more held"
            raise LookupError(msg) from lost

    def _awaited(self, kinds: frozenset[str]) -> Message:
        """The next message of these kinds; what else comes is kept for later, and what is asked for is served."""
        while True:
            message = self._received()
            if message.kind in kinds:
                return message
            if message.kind == "read":
                fields = message.fields
                length = min(int(fields["length"]), WIRE.blob_bytes)
                self._send("bytes", self._source.read(int(fields["offset"]), length))
            elif message.kind in _PIECES:
                self._told.append(message)
            else:
                raise self._lost(Skipped(SkipReason.CRASHED, None, "it said what it was not asked"))

    def _received(self) -> Message:
        if self._left_s <= 0:
            raise self._lost(Skipped(SkipReason.TIMEOUT))
        began = monotonic()
        try:
            message = WIRE.receive(self._fork.talk, self._left_s)
        except TimeoutError:
            raise self._lost(Skipped(SkipReason.TIMEOUT)) from None
        except GarbledError:
            raise self._lost(Skipped(SkipReason.CRASHED, None, "what it said was garbled")) from None
        finally:
            self._left_s -= monotonic() - began
        if message is None:
            self._over = True
            raise _Lost(_reason(self._fork.fate()))
        return message

    def _send(self, kind: str, blob: bytes = b"", /, **fields: object) -> None:
        self._fork.talk.settimeout(max(self._left_s, 1.0))
        try:
            WIRE.send(self._fork.talk, Message(kind, fields, blob))
        except ConnectionError:
            return  # _received() tells why
        except TimeoutError:
            raise self._lost(Skipped(SkipReason.TIMEOUT)) from None

    def _lost(self, skipped: Skipped) -> _Lost:
        self.end()
        return _Lost(skipped)


def _reason(status: int) -> Skipped:
    if status == OUT_OF_MEMORY_STATUS:
        return Skipped(SkipReason.MEMORY)
    if status == -signal.SIGXCPU:
        return Skipped(SkipReason.TIMEOUT, None, "processor time")
    if status == -signal.SIGABRT:
        # How code in Rust and C++ ends when there is no more memory.
        return Skipped(SkipReason.MEMORY, None, "aborted")
    if status == -signal.SIGKILL:
        # Nobody here has killed it, so the kernel did, for the machine's memory.
        return Skipped(SkipReason.MEMORY, None, "killed")
    name = signal.Signals(-status).name if status < 0 else f"status {status}"
    return Skipped(SkipReason.CRASHED, None, name)
