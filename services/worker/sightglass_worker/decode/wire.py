"""Messages between the worker and its decoder: a kind, JSON fields and a blob, each of bounded size."""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any, Final, cast

HEADER: Final = struct.Struct(">II")
# The largest JSON is a sprite sheet's WebVTT (about 8 kB), the largest blob a picture.
_MAX_JSON: Final = 256 * 1024
_MAX_BLOB: Final = 8 * 1024 * 1024


class GarbledError(Exception):
    """What came over the socket is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. fields: JSON values by name."""

    kind: str
    fields: dict[str, Any]
    blob: bytes = b""


def packed(message: Message) -> bytes:
    """The bytes that carry a message. Raises ValueError when it is larger than a reader takes."""
    text = json.dumps({"kind": message.kind, **message.fields}).encode()
    if len(text) > _MAX_JSON or len(message.blob) > _MAX_BLOB:
        msg = f"message {message.kind} has {len(text)} + {len(message.blob)} bytes"
        raise ValueError(msg)
    return HEADER.pack(len(text), len(message.blob)) + text + message.blob


def receive(connection: socket.socket) -> Message | None:
    """Wait for the next message; None at the end of the stream. Raises GarbledError."""
    head = _exactly(connection, HEADER.size)
    if head is None:
        return None
    text_size, blob_size = sizes(head)
    text, blob = _exactly(connection, text_size), _exactly(connection, blob_size)
    return None if text is None or blob is None else parsed(text, blob)


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    """So many bytes; None at the end of the stream. The kernel waits for all of them, so that none is copied again."""
    data = connection.recv(size, socket.MSG_WAITALL) if size else b""
    while len(data) < size:  # a signal came
        part = connection.recv(size - len(data), socket.MSG_WAITALL)
        if not part:
            return None
        data += part
    return data


def sizes(head: bytes) -> tuple[int, int]:
    """Lengths of the JSON and of the blob that follow a header. Raises GarbledError."""
    text_size, blob_size = HEADER.unpack(head)
    if text_size > _MAX_JSON or blob_size > _MAX_BLOB:
        msg = f"a message of {text_size} + {blob_size} bytes"
        raise GarbledError(msg)
    return text_size, blob_size


def parsed(text: bytes, blob: bytes) -> Message:
    """The message of which this is all but the header. Raises GarbledError."""
    try:
        fields: object = json.loads(text)
    except ValueError as error:
        raise GarbledError(str(error)) from error
    if not isinstance(fields, dict):
        msg = "a message without fields"
        raise GarbledError(msg)
    named = cast("dict[str, Any]", fields)
    return Message(str(named.pop("kind", "")), named, blob)
