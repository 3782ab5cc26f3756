"""Messages between the scanner and the child that reads: a kind, JSON fields and a blob, each of bounded size."""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any, Final, cast

_HEADER: Final = struct.Struct(">II")
_MAX_JSON: Final = 4 * 1024 * 1024
# A piece of text is at most some MiB, and so is what is read of a source at once.
MAX_BLOB: Final = 32 * 1024 * 1024


class GarbledError(Exception):
    """What came over the socket is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. fields: JSON values by name."""

    kind: str
    fields: dict[str, Any]
    blob: bytes = b""


def send(connection: socket.socket, kind: str, blob: bytes = b"", **fields: object) -> None:
    """Send a message. Raises ConnectionError, TimeoutError; ValueError when it is larger than a reader takes."""
    text = json.dumps({"kind": kind, **fields}).encode("utf-8", "replace")
    if len(text) > _MAX_JSON or len(blob) > MAX_BLOB:
        msg = f"message {kind} has {len(text)} + {len(blob)} bytes"
        raise ValueError(msg)
    connection.sendall(_HEADER.pack(len(text), len(blob)) + text)
    if blob:
        connection.sendall(blob)


def receive(connection: socket.socket) -> Message | None:
    """Wait for the next message; None at the end of the stream. Raises GarbledError, TimeoutError."""
    try:
        text_size, blob_size = _HEADER.unpack(_exactly(connection, _HEADER.size))
        if text_size > _MAX_JSON or blob_size > MAX_BLOB:
            msg = f"a message of {text_size} + {blob_size} bytes"
            raise GarbledError(msg)
        return _parsed(_exactly(connection, text_size), _exactly(connection, blob_size))
    except (ConnectionError, EOFError):
        return None


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        got = connection.recv_into(view[done:])
        if not got:
            raise EOFError
        done += got
    return bytes(data)


def _parsed(text: bytes, blob: bytes) -> Message:
    try:
        fields: object = json.loads(text)
    except ValueError as error:
        raise GarbledError(str(error)) from error
    if not isinstance(fields, dict):
        msg = "a message without fields"
        raise GarbledError(msg)
    named = cast("dict[str, Any]", fields)
    return Message(str(named.pop("kind", "")), named, blob)
