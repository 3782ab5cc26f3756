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

# Adds up the bytes of a number of four bytes: their sum is the highest byte of the product.
_ADDING_BYTES: Final = np.uint32(0x01010101)

Evidence = NDArray[np.float32]


def regions(evidence: Evidence) -> tuple[Region, ...]:
    """Regions of `evidence` (rows, columns), of which 1 and more is a difference: clearest and largest first."""
    mask = evidence >= 1
    if not mask.any():
        return ()
    found: list[tuple[float, Region]] = []
    for rows, columns in _groups(*_cells(mask)):
        inside = mask[rows, columns]
        count = int(np.count_nonzero(inside))
        if count < _FEWEST:
            continue
        box = _bounds(inside, rows.start, columns.start, mask.shape)
        if box.width * box.height > _LARGEST:
            continue
        weight = min(1.0, float(evidence[rows, columns][inside].mean()) / _CLEAR)
        found.append((weight * count, Region(box, round(weight, 3))))
    found.sort(key=lambda item: (-item[0], item[1].box))
    return tuple(region for _, region in found[:MAX_REGIONS])


def _cells(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Cells in which at least an eighth of the samples differ, a bit each, row after row; and how many bits a row has.

    The last bit of a row is no cell's, so that no cell at its end is beside one of the next.
    """
    rows, columns = (-(-size // _CELL) for size in mask.shape)
    whole = np.zeros((rows * _CELL, columns * _CELL), np.uint8)
    whole[: mask.shape[0], : mask.shape[1]] = mask
    # Four samples beside each other are one number, a byte each.
    counts = np.add.reduce(whole.view(np.uint32).reshape(rows, _CELL, columns), 1, np.uint32) * _ADDING_BYTES >> 24
    cells = np.zeros((rows, columns + 1), np.bool_)
    cells[:, :columns] = counts >= _CELL * _CELL // 8
    return int.from_bytes(np.packbits(cells, bitorder="little").tobytes(), "little"), columns + 1


def _groups(cells: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of samples that each group of cells that touch spans. cells, width: as `_cells` gives them."""
    while cells:
        group, reached = 0, cells & -cells
        while reached != group:
            group = reached
            reached |= reached << 1 | reached >> 1
            reached |= reached << width | reached >> width
            reached &= cells
        cells ^= group
        yield _span(group, width)


def _span(group: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of samples from the first of a group's cells to the last."""
    top, bottom = _first(group) // width, (group.bit_length() - 1) // width
    across, row = 0, (1 << width) - 1
    while group:
        across |= group & row
        group >>= width
    return slice(top * _CELL, (bottom + 1) * _CELL), slice(_first(across) * _CELL, across.bit_length() * _CELL)


def _first(bits: int) -> int:
    """The number of the lowest bit."""
    return (bits & -bits).bit_length() - 1


def _bounds(inside: NDArray[np.bool_], top: int, left: int, shape: tuple[int, ...]) -> Box:
    """The box of the samples that differ."""
    rows, columns = inside.any(1).tobytes(), inside.any(0).tobytes()
    first_row, first_column = rows.index(1), columns.index(1)
    height, width = shape
    return Box(
        round((left + first_column) / width, 4),
        round((top + first_row) / height, 4),
        round((columns.rindex(1) + 1 - first_column) / width, 4),
        round((rows.rindex(1) + 1 - first_row) / height, 4),
    )
