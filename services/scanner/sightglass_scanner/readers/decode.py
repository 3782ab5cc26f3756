"""An object's bytes as UTF-8, piece by piece, each with the way back.

Text that is UTF-8 already is passed on as it was read: what it costs is a look at each byte.
"""

import codecs
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from sightglass_scanner.readers import charset
from sightglass_scanner.readers.source import BytesSource, Source

T = TypeVar("T")

BLOCK_BYTES: Final = 1024 * 1024
# Finding the way back decodes a piece anew, some twenty times a finding.
_FOREIGN_BLOCK_BYTES: Final = 128 * 1024
HEAD_BYTES: Final = 64 * 1024
_SAMPLE_BYTES: Final = 4096
# GB18030's and UTF-32's; with what ISO-2022 switches by, eight.
_LONGEST_CHARACTER: Final = 8


@dataclass(frozen=True, slots=True)
class Decoded:
    """A piece of text. data: UTF-8; begins at byte `offset` of the whole text.

    raw: the same piece as it is stored, from byte `raw_offset` of the object on.
    back: where in `raw` the character at a byte of `data` begins.
    """

    data: bytes
    offset: int
    raw_offset: int
    back: Callable[[int], int]


# A text from its beginning, each time that it is called.
Pieces: TypeAlias = Callable[[], Iterable[Decoded]]


def held(data: bytes) -> Sequence[Decoded]:
    """The text of an object that is held as a whole, at most HEAD_BYTES of it: one piece, or few."""
    if data and data.isascii() and charset.evident(data) is None:
        return (Decoded(data, 0, 0, _same),)
    return tuple(decoded(BytesSource(data)))


def decoded(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Decoded]:
    """The text of an object. A character that its encoding does not have becomes U+FFFD."""
    block_bytes = max(block_bytes, _LONGEST_CHARACTER)
    head = source.read(0, HEAD_BYTES)
    name, start = charset.marked(head) or (charset.evident(head) or "utf-8", 0)
    if name == "utf-8":
        yield from _utf8(source, start, block_bytes)
    else:
        yield from _transcoded(source, name, start, 0, block_bytes)


def _utf8(source: Source, start: int, block_bytes: int) -> Iterator[Decoded]:
    """Text as it stands, up to where it is no UTF-8; from there on as what it is instead."""
    at, beyond = start, False
    while block := source.read(at, block_bytes):
        good = _valid(block)
        piece = block if good == len(block) else block[:good]
        beyond = beyond or not piece.isascii()
        if good < len(block) and (not good or not _may_go_on(block[good:])):
            name = "utf-8" if beyond else _guess(source, at + good)
            yield from _transcoded(source, name, at, at - start, block_bytes)
            return
        yield Decoded(piece, at - start, at, _same)
        at += good


def _valid(block: bytes) -> int:
    """How many of the first bytes are whole characters of UTF-8."""
    if block.isascii():
        return len(block)
    try:
        block.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(block)


def _may_go_on(rest: bytes) -> bool:
    """Whether these bytes are the beginning of a character that the next block may end."""
    return not codecs.getincrementaldecoder("utf-8")("replace").decode(rest)


def _guess(source: Source, bad: int) -> str:
    """What text is that is ASCII up to about `bad`, and no UTF-8 there."""
    start = max(0, bad - 64)
    sample = source.read(start, _SAMPLE_BYTES)
    beyond = [char for char in sample.decode("utf-8", "replace") if char > "\x7f"]
    wrong = beyond.count("\ufffd")
    return "utf-8" if wrong * 2 <= len(beyond) else charset.legacy(sample)


def _same(offset: int) -> int:
    return offset


def _transcoded(source: Source, name: str, at: int, offset: int, block_bytes: int) -> Iterator[Decoded]:
    decoder = codecs.getincrementaldecoder(name)("replace")
    while block := source.read(at, min(block_bytes, _FOREIGN_BLOCK_BYTES)):
        before = decoder.getstate()[1]
        text = decoder.decode(block)
        pending, after = decoder.getstate()
        if not text and pending == block:  # the object ends within a character, or the block is smaller than one
            block = source.read(at, _LONGEST_CHARACTER)
            text, pending = decoder.decode(block[len(pending) :], final=True), b""
        raw = block[: len(block) - len(pending)]
        # What is not whole is read again, with what follows.
        decoder.setstate((b"", after))
        data = text.encode("utf-8", "replace")
        yield Decoded(data, offset, at, _WayBack(name, before, raw, data).back)
        at, offset = at + len(raw), offset + len(data)


class _WayBack:
    """From UTF-8 to the bytes that it was made of. state: of the decoder where they begin."""

    def __init__(self, name: str, state: int, raw: bytes, data: bytes) -> None:
        self._name = name
        self._state = state
        self._raw = raw
        self._data = data

    def back(self, offset: int) -> int:
        """Where in the raw bytes the character at a byte of the UTF-8 begins."""
        wanted = len(self._data[:offset].decode("utf-8", "ignore"))
        if not wanted:
            return 0
        return bisect_left(range(len(self._raw)), wanted, key=self._characters)

    def _characters(self, size: int) -> int:
        decoder = codecs.getincrementaldecoder(self._name)("replace")
        decoder.setstate((b"", self._state))
        return len(decoder.decode(self._raw[:size]))


def with_last(pieces: Iterable[T]) -> Iterator[tuple[T, bool]]:
    """Each piece, and whether it is the last."""
    iterator = iter(pieces)
    held = next(iterator, None)
    while held is not None:
        following = next(iterator, None)
        yield held, following is None
        held = following
