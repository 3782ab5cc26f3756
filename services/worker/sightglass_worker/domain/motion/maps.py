"""Maps between pictures of a camera that moves by a shift and a zoom, and pictures seen through them."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]

# Samples by which a place may move without being seen to.
_INVISIBLE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Camera:
    """Maps places of one picture to those of another: `zoom * place + (x, y)`, in samples from the centre."""

    zoom: float
    x: float
    y: float

    def after(self, first: "Camera") -> "Camera":
        """The map that does `first` and then this."""
        return Camera(self.zoom * first.zoom, self.zoom * first.x + self.x, self.zoom * first.y + self.y)

    @property
    def back(self) -> "Camera":
        """The map that undoes this one."""
        return Camera(1 / self.zoom, -self.x / self.zoom, -self.y / self.zoom)

    def still(self, shape: tuple[int, int]) -> bool:
        """Whether no place of a picture of (rows, columns) moves visibly."""
        reach = abs(self.zoom - 1) * max(shape) / 2
        return abs(self.x) + reach < _INVISIBLE and abs(self.y) + reach < _INVISIBLE


STILL: Final = Camera(1.0, 0.0, 0.0)


def warped(luma: Luma, camera: Camera) -> tuple[Luma, slice, slice]:
    """The picture as seen from elsewhere: at each place what `luma` shows at `camera` of it.

    Also the rows and columns for which it shows anything; the rest repeats its edges.
    """
    if camera.still(luma.shape):
        return luma, slice(0, luma.shape[0]), slice(0, luma.shape[1])
    rows, row_part, seen_rows = _places(luma.shape[0], camera.zoom, camera.y)
    columns, column_part, seen_columns = _places(luma.shape[1], camera.zoom, camera.x)
    top, bottom = luma[rows], luma[rows + 1]
    bottom -= top
    bottom *= row_part[:, None]
    bottom += top
    left, right = bottom[:, columns], bottom[:, columns + 1]
    right -= left
    right *= column_part
    right += left
    return right, seen_rows, seen_columns


def _places(size: int, zoom: float, shift: float) -> tuple[NDArray[np.intp], Luma, slice]:
    """Along one axis: the sample before each place, how far beyond it the place is, and which places exist."""
    middle = (size - 1) / 2
    origin = middle - middle * zoom + shift
    at = np.arange(size) * zoom + origin
    before = at.astype(np.intp)
    np.minimum(np.maximum(before, 0, out=before), size - 2, out=before)
    at -= before
    part = np.minimum(np.maximum(at, 0), 1).astype(np.float32)
    first = min(max(ceil(-origin / zoom), 0), size)
    return before, part, slice(first, min(max(floor((size - 1 - origin) / zoom) + 1, first), size))
