"""Maps between pictures of a camera that moves by a shift and a zoom, and pictures seen through them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]
Places = NDArray[np.intp]

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
    (rows, columns), (row_part, column_part) = _places((luma.shape[0], luma.shape[1]), camera)
    # Whole rows are taken at a fraction of what single samples cost, so that the picture is laid on its side between.
    lying = _between(luma, rows, row_part).T.copy()
    seen = _between(lying, columns, column_part).T.copy()
    return seen, _shown(luma.shape[0], camera.zoom, camera.y), _shown(luma.shape[1], camera.zoom, camera.x)


def chained(cameras: Iterable[Camera]) -> Camera:
    """The map that does all of these, the first of them first."""
    zoom, x, y = 1.0, 0.0, 0.0
    for camera in cameras:
        zoom, x, y = camera.zoom * zoom, camera.zoom * x + camera.x, camera.zoom * y + camera.y
    return Camera(zoom, x, y)


def _between(luma: Luma, before: Places, part: Luma) -> Luma:
    """Rows of `luma`, each so far beyond one of `before` as its `part` says."""
    here, beyond = luma.take(before, 0), luma[1:].take(before, 0)
    beyond -= here
    beyond *= part[:, None]
    beyond += here
    return beyond


def _places(shape: tuple[int, int], camera: Camera) -> tuple[tuple[Places, Places], tuple[Luma, Luma]]:
    """Along each axis: the sample before each place, within the picture, and how far beyond it the place is."""
    steps, last = _axes(shape)
    rows = shape[0]
    at = steps * camera.zoom  # both axes in one, which halves the calls
    at[:rows] += _origin(rows, camera.zoom, camera.y)
    at[rows:] += _origin(shape[1], camera.zoom, camera.x)
    before = at.astype(np.intp)
    np.minimum(np.maximum(before, 0, out=before), last, out=before)
    at -= before
    part = np.minimum(np.maximum(at, 0, out=at), 1, out=at).astype(np.float32)
    return (before[:rows], before[rows:]), (part[:rows], part[rows:])


@lru_cache(maxsize=8)
def _axes(shape: tuple[int, int]) -> tuple[NDArray[np.float64], Places]:
    """The rows and then the columns of a picture, by number; and of each the last that has one after it."""
    rows, columns = shape
    return np.concatenate([np.arange(rows), np.arange(columns)]).astype(np.float64), np.repeat(
        np.array([rows - 2, columns - 2]), shape
    )


def _shown(size: int, zoom: float, shift: float) -> slice:
    """The places along an axis at which there is anything to be seen."""
    origin = _origin(size, zoom, shift)
    first = min(max(ceil(-origin / zoom), 0), size)
    return slice(first, min(max(floor((size - 1 - origin) / zoom) + 1, first), size))


def _origin(size: int, zoom: float, shift: float) -> float:
    """Where along an axis the first place is."""
    middle = (size - 1) / 2
    return middle - middle * zoom + shift
