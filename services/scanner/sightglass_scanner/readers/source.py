"""What readers read from: an object of known size, by byte ranges."""

from typing import Protocol


class Source(Protocol):
    """An object's bytes."""

    @property
    def size_bytes(self) -> int | None:
        """Its size; None if only reading to the end tells."""
        ...

    def read(self, offset: int, length: int, /) -> bytes:
        """The bytes from `offset` on: `length` of them, or less only where the object ends.

        Is called again for places that were read before. What it raises, read() raises; a source that cannot go back
        raises OSError for that, when there are no more paths of JSON.
        """
        ...


class BytesSource:
    """An object that is held as a whole."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size_bytes(self) -> int:
        """Its size."""
        return len(self._data)

    def read(self, offset: int, length: int, /) -> bytes:
        """The bytes there; all of them without a copy."""
        if offset == 0 and length >= len(self._data):
            return self._data
        return self._data[offset : offset + length]
