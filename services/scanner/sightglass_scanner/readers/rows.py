"""Rows of a Parquet or ORC file, read by a child, seen from the scanner."""

import json
from contextlib import suppress
from dataclasses import asdict
from time import monotonic

from sightglass_common.sandbox.ended import OUT_OF_MEMORY_STATUS
from sightglass_common.sandbox.wire import GarbledError, Message
from sightglass_scanner.readers.forks import Fork
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.row_groups import At, Row, Unreadable, Wanted
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.wire import WIRE


def rows_of(source: Source, wanted: Wanted, limits: Limits) -> tuple[list[Row], At | None]:
    """The rows, and the place behind them; None: the end of the file.

    Raises Unreadable when the file cannot be read, what the source raises, and OSError when there can be no child.
    """
    talking = _Talking(Fork(), source, limits)
    try:
        return talking.rows(wanted)
    finally:
        talking.end()


class _Talking:
    def __init__(self, fork: Fork, source: Source, limits: Limits) -> None:
        self._fork = fork
        self._source = source
        self._limits = limits
        self._left_s = limits.wall_s
        self._over = False

    def rows(self, wanted: Wanted) -> tuple[list[Row], At | None]:
        limits, size_bytes = asdict(self._limits), self._source.size_bytes
        asked = {"size_bytes": size_bytes, "wanted": asdict(wanted), "limits": limits}
        self._send(Message("read_rows", asked))
        rows: list[Row] = []
        while (message := self._received()).kind == "rows":
            rows += json.loads(message.blob)
        if message.kind != "next":
            raise Unreadable(str(message.fields.get("detail", "it said what it was not asked")))
        place = message.fields["at"]
        return rows, None if place is None else (int(place[0]), int(place[1]))

    def end(self) -> None:
        if not self._over:
            self._fork.end()

    def _received(self) -> Message:
        """The next message, while what is asked for is served."""
        while True:
            message = self._said()
            if message is None:
                self._over = True
                raise Unreadable(_told_by(self._fork.fate()))
            if message.kind != "read":
                return message
            length = min(int(message.fields["length"]), WIRE.blob_bytes)
            block = self._source.read(int(message.fields["offset"]), length)
            self._send(Message("bytes", {}, block))

    def _said(self) -> Message | None:
        """Its next message, within the time that waiting for it may take in all."""
        began = monotonic()
        try:
            return WIRE.receive(self._fork.talk, self._left_s)
        except (TimeoutError, GarbledError) as error:
            raise Unreadable(f"reading it ended with {type(error).__name__}") from error
        finally:
            self._left_s -= monotonic() - began

    def _send(self, message: Message) -> None:
        self._fork.talk.settimeout(max(self._left_s, 1.0))
        with suppress(ConnectionError):  # the next message tells
            WIRE.send(self._fork.talk, message)


def _told_by(status: int) -> str:
    if status == OUT_OF_MEMORY_STATUS:
        return "reading it takes more memory than it may"
    return f"the process that read it ended with status {status}"
