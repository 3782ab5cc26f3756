"""Whether pictures in a row are mixtures of the first and the last of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.scenes.signature import Signature

Cells = NDArray[np.float32]

# A picture's luma in means of so many cells: so coarse that what moves within a shot changes little.
_ROWS: Final = 8
_COLUMNS: Final = 16
# Ends that differ by less than this, root mean square of the cells, are not told apart from noise and flicker.
_APART_MIN: Final = 6.0
# How far from even each picture's share of the last may be. One that eases in and out has 0.1.
_UNEVEN_MAX: Final = 0.2
# What of a picture is in neither end, as a share of what parts these. Drawn dissolves: 0.03 between still pictures,
# mostly to 0.4 where both shots move; a pan 0.5 to 0.9, a thing that passes 0.5.
_FOREIGN_MAX: Final = 0.36
# Cells whose details are still there, less those that are there as a negative: what is alike by chance cancels out.
# If only the light changes, or a title comes, nearly all of them are.
_DETAIL_SPREAD: Final = 2.0
_SAME_DETAIL: Final = 0.5
_SAME_CELLS_MAX: Final = 0.3


def cells_of(signature: Signature) -> Cells:
    """The luma's means in a grid of cells, one row after the other: 0 to 255."""
    luma = signature.samples[: signature.luma_size].reshape(-1, signature.columns)
    rows, columns = _edges(luma.shape[0], _ROWS), _edges(luma.shape[1], _COLUMNS)
    sums = np.add.reduceat(np.add.reduceat(luma, rows[:-1], axis=0, dtype=np.float32), columns[:-1], axis=1)
    sizes = np.diff(rows)[:, None] * np.diff(columns)[None]
    return (sums / sizes).ravel().astype(np.float32)


def are_mixtures(cells: Sequence[Cells], times_us: Sequence[int]) -> bool:
    """Whether each picture between the first and the last is made of both, evenly more of the last as time goes by."""
    first, apart = cells[0], cells[-1] - cells[0]
    energy = float(apart @ apart)
    if energy < _APART_MIN**2 * apart.size:
        return False
    way = np.stack(cells[1:-1]) - first
    share = way @ apart / energy
    even = (np.array(times_us[1:-1]) - times_us[0]) / (times_us[-1] - times_us[0])
    if float(np.abs(share - even).max()) > _UNEVEN_MAX:
        return False
    foreign = way - share[:, None] * apart
    return float((foreign * foreign).sum(axis=1).max()) <= _FOREIGN_MAX**2 * energy


def share_details(a: Signature, b: Signature) -> bool:
    """Whether two frames show the same things in much of the picture, however they are lit."""
    one, other = _details(a), _details(b)
    energies = (one * one).mean(axis=1), (other * other).mean(axis=1)
    textured = np.minimum(*energies) >= _DETAIL_SPREAD**2
    if not textured.any():
        return False
    alike = (one * other).mean(axis=1)[textured] / np.sqrt(energies[0] * energies[1])[textured]
    same, opposite = (alike >= _SAME_DETAIL).mean(), (alike <= -_SAME_DETAIL).mean()
    return float(same - opposite) > _SAME_CELLS_MAX


def _details(signature: Signature) -> Cells:
    """Luma less its cell's mean, as (cells, samples of a cell); what is left over at the edges is left out."""
    luma = signature.centred.reshape(-1, signature.columns)
    rows, columns = min(_ROWS, luma.shape[0]), min(_COLUMNS, luma.shape[1])
    high, wide = luma.shape[0] // rows, luma.shape[1] // columns
    cut = luma[: rows * high, : columns * wide].reshape(rows, high, columns, wide)
    cells = cut.transpose(0, 2, 1, 3).reshape(rows * columns, high * wide)
    return cells - cells.mean(axis=1, keepdims=True)


def _edges(size: int, parts: int) -> NDArray[np.int64]:
    parts = min(size, parts)
    return np.arange(parts + 1) * size // parts
