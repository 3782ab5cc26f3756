"""Where two pictures differ: tiles of 16 x 16 samples of luma, and the bands that they form."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.pixels import Pixels

SIDE: Final = 16
# A sample counts from this step of luma on, and four times from the second on. A tile differs from so
# many on: a codec's noise around letters has less, one letter for another has more.
_STEP: Final = 24
_FAR: Final = 48
_ENOUGH: Final = 10
# Tile rows without change that part two bands: lines of one paragraph are closer together.
_GAP: Final = 2

Tiles = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Half-open ranges of rows and columns, of tiles or of samples."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """To index an array with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def area(self) -> int:
        """Rows times columns."""
        return (self.bottom - self.top) * (self.right - self.left)

    def padded(self, rows: int, columns: int, shape: tuple[int, int]) -> "Rectangle":
        """Larger by so much on each side, as far as `shape` goes."""
        return Rectangle(
            max(0, self.top - rows),
            min(shape[0], self.bottom + rows),
            max(0, self.left - columns),
            min(shape[1], self.right + columns),
        )


def whole_tiles(luma: Pixels) -> Pixels:
    """A copy of a picture, filled up with black to whole tiles."""
    rows, columns = luma.shape
    whole = np.zeros((-(-rows // SIDE) * SIDE, -(-columns // SIDE) * SIDE), np.uint8)
    whole[:rows, :columns] = luma
    return whole


def differing(a: Pixels, b: Pixels) -> Tiles:
    """The tiles in which two pictures of the same shape, of whole tiles and contiguous, differ."""
    rows, columns = a.shape[0] // SIDE, a.shape[1] // SIDE
    apart = np.maximum(a, b)
    apart -= np.minimum(a, b)
    counted = (apart > _STEP).view(np.uint8)
    counted += (apart > _FAR).view(np.uint8) * np.uint8(3)
    # Eight samples are added up at once: what a column of a tile counts fits its byte.
    columnwise = np.add.reduce(counted.view(np.uint64).reshape(rows, SIDE, -1), axis=1).view(np.uint8)
    return np.add.reduce(columnwise.reshape(rows, columns, SIDE), axis=2, dtype=np.uint16) >= _ENOUGH


def bands(tiles: Tiles) -> list[Rectangle]:
    """The rectangles of tiles around what is set, parted where two rows or more are empty."""
    rows = np.flatnonzero(tiles.any(axis=1))
    if rows.size == 0:
        return []
    found: list[Rectangle] = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > _GAP) + 1):
        top, bottom = int(run[0]), int(run[-1]) + 1
        columns = np.flatnonzero(tiles[top:bottom].any(axis=0))
        found.append(Rectangle(top, bottom, int(columns[0]), int(columns[-1]) + 1))
    return found


def enclosing(rectangles: list[Rectangle]) -> Rectangle:
    """The smallest rectangle that holds all of them."""
    return Rectangle(
        min(r.top for r in rectangles),
        max(r.bottom for r in rectangles),
        min(r.left for r in rectangles),
        max(r.right for r in rectangles),
    )


def in_samples(tiles: Rectangle, shape: tuple[int, int]) -> Rectangle:
    """A rectangle of tiles as one of samples of a picture of this shape."""
    return Rectangle(
        tiles.top * SIDE,
        min(tiles.bottom * SIDE, shape[0]),
        tiles.left * SIDE,
        min(tiles.right * SIDE, shape[1]),
    )


def inked(luma: Pixels) -> Tiles:
    """The samples whose right neighbour differs from them as at the edge of a letter. One column less than `luma`."""
    left, right = luma[:, :-1], luma[:, 1:]
    edges = np.maximum(left, right)
    edges -= np.minimum(left, right)
    return edges > _STEP


def written(luma: Pixels) -> Rectangle | None:
    """The rectangle that holds all letters; None if there are none."""
    edges = inked(luma)
    rows = np.flatnonzero(edges.any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(edges[rows[0] : rows[-1] + 1].any(axis=0))
    return Rectangle(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 2)
