"""Lines and columns of a text that is read in pieces."""

from typing import Final, NamedTuple

_LONGEST: Final = 4  # bytes of a character


class Position(NamedTuple):
    """A place in a text. Both count from 1; columns count characters, of which a broken one is as many as its bytes."""

    line: int
    column: int


class Lines:
    """Takes a text in pieces, and tells positions in what was not forgotten. Lines end with LF, CR LF or CR."""

    def __init__(self) -> None:
        self._held = b""
        self._first = self._last = (0, Position(1, 1))  # offset and position: of what is held, and as asked for last

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self._held += piece

    def forget(self, offset: int) -> None:
        """Hold nothing that is needed only before `offset`, which counts from the beginning of the whole."""
        first, _ = self._first
        offset -= _LONGEST  # so that what stands there is whole, though more is to come
        for _ in range(_LONGEST):
            offset -= self._is_within(offset)
        if offset > first:
            self._first = self._last = (offset, self.position(offset))
            self._held = self._held[offset - first :]

    def _is_within(self, offset: int) -> bool:
        """Whether a character or a CR LF would be cut there."""
        before, behind = self.between(offset - 1, offset), self.between(offset, offset + 1)
        return before + behind == b"\r\n" or b"\x80" <= behind < b"\xc0"

    def between(self, start: int, end: int) -> bytes:
        """The bytes there."""
        first, _ = self._first
        return self._held[max(0, start - first) : max(0, end - first)]

    def position(self, offset: int) -> Position:
        """Line and column of a byte. Quick when it lies behind the one that was asked for before."""
        at, (line, column) = self._last if self._last[0] <= offset else self._first
        between = self.between(at, offset)
        ends = between.count(b"\n") + between.count(b"\r") - between.count(b"\r\n")
        last = max(between.rfind(b"\n"), between.rfind(b"\r"))
        characters = len(between[last + 1 :].decode("utf-8", "replace"))
        self._last = (offset, Position(line + ends, characters + (column if ends == 0 else 1)))
        return self._last[1]
