"""The last pieces of a stretch, for as long as places in them may be asked for."""

from collections import deque
from typing import Generic, Protocol, TypeVar

# The piece that is looked at, the one before it that a finding may begin in, and one that was asked for meanwhile;
# of small pieces, twice what a finding may reach back.
_PIECES = 3
_KEPT_BYTES = 128 * 1024


class Placed(Protocol):
    """A piece: its bytes, and where they begin in the stretch."""

    @property
    def data(self) -> bytes:
        """The bytes."""
        ...

    @property
    def offset(self) -> int:
        """Of the first of them."""
        ...


P = TypeVar("P", bound=Placed)


class Recent(Generic[P]):
    """Pieces in order, without gaps."""

    def __init__(self) -> None:
        self._pieces: deque[P] = deque()
        self._bytes = 0

    @property
    def pieces(self) -> deque[P]:
        """Those that are held."""
        return self._pieces

    def add(self, piece: P) -> None:
        """Take the next, and let go of what is no more needed."""
        self._pieces.append(piece)
        self._bytes += len(piece.data)
        while len(self._pieces) > _PIECES and self._bytes - len(self._pieces[0].data) >= _KEPT_BYTES:
            self._bytes -= len(self._pieces.popleft().data)

    def at(self, offset: int) -> P:
        """The piece that holds a byte of the stretch. Raises LookupError when it is no more held."""
        for piece in reversed(self._pieces):
            if piece.offset <= offset:
                return piece
        msg = f"byte {offset} of the text is no more held"
        raise LookupError(msg)
