"""Seekable files for the demuxer: one over byte ranges from elsewhere, one over an open descriptor."""

import io
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

BLOCK_BYTES: Final = 256 * 1024
# How many blocks are held; a reader that goes straight on is given more at a time, up to a quarter of them.
_HELD_BLOCKS: Final = 64
# What is fetched at once, at most.
LARGEST_READ_BYTES: Final = _HELD_BLOCKS // 4 * BLOCK_BYTES


class Seekable(io.RawIOBase):
    """Position and seeking over `size_bytes`; a subclass reads."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self.size_bytes = size_bytes
        self._position: int = 0

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
        """Set the position, also behind the end. Raises ValueError before the start."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size_bytes}[whence]
        if base + offset < 0:
            msg = f"seek to {base + offset}, before the start"
            raise ValueError(msg)
        self._position = base + offset
        return self._position


class RangedFile(Seekable):
    """A file of which only the byte ranges that are asked for are fetched, in whole blocks.

    fetch: called as fetch(offset, size); must return exactly `size` bytes. held_blocks: from 4 to 64; fewer take less
    memory, and more requests.
    Raises OSError when it returns another number.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size_bytes: int, held_blocks: int = _HELD_BLOCKS) -> None:
        super().__init__(size_bytes)
        self._fetch = fetch
        self._held_blocks = held_blocks
        self._blocks: OrderedDict[int, memoryview] = OrderedDict()
        self._next = -1
        self._run = 1

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes from the position on, less only at the end of a block or the file."""
        left = self.size_bytes - self._position
        if left <= 0 or size == 0:
            return b""
        number, within = divmod(self._position, BLOCK_BYTES)
        part = bytes(self._block(number)[within : within + (left if size < 0 else size)])
        self._position += len(part)
        return part

    def _block(self, number: int) -> memoryview:
        if number not in self._blocks:
            self._load(number)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _load(self, number: int) -> None:
        self._run = min(2 * self._run, self._held_blocks // 4) if number == self._next else 1
        start = number * BLOCK_BYTES
        size = min(self._run * BLOCK_BYTES, self.size_bytes - start)
        data = self._fetch(start, size)
        if len(data) != size:
            msg = f"asked for {size} bytes at {start}, got {len(data)}"
            raise OSError(msg)
        for i in range(0, size, BLOCK_BYTES):  # they go as they came, so that what they are views of goes with them
            self._blocks[number + i // BLOCK_BYTES] = memoryview(data)[i : i + BLOCK_BYTES]
        self._next = number + -(-size // BLOCK_BYTES)
        while len(self._blocks) > self._held_blocks:
            self._blocks.popitem(last=False)


class DescriptorFile(Seekable):
    """A file by its descriptor, which is neither moved nor closed: others may read from it too."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(os.fstat(descriptor).st_size)
        self._descriptor = descriptor

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes from the position on."""
        wanted = max(0, self.size_bytes - self._position) if size < 0 else size
        part = os.pread(self._descriptor, wanted, self._position)
        self._position += len(part)
        return part
