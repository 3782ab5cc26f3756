"""Since when each tile of the screen has been another than was read, and since when it stands still."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.screen.tiles import SIDE, Rectangle, Tiles

_NEVER: Final = int(np.iinfo(np.int64).max)

Times = NDArray[np.int64]


class TileTimes:
    """Two times for each tile of a grid of `shape`, microseconds of the film.

    They are kept for each row of samples, so that they follow what is scrolled to the sample. Before the
    first picture all tiles have stood still for `quiet_us`.
    """

    def __init__(self, shape: tuple[int, int], quiet_us: int) -> None:
        rows = (shape[0] * SIDE, shape[1])
        self._pending: Tiles = np.zeros(shape, np.bool_)
        self._since: Times = np.full(rows, _NEVER)
        self._steady: Times = np.full(rows, -quiet_us)
        self._quiet_us = quiet_us

    @property
    def pending(self) -> Tiles:
        """The tiles that are another than was read."""
        return self._pending.copy()

    def still_for(self, us: int, t_us: int) -> Tiles:
        """The tiles that have stood still for so long."""
        return t_us - _by_tile(self._steady).max(axis=1) >= us

    def note(self, moving: Tiles, other: Tiles, t_us: int) -> None:
        """Take a sample: which tiles changed since the one before it, and which are another than was read."""
        self._pending = other.copy()
        self._since = np.where(_by_row(other), np.minimum(self._since, t_us), _NEVER)
        self._steady[_by_row(moving)] = t_us

    def scroll(self, box: Rectangle, down: int) -> None:
        """Move the times with what is shown: `box` and `down` in samples. To be followed by `note`."""
        columns = slice(box.left // SIDE, -(-box.right // SIDE))
        for times, outside in ((self._since, _NEVER), (self._steady, -self._quiet_us)):
            part = times[box.top : box.bottom, columns]
            moved = np.full_like(part, outside)
            rows = part.shape[0]
            moved[max(0, down) : rows + min(0, down)] = part[max(0, -down) : rows - max(0, down)]
            part[:] = moved

    def read(self, tiles: Rectangle) -> None:
        """Note that these are as they were read."""
        self._pending[tiles.slices] = False
        self._since[_rows(tiles)] = _NEVER

    def oldest_us(self, tiles: Rectangle) -> int:
        """Since when the first of these is another than was read; at least one must be."""
        return int(self._since[_rows(tiles)].min())

    def newest_us(self, tiles: Rectangle) -> int:
        """When the last of those that are another than was read has moved."""
        return int(self._steady[_rows(tiles)][_by_row(self._pending[tiles.slices])].max())

    def rows(self, tiles: Rectangle) -> Iterator[tuple[Rectangle, int, int]]:
        """Row by row the part that is another than was read; since when it is, and since when it stands still."""
        for row in range(tiles.top, tiles.bottom):
            columns = np.flatnonzero(self._pending[row, tiles.left : tiles.right]) + tiles.left
            if columns.size:
                part = Rectangle(row, row + 1, int(columns[0]), int(columns[-1]) + 1)
                since_us = self.oldest_us(part)
                yield part, since_us, max(since_us, self.newest_us(part))


def _rows(tiles: Rectangle) -> tuple[slice, slice]:
    """Rows of samples and columns of tiles."""
    return slice(tiles.top * SIDE, tiles.bottom * SIDE), slice(tiles.left, tiles.right)


def _by_row(tiles: Tiles) -> Tiles:
    return np.repeat(tiles, SIDE, axis=0)


def _by_tile(times: Times) -> Times:
    return times.reshape(-1, SIDE, times.shape[1])
