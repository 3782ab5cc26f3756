"""The JSON path of a place in a JSON text."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from itertools import islice
from typing import Final

from sightglass_scanner.readers.decode import Decoded, Pieces
from sightglass_scanner.readers.trail import Trail

_TOKEN: Final = re.compile(
    rb"[ \t\r\n]*+(?:"
    rb'("(?:[^"\\\x00-\x1f]|\\.)*+")'
    rb"|([{}\[\],:])"
    rb"|(-?[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null)(?![0-9A-Za-z.+-]))",
    re.DOTALL,
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Beyond this a path costs more than it is worth; line and byte are told all the same.
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_TOKEN_BYTES: Final = 4 * 1024 * 1024
_MOST_LEVELS: Final = 512
# What shape() wants to see.
_ENOUGH_TOKENS: Final = 32


class JsonShape(StrEnum):
    """How JSON stands in a text: one document, or one a line."""

    DOCUMENT = "document"
    LINES = "lines"


class NotJsonError(Exception):
    """The text breaks JSON's grammar, or is nested too deeply."""


class _Walker:
    """Where in a document the tokens so far have led. Several documents may stand one behind another."""

    def __init__(self) -> None:
        self._levels: list[int | str | None] = []  # of an array the index, of an object the key
        self._state = "value"

    @property
    def is_whole(self) -> bool:
        """Whether a document has ended."""
        return self._state == "done" and not self._levels

    def token(self, kind: int, text: bytes) -> None:
        """Take the next token: kind 1 is a string, 2 punctuation, 3 any other value. Raises NotJsonError."""
        if kind == 2:
            self._punctuation(text)
        elif self._state in {"value", "first"} or self.is_whole:
            self._state = "done"
        elif kind == 1 and self._state in {"key", "first key"}:
            self._levels[-1] = _key(text)
            self._state = "colon"
        else:
            self._broken()

    def path(self) -> str:
        """The path of the value that was begun last; of a key, that of its object."""
        levels = self._levels[:-1] if self._state == "colon" else self._levels
        return "$" + "".join(_step(level) for level in levels)

    def _punctuation(self, text: bytes) -> None:
        state = self._state
        if text in b"[{" and (state in {"value", "first"} or self.is_whole):
            if len(self._levels) >= _MOST_LEVELS:
                self._broken()
            self._levels.append(0 if text == b"[" else None)
            self._state = "first" if text == b"[" else "first key"
        elif text == b":" and state == "colon":
            self._state = "value"
        elif text == b"," and state == "done" and self._levels:
            self._next()
        elif (text == b"]" and self._in_array() and state in {"first", "done"}) or (
            text == b"}" and self._levels and not self._in_array() and state in {"first key", "done"}
        ):
            self._levels.pop()
            self._state = "done"
        else:
            self._broken()

    def _in_array(self) -> bool:
        return bool(self._levels) and isinstance(self._levels[-1], int)

    def _next(self) -> None:
        last = self._levels[-1]
        if isinstance(last, int):
            self._levels[-1] = last + 1
            self._state = "value"
        else:
            self._state = "key"

    def _broken(self) -> None:
        raise NotJsonError


class PathFinder:
    """Paths of places in one text, each found by walking on from the last."""

    def __init__(self, pieces: Pieces) -> None:
        """pieces: may raise OSError."""
        self._pieces = pieces
        self._walker = _Walker()
        self._ends: Iterator[int] | None = None
        self._from = self._to = 0
        self._broken_at = _MOST_BYTES

    def path(self, offset: int) -> str | None:
        """The path of what stands at a byte of the text; None where that is no JSON or too far."""
        if offset >= self._broken_at:
            return None
        if self._ends is None or offset < self._from:
            self._walker, self._from, self._to = _Walker(), 0, 0
            self._ends = _token_ends((piece.data for piece in self._pieces()), self._walker)
        try:
            while self._to <= offset:
                self._from, self._to = self._to, next(self._ends)
        except (StopIteration, NotJsonError, OSError):
            self._broken_at, self._ends = self._to, None
            return None
        return self._walker.path()


def path_in_line(trail: Trail, offset: int) -> str | None:
    """The path in a document that is one line, of what stands at a byte of the text."""
    line = trail.line(offset)
    if line is None:
        return None
    start, text = line
    return PathFinder(lambda: (Decoded(text, 0, 0, int),)).path(offset - start)


def shape(head: bytes) -> JsonShape | None:
    """What text that begins so (UTF-8) is; None if it is no JSON."""
    first, rest = head.lstrip().partition(b"\n")[::2]
    if not first.startswith((b"{", b"[")):
        return None
    if rest.lstrip().startswith((b"{", b"[")) and _is_whole(first):
        return JsonShape.LINES
    walker = _Walker()
    try:
        tokens = sum(1 for _ in islice(_token_ends(iter((head,)), walker), _ENOUGH_TOKENS))
    except NotJsonError:
        return None
    # One string may be longer than what is seen of it.
    return JsonShape.DOCUMENT if tokens > 1 else None


def _is_whole(line: bytes) -> bool:
    if line.count(b"{") + line.count(b"[") <= _MOST_LEVELS:
        with suppress(ValueError):  # a document by a stricter grammar is one by ours
            _STRICT.decode(line.decode())
            return True
    walker = _Walker()
    try:
        for _ in _token_ends(iter((line,)), walker):
            pass
    except NotJsonError:
        return False
    return walker.is_whole


def _no_constant(name: str) -> None:
    raise ValueError(name)


_STRICT: Final = json.JSONDecoder(parse_constant=_no_constant)


def _token_ends(pieces: Iterator[bytes], walker: _Walker) -> Iterator[int]:
    """Lead the walker through the tokens; gives the byte behind each. Raises NotJsonError."""
    buffer, base = b"", 0
    for piece in pieces:
        buffer, position = buffer + piece, 0
        # A number may go on in the next piece.
        while (match := _TOKEN.match(buffer, position)) and match.end() < len(buffer):
            walker.token(match.lastindex or 0, match[match.lastindex or 0])
            position = match.end()
            yield base + position
        buffer, base = buffer[position:], base + position
        if len(buffer) > _MOST_TOKEN_BYTES:
            raise NotJsonError
    if match := _TOKEN.match(buffer):
        walker.token(match.lastindex or 0, match[match.lastindex or 0])
        yield base + match.end()


def _key(text: bytes) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1].decode("utf-8", "replace")


def _step(level: int | str | None) -> str:
    if isinstance(level, int):
        return f"[{level}]"
    if level is None:
        return ""
    return f".{level}" if _IDENTIFIER.fullmatch(level) else f"[{json.dumps(level, ensure_ascii=False)}]"
