"""The last pieces of a text, as long as places in them may be asked for."""

from dataclasses import dataclass
from typing import Final

from sightglass_scanner.readers.decode import Decoded
from sightglass_scanner.readers.recent import Recent

# Bytes that go on with a character of UTF-8.
_CONTINUING: Final = bytes(range(0x80, 0xC0))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a text. offset, length: bytes of the object as it is stored; line, column: from 1, in characters."""

    offset: int
    length: int
    line: int
    column: int


@dataclass(slots=True)
class _Held:
    piece: Decoded
    line: int  # lines that end before the piece
    column: int  # characters of the unfinished line before the piece
    seen: int = 0  # bytes of the piece whose line ends are counted
    lines: int = 0  # how many they are

    @property
    def data(self) -> bytes:
        return self.piece.data

    @property
    def offset(self) -> int:
        return self.piece.offset

    def raw(self, within: int) -> int:
        return self.piece.raw_offset + self.piece.back(within)


class Trail:
    """Knows lines, columns and stored bytes of the last pieces. Line ends are counted only where they are needed."""

    def __init__(self) -> None:
        self._recent: Recent[_Held] = Recent()

    def add(self, piece: Decoded) -> None:
        """Go on with the next piece."""
        pieces = self._recent.pieces
        line, column = _counted(pieces[-1], len(pieces[-1].data)) if pieces else (0, 0)
        self._recent.add(_Held(piece, line, column))

    def spot(self, start: int, end: int) -> Spot:
        """Where bytes [start, end) of the text are. Raises LookupError when that is no more held."""
        held = self._recent.at(start)
        within = start - held.offset
        offset = held.raw(within)
        line, column = _counted(held, within)
        return Spot(offset, self.raw(end) - offset, line + 1, column + 1)

    def raw(self, offset: int) -> int:
        """The byte of the object that the character at a byte of the text begins with."""
        held = self._recent.at(offset)
        return held.raw(offset - held.offset)

    def line(self, offset: int) -> tuple[int, bytes] | None:
        """The line that a byte of the text is in, as far as it was added, and where it begins; None if not held."""
        parts: list[bytes] = []
        for held in reversed(self._recent.pieces):
            within = max(0, offset - held.offset)
            begin = held.data.rfind(b"\n", 0, within) + 1
            if held.offset > offset:
                parts.append(held.data)
            elif begin or held.offset == 0:
                text = b"".join((held.data[begin:], *reversed(parts)))
                end = text.find(b"\n", within - begin)
                return held.offset + begin, text if end < 0 else text[:end]
            else:
                parts.append(held.data)
        return None


def _counted(held: _Held, within: int) -> tuple[int, int]:
    """Line ends before a byte of the piece, and characters from the last of them to it."""
    data = held.piece.data
    if within >= held.seen:
        lines = held.lines + data.count(b"\n", held.seen, within)
        held.seen, held.lines = within, lines
    else:
        lines = data.count(b"\n", 0, within)
    begin = data.rfind(b"\n", 0, within) + 1
    column = _characters(data[begin:within]) + (0 if begin else held.column)
    return held.line + lines, column


def _characters(data: bytes) -> int:
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUING))
