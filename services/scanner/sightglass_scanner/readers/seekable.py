"""A source as a file, for libraries that want one."""

import io
import os
from typing import Final

from sightglass_scanner.readers.source import Source

# Libraries read by a few bytes; each read of a source may be a request.
_BUFFER_BYTES: Final = 256 * 1024


class SourceFile(io.RawIOBase):
    """Reads a source, in any order."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self._position = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Set the position, also behind the end. Raises ValueError before the start, OSError if there is no end yet."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._source.size_bytes}[whence]
        if base is None:
            msg = "a stream has no size"
            raise OSError(msg)
        if base + offset < 0:
            msg = f"seek to {base + offset}, before the start"
            raise ValueError(msg)
        self._position = base + offset
        return self._position

    def readinto(self, buffer: "memoryview", /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Fill the buffer as far as the object goes."""
        data = self._source.read(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def opened(source: Source) -> io.BufferedReader:
    """A buffered file of a source."""
    return io.BufferedReader(SourceFile(source), _BUFFER_BYTES)
