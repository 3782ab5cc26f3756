"""A file of which little may be read: what lies beyond that looks to a demuxer like its end."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sightglass_worker.decode.boxes import LostError, index_range, next_part, without_half_tables
from sightglass_worker.decode.source import Seekable

MOST_REQUESTS: Final = 4
MOST_BYTES: Final = 1_000_000
_WINDOW_BYTES: Final = MOST_BYTES // MOST_REQUESTS
# Of these requests one is kept for where a demuxer goes next: some tell the length by the end of the file.
_MOST_IN_A_ROW: Final = MOST_REQUESTS - 1
# Reading zeros takes time too; this is the index of twelve hours.
_MOST_INDEX_BYTES: Final = 64 * 1024 * 1024


class GlanceFile(Seekable):
    """A file over byte ranges, of at most MOST_REQUESTS requests and MOST_BYTES bytes together.

    fetch: as of RangedFile. is_cut: something was asked for that was not given.

    An MP4's index grows with the film, but what it says of each track stands before the tables of its samples. Where
    it is larger than can be read, zeros are given for what is left out of a track, and the next one is read again: so
    a film of any length tells its size, codec and length.
    Raises OSError when fetch returns another number of bytes than it was asked for.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size_bytes: int) -> None:
        super().__init__(size_bytes)
        self.is_cut = False
        self._fetch = fetch
        self._windows: list[tuple[int, bytes]] = []
        self._left_bytes = MOST_BYTES
        self._in_a_row = 0
        self._jumped: bool = True
        self._index = range(0)
        self._is_halved = False

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the file."""
        before = self._position
        self._jumped = super().seek(offset, whence) != before or self._jumped
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes from the position on, less where a window ends; none at the end, or where it is cut."""
        left = self.size_bytes - self._position
        wanted = left if size < 0 else min(size, left)
        if wanted <= 0:
            return b""
        part = self.held(self._position, wanted) or self._fetched(wanted) or self._left_out(wanted)
        self._position += len(part)
        self._jumped = False
        return part

    def held(self, offset: int, size: int) -> bytes:
        """Bytes that were read already, up to `size` from one window."""
        for start, data in self._windows:
            if start <= offset < start + len(data):
                return data[offset - start : offset - start + size]
        return b""

    def _fetched(self, wanted: int) -> bytes:
        start, size = self._position, self._window_bytes()
        in_a_row = 1 if self._jumped else self._in_a_row + 1
        if not size or len(self._windows) == MOST_REQUESTS or in_a_row > _MOST_IN_A_ROW:
            return b""
        data = self._fetch(start, size)
        if len(data) != size:
            msg = f"asked for {size} bytes at {start}, got {len(data)}"
            raise OSError(msg)
        self._left_bytes -= size
        self._in_a_row = in_a_row
        self._windows.append((start, data))
        self._find_index()
        return self.held(start, wanted)

    def _window_bytes(self) -> int:
        """How much to read at the position; 0 for nothing."""
        start, most = self._position, min(_WINDOW_BYTES, self._left_bytes)
        if start in self._index:
            to_end = self._index.stop - start
            if not self._is_halved:
                return to_end if to_end <= self._left_bytes else 0
            return min(to_end, most) if start == self._next_part() else 0
        to_end = self.size_bytes - start
        # The end of a file is read at once, though it is somewhat larger.
        return to_end if to_end <= min(2 * most, self._left_bytes) else most

    def _left_out(self, wanted: int) -> bytes:
        self.is_cut = True
        if not self._is_halved or self._position not in self._index:
            return b""
        part_end = self._next_part()
        return bytes(min(wanted, (part_end if part_end > self._position else self._index.stop) - self._position))

    def _next_part(self) -> int:
        return next_part(self.held, self._index, self._position)

    def _find_index(self) -> None:
        """Find out whether an index begins in what is held now, and if so, hide in it what cannot be read whole."""
        with suppress(LostError):
            index = index_range(self.held, self.size_bytes) or range(0)
            self._index = index if len(index) <= _MOST_INDEX_BYTES else range(0)
        start, data = self._windows[-1]
        end = start + len(data)
        if not (start < self._index.stop and end > self._index.start):
            return
        self._is_halved = self._is_halved or self._index.stop - end > self._left_bytes
        if self._is_halved:
            self.is_cut = True
            self._windows[-1] = (start, without_half_tables(data))
