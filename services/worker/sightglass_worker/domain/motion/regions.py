"""Regions of a picture that differ from their background."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.samples import Region

MAX_REGIONS: Final = 12
# Samples of a cell's side. Cells are joined, samples give the box.
_CELL: Final = 4
# Samples that differ before a region is more than noise, and the share of the picture above which
# it is the background that is wrong.
_FEWEST: Final = 10
_LARGEST: Final = 0.6
# Evidence, in thresholds, at which a region is as clear as can be.
_CLEAR: Final = 3.0

_NEAR: Final = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]

Evidence = NDArray[np.float32]


def regions(evidence: Evidence) -> tuple[Region, ...]:
    """Regions of `evidence` (rows, columns), of which 1 and more is a difference: clearest and largest first."""
    mask = evidence >= 1
    if not mask.any():
        return ()
    found: list[tuple[float, Region]] = []
    for rows, columns in _groups(_cells(mask)):
        inside = mask[rows, columns]
        count = int(np.count_nonzero(inside))
        box = _bounds(inside, rows.start, columns.start, mask.shape)
        if count < _FEWEST or box.width * box.height > _LARGEST:
            continue
        weight = min(1.0, float(evidence[rows, columns][inside].mean()) / _CLEAR)
        found.append((weight * count, Region(box, round(weight, 3))))
    found.sort(key=lambda item: (-item[0], item[1].box))
    return tuple(region for _, region in found[:MAX_REGIONS])


def _cells(mask: NDArray[np.bool_]) -> set[tuple[int, int]]:
    """Cells in which at least an eighth of the samples differ."""
    rows, columns = (-(-size // _CELL) for size in mask.shape)
    whole = np.zeros((rows * _CELL, columns * _CELL), np.uint8)
    whole[: mask.shape[0], : mask.shape[1]] = mask
    counts = whole.reshape(rows, _CELL, columns, _CELL).sum((1, 3), dtype=np.uint8)
    return {(row, column) for row, column in np.argwhere(counts >= _CELL * _CELL // 8).tolist()}


def _groups(cells: set[tuple[int, int]]) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of samples that each group of cells that touch spans."""
    left = set(cells)
    while left:
        group = [left.pop()]
        for row, column in group:
            near = [cell for down, across in _NEAR if (cell := (row + down, column + across)) in left]
            left.difference_update(near)
            group += near
        rows, columns = [row for row, _ in group], [column for _, column in group]
        yield (
            slice(min(rows) * _CELL, (max(rows) + 1) * _CELL),
            slice(min(columns) * _CELL, (max(columns) + 1) * _CELL),
        )


def _bounds(inside: NDArray[np.bool_], top: int, left: int, shape: tuple[int, ...]) -> Box:
    """The box of the samples that differ."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    height, width = shape
    return Box(
        round((left + int(columns[0])) / width, 4),
        round((top + int(rows[0])) / height, 4),
        round((int(columns[-1]) - int(columns[0]) + 1) / width, 4),
        round((int(rows[-1]) - int(rows[0]) + 1) / height, 4),
    )
