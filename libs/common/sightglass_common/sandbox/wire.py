"""Messages between a service and a child: a kind, JSON fields and a blob, each of bounded size."""

import json
import socket
import struct
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, cast

# Lengths of the JSON and of the blob, which follow it.
HEADER: Final = struct.Struct(">II")


class GarbledError(Exception):
    """What came over the socket is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. fields: JSON values by name."""

    kind: str
    fields: dict[str, Any]
    blob: bytes = b""


@dataclass(frozen=True, slots=True)
class Wire:
    """What carries messages. json_bytes, blob_bytes: the most that one may have of each, on both sides."""

    json_bytes: int
    blob_bytes: int

    def packed(self, message: Message) -> bytes:
        """The bytes that carry a message. Raises ValueError when it is larger than a reader takes."""
        return self._head(message) + message.blob

    def send(self, connection: socket.socket, message: Message) -> None:
        """Send a message. Raises ConnectionError, TimeoutError; ValueError when it is larger than a reader takes."""
        connection.sendall(self._head(message))
        if message.blob:  # by itself, as it may be too large to be copied for nothing
            connection.sendall(message.blob)

    def receive(self, connection: socket.socket, within_s: float | None = None) -> Message | None:
        """Wait for the next message; None at the end of the stream. Raises GarbledError, TimeoutError.

        within_s: for all of it, in however small pieces it comes. The socket then has another timeout than before.
        """
        until = None if within_s is None else monotonic() + within_s
        try:
            text_size, blob_size = self.sizes(_exactly(connection, HEADER.size, until))
            return parsed(_exactly(connection, text_size, until), _exactly(connection, blob_size, until))
        except (ConnectionError, EOFError):
            return None

    def sizes(self, head: bytes) -> tuple[int, int]:
        """Lengths of the JSON and of the blob that follow a header. Raises GarbledError."""
        text_size, blob_size = HEADER.unpack(head)
        if text_size > self.json_bytes or blob_size > self.blob_bytes:
            msg = f"a message of {text_size} + {blob_size} bytes"
            raise GarbledError(msg)
        return text_size, blob_size

    def _head(self, message: Message) -> bytes:
        """All but the blob."""
        text = json.dumps({"kind": message.kind, **message.fields}).encode()
        if len(text) > self.json_bytes or len(message.blob) > self.blob_bytes:
            msg = f"message {message.kind} has {len(text)} + {len(message.blob)} bytes"
            raise ValueError(msg)
        return HEADER.pack(len(text), len(message.blob)) + text


def parsed(text: bytes, blob: bytes) -> Message:
    """The message of which this is all but the header. Raises GarbledError."""
    try:
        fields: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GarbledError(str(error)) from error
    if not isinstance(fields, dict):
        msg = "a message without fields"
        raise GarbledError(msg)
    named = cast("dict[str, Any]", fields)
    return Message(str(named.pop("kind", "")), named, blob)


def _exactly(connection: socket.socket, size: int, until: float | None) -> bytes:
    """So many bytes. Raises EOFError at the end of the stream, TimeoutError when they have not come by then."""
    _wait_until(connection, until)
    # The kernel waits for all of them, so that none is copied again, unless the socket has a timeout or a signal comes.
    first = connection.recv(size, socket.MSG_WAITALL) if size else b""
    if len(first) == size:
        return first
    data, done = bytearray(size), len(first)
    data[:done] = first
    view = memoryview(data)
    while done < size:
        _wait_until(connection, until)
        got = connection.recv_into(view[done:])
        if not got:
            raise EOFError
        done += got
    return bytes(data)


def _wait_until(connection: socket.socket, until: float | None) -> None:
    """Have the next call wait no longer than that. Raises TimeoutError when it is past."""
    if until is not None:
        left_s = until - monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
