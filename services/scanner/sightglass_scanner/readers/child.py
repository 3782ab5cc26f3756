"""The process that reads what parsers of foreign formats are needed for, under limits, and tells the scanner the text.

A fork of the fork server, which this module is started as. Standard input is a socket to the scanner. What is said over
it: first `read_object {size_bytes, name, limits}`. From then on the child sends `text`, `skipped` and `handed`, and
`paused` when much of that was not yet looked at, which `more` answers; it asks `read {offset, length}`, which `bytes`
answers; at last it sends `end`. At any time it answers `locate {text, start, end}`, `columns {text}` and
`cell {text, column, index}`.

Or it is said first `read_rows {size_bytes, wanted, limits}`: then the child asks `read` in the same way, sends `rows`
as JSON, and at last `next {at}`, or `unreadable {detail}`.
"""

import encodings
import importlib
import json
import os
import pkgutil
import socket
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from sightglass_common.sandbox.confine import confine, taken_bytes
from sightglass_common.sandbox.ended import OUT_OF_MEMORY_STATUS
from sightglass_common.sandbox.fork_server import run
from sightglass_common.sandbox.wire import GarbledError, Message
from sightglass_scanner.readers import metadata
from sightglass_scanner.readers.contents import contents  # all of it now, as the sandbox lets no file be opened
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reading import Column, Handed, Skipped, Text
from sightglass_scanner.readers.row_groups import Unreadable, Wanted, read_rows
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.wire import WIRE

# What may be sent before it was looked at: so much that all its places can still be told.
_AHEAD_BYTES: Final = 64 * 1024
_KEPT_TEXTS: Final = 2


class _Gone(Exception):
    """The scanner wants no more."""


class _Conversation:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._waiting: deque[Message] = deque()
        self._texts: dict[int, Text] = {}
        self._columns: dict[int, Sequence[Column]] = {}
        self._ahead = 0
        self._next = 0
        self._after_pause = 0

    def serve(self) -> None:
        """Read the object that is asked for. Raises _Gone, MemoryError."""
        request = self._received()
        limits = Limits(**request.fields["limits"])
        source = _Served(request.fields["size_bytes"], self._read)
        memory_bytes = taken_bytes() + limits.memory_bytes
        confine(memory_bytes=memory_bytes, cpu_s=limits.cpu_s, cpu_most_s=limits.cpu_s)
        if request.kind == "read_rows":
            self._serve_rows(source, request)
            return
        for piece in contents(source, request.fields["name"], limits):
            if isinstance(piece, Text):
                self._say_text(piece)
            elif isinstance(piece, Skipped):
                place = piece.place.as_json() if piece.place else None
                self._say("skipped", reason=piece.reason, place=place, detail=piece.detail)
            else:
                self._say_handed(piece)
            self._answer_waiting()
        self._say("end")
        while True:
            self._answer(self._received())

    def _serve_rows(self, source: Source, request: Message) -> None:
        try:
            for some in read_rows(source, Wanted(**request.fields["wanted"])):
                if isinstance(some, list):
                    self._say("rows", json.dumps(some).encode())
                else:
                    self._say("next", at=some)
        except (MemoryError, _Gone):
            raise
        except Unreadable as error:
            self._say("unreadable", detail=str(error))
        except Exception as error:  # noqa: BLE001 -- whatever a library finds wrong with foreign bytes
            self._say("unreadable", detail=type(error).__name__)

    def _say_handed(self, piece: Handed) -> None:
        self._say("handed", media=piece.kind, member=piece.member)

    def _say_text(self, text: Text) -> None:
        number = self._next
        self._next += 1
        self._texts[number] = text
        labels = text.labels.decode("utf-8", "replace")
        table = text.columns is not None
        self._say("text", text.data, text=number, offset=text.offset, labels=labels, table=table)
        self._ahead += len(text.data)
        if self._ahead >= _AHEAD_BYTES:
            self._say("paused")
            while self._ahead:
                self._answer(self._received())

    def _read(self, offset: int, length: int) -> bytes:
        self._say("read", offset=offset, length=length)
        while (message := self._from_scanner()).kind != "bytes":
            self._waiting.append(message)
        return message.blob

    def _answer_waiting(self) -> None:
        while self._waiting:
            self._answer(self._waiting.popleft())

    def _answer(self, message: Message) -> None:
        fields = message.fields
        if message.kind == "more":
            self._ahead = 0
            self._let_go()
        elif message.kind == "locate":
            self._say_place(lambda: self._texts[fields["text"]].locate(fields["start"], fields["end"]))
        elif message.kind == "cell":
            self._say_place(partial(self._cell, fields["text"], fields["column"], fields["index"]))
        elif message.kind == "columns":
            self._say_columns(fields["text"])
        else:
            raise GarbledError(message.kind)

    def _cell(self, number: int, column: int, index: int) -> Locator:
        return self._columns[number][column].locate(index)

    def _let_go(self) -> None:
        """Forget the texts before the last pause but for one: a finding may begin in the text before."""
        for number in [n for n in self._texts if n < self._after_pause - _KEPT_TEXTS]:
            del self._texts[number]
            self._columns.pop(number, None)
        self._after_pause = self._next

    def _say_place(self, locate: Callable[[], Locator]) -> None:
        try:
            place = locate().as_json()
        except (LookupError, OSError):
            place = None
        self._say("place", place=place)

    def _say_columns(self, number: int) -> None:
        text = self._texts[number]
        columns = self._columns[number] = text.columns() if text.columns else ()
        names = [column.name.decode("utf-8", "replace") for column in columns]
        sizes = [[len(value) for value in column.values] for column in columns]
        blob = b"".join(b"".join(column.values) for column in columns)
        self._say("columns", blob, names=names, sizes=sizes)

    def _received(self) -> Message:
        return self._waiting.popleft() if self._waiting else self._from_scanner()

    def _from_scanner(self) -> Message:
        message = WIRE.receive(self._connection)
        if message is None:
            raise _Gone
        return message

    def _say(self, kind: str, blob: bytes = b"", **fields: object) -> None:
        try:
            WIRE.send(self._connection, Message(kind, fields, blob))
        except ConnectionError as error:
            raise _Gone from error


class _Served:
    """The object, which the scanner reads for us."""

    def __init__(self, size_bytes: int | None, read: Callable[[int, int], bytes]) -> None:
        self.size_bytes = size_bytes
        self.read = read


def work(connection: socket.socket) -> int:
    """Serve the scanner. Returns the exit status."""
    try:
        _Conversation(connection).serve()
    except _Gone:
        return 0
    except MemoryError:
        return OUT_OF_MEMORY_STATUS
    return 1


def _load_encodings() -> None:
    """All of them, as an e-mail may be in any."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):  # those of Windows
            importlib.import_module(f"encodings.{module.name}")


if __name__ == "__main__":
    _load_encodings()
    metadata.load()
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(run(work))
