"""An answer of HTTP/1.1 (RFC 9112), read as its bytes come: pure."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

HEAD_BYTES: Final = 64 * 1024
# Answers without a body, whatever their headers say.
_BODILESS: Final = frozenset({204, 304})


# What is looked for in every answer. Taking all of a head apart would cost three times as much.
_USED: Final = re.compile(
    rb"\r\n(connection|content-length|content-range|etag|transfer-encoding|x-amz-version-id):[ \t]*([^\r\n]*)",
    re.IGNORECASE,
)


class Answer(NamedTuple):
    """An answer. headers: those that are used of each, by their names in lower case; head: the lines of all.

    keeps: whether the connection takes another request.
    """

    status: int
    headers: Mapping[bytes, str]
    head: bytes
    body: bytes
    keeps: bool

    @property
    def all_headers(self) -> Mapping[str, str]:
        """By their names in lower case."""
        parted = [line.partition(":") for line in self.head.decode("latin-1").split("\r\n")[1:]]
        return {name.lower(): value.strip() for name, _, value in parted}


class NoAnswer(Exception):
    """What came is no answer, or a longer one than was asked for."""


class AnswerReader:
    """Reads one answer. head: room for its head, and for what came with that."""

    def __init__(self, head: memoryview, most_bytes: int) -> None:
        self._head = head
        self._most_bytes = most_bytes
        self._used = 0
        self._status = 0
        self._lines = b""
        self._headers: dict[bytes, str] = {}
        self._keeps = True
        self._body: bytearray | None = None  # of a length that is known
        self._filled = 0
        self._chunks: _Chunks | None = None
        self._rest: bytearray | None = None  # up to the end of the connection

    def room(self) -> memoryview:
        """Where the next bytes go: never empty."""
        if self._body is not None:
            return memoryview(self._body)[self._filled :]
        return self._head[self._used :]

    def took(self, size: int) -> Answer | None:
        """Look at the next bytes, which are in `room()`. The answer when it is whole. Raises NoAnswer."""
        if self._body is not None:
            self._filled += size
            return self._whole(bytes(self._body)) if self._filled == len(self._body) else None
        if self._chunks is not None or self._rest is not None:
            return self._more(bytes(self._head[:size]))
        self._used += size
        return self._begun(bytes(self._head[: self._used]))

    def ended(self) -> Answer | None:
        """The connection has ended in order. The answer, if that is how it ends."""
        return None if self._rest is None else self._whole(bytes(self._rest))

    def _begun(self, data: bytes) -> Answer | None:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            if self._used == HEAD_BYTES:
                raise NoAnswer("too long a head")
            return None
        self._parse(data[:end])
        rest = data[end + 4 :]
        if 100 <= self._status < 200:
            self._head[: len(rest)] = rest
            self._used = len(rest)
            return self._begun(rest) if rest else None
        return self._body_begun(rest)

    def _parse(self, head: bytes) -> None:
        version, status = head[:9], head[9:12]
        if version not in {b"HTTP/1.1 ", b"HTTP/1.0 "} or not status.isdigit():
            raise NoAnswer("not HTTP/1.1")
        self._status = int(status)
        self._lines = head
        self._headers = {name.lower(): value.decode("latin-1").strip() for name, value in _USED.findall(head)}
        connection = self._headers.get(b"connection", "").lower()
        self._keeps = connection == "keep-alive" if version.endswith(b"0 ") else connection != "close"

    def _body_begun(self, rest: bytes) -> Answer | None:
        if self._status in _BODILESS:
            return self._whole(b"")
        headers = self._headers
        if b"transfer-encoding" in headers:
            if headers[b"transfer-encoding"].lower() != "chunked":
                raise NoAnswer("an unknown transfer encoding")
            self._chunks = _Chunks(self._most_bytes)
        elif b"content-length" in headers:
            return self._of_length(headers[b"content-length"], rest)
        else:
            self._rest, self._keeps = bytearray(), False
        self._used = 0
        return self._more(rest) if rest else None

    def _of_length(self, told: str, rest: bytes) -> Answer | None:
        if not (told.isascii() and told.isdigit()):
            raise NoAnswer("a length that is none")
        length = int(told)
        self._check(length)
        if len(rest) >= length:
            self._keeps = self._keeps and len(rest) == length
            return self._whole(rest[:length])
        self._body = bytearray(length)
        self._body[: len(rest)] = rest
        self._filled = len(rest)
        return None

    def _more(self, data: bytes) -> Answer | None:
        if self._rest is not None:
            self._check(len(self._rest) + len(data))
            self._rest += data
            return None
        assert self._chunks is not None  # noqa: S101  # or it would not be asked
        if not self._chunks.take(data):
            return None
        self._keeps = self._keeps and not self._chunks.beyond
        return self._whole(bytes(self._chunks.body))

    def _check(self, length: int) -> None:
        if length > self._most_bytes:
            raise NoAnswer("more than was asked for")

    def _whole(self, body: bytes) -> Answer:
        return Answer(self._status, self._headers, self._lines, body, self._keeps)


class _Chunks:
    """A chunked body, with its trailer left out."""

    def __init__(self, most_bytes: int) -> None:
        self.body = bytearray()
        self.beyond = False
        self._most_bytes = most_bytes
        self._held = bytearray()
        self._in_trailer = False

    def take(self, data: bytes) -> bool:
        """Whether that was all."""
        self._held += data
        while True:
            end = self._held.find(b"\r\n")
            if end < 0:
                if len(self._held) > HEAD_BYTES:
                    raise NoAnswer("no line where a chunk begins")
                return False
            if self._in_trailer:
                del self._held[: end + 2]
                if not end:
                    self.beyond = bool(self._held)
                    return True
                continue
            size = _size(bytes(self._held[:end]))
            if size == 0:
                del self._held[: end + 2]
                self._in_trailer = True
                continue
            if len(self.body) + size > self._most_bytes:
                raise NoAnswer("more than was asked for")
            if len(self._held) < end + 2 + size + 2:
                return False
            self.body += self._held[end + 2 : end + 2 + size]
            del self._held[: end + 2 + size + 2]


def _size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0].strip(), 16)
    except ValueError:
        raise NoAnswer("a chunk without a size") from None
