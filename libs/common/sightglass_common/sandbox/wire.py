"""Messages between a service and a child: a kind, JSON fields and a blob, each of bounded size."""

import json
import socket
import struct
from dataclasses import dataclass
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

    def receive(self, connection: socket.socket) -> Message | None:
        """Wait for the next message; None at the end of the stream. Raises GarbledError, TimeoutError."""
        try:
            text_size, blob_size = self.sizes(_exactly(connection, HEADER.size))
            return parsed(_exactly(connection, text_size), _exactly(connection, blob_size))
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
    except ValueError as error:
        raise GarbledError(str(error)) from error
    if not isinstance(fields, dict):
        msg = "a message without fields"
        raise GarbledError(msg)
    named = cast("dict[str, Any]", fields)
    return Message(str(named.pop("kind", "")), named, blob)


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes. Raises EOFError at the end of the stream."""
    # The kernel waits for all of them, so that none is copied again, unless the socket has a timeout or a signal comes.
    first = connection.recv(size, socket.MSG_WAITALL) if size else b""
    if len(first) == size:
        return first
    data, done = bytearray(size), len(first)
    data[:done] = first
    view = memoryview(data)
    while done < size:
        got = connection.recv_into(view[done:])
        if not got:
            raise EOFError
        done += got
    return bytes(data)
