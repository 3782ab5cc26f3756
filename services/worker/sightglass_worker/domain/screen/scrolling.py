"""How far a part of the screen was scrolled from one picture to the next, up or down."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.tiles import Rectangle

_STEP: Final = 24
# Columns that are summed up to one number of a row: wide enough to be few, narrow enough to tell lines apart.
_BLOCK: Final = 64
# Lines at even distances give many shifts that fit about as well; only one of them fits exactly.
_CANDIDATES: Final = 6
# Of the samples that differ unless shifted, at most this share may differ when shifted.
_UNEXPLAINED: Final = 0.2
# Of the height, at least this share must be seen in both pictures.
_OVERLAP: Final = 0.4


def scrolled(before: Pixels, after: Pixels, box: Rectangle) -> int:
    """Rows by which what `box` shows has moved down since `before`; negative is up, 0 if that explains nothing."""
    old, new = before[box.slices], after[box.slices]
    for down in _likely(_profile(old), _profile(new)):
        if _explains(old, new, down):
            return down
    return 0


def left_by_scroll(before: Pixels, after: Pixels) -> float:
    """The share of the samples in which two pictures differ, 0 to 1, that no move up or down explains.

    What stands still while the rest moves is explained too, what comes into sight is not looked at.
    """
    least = 1.0
    for down in _likely(_profile(before), _profile(after)):
        here, there, still = _overlap(before, after, down)
        differs = _differs(still, here)
        unexplained = np.count_nonzero(differs & _differs(there, here))
        least = min(least, unexplained / max(1, np.count_nonzero(differs)))
    return least


def scroll(picture: Pixels, after: Pixels, box: Rectangle, down: int) -> Pixels:
    """A picture with a part of it moved as it has moved in `after`.

    What thereby comes into sight differs from `after` in every sample.
    """
    moved = picture.copy()
    part, came = moved[box.slices], after[box.slices] ^ np.uint8(128)
    source = picture[box.slices]
    if down < 0:
        part[:down], part[down:] = source[-down:], came[down:]
    else:
        part[down:], part[:down] = source[:-down], came[:down]
    return moved


def _profile(part: Pixels) -> NDArray[np.float32]:
    starts = list(range(0, part.shape[1], _BLOCK))
    sums = np.add.reduceat(part, starts, axis=1, dtype=np.uint32)
    return np.diff(sums.astype(np.float32), axis=0)


def _likely(old: NDArray[np.float32], new: NDArray[np.float32]) -> list[int]:
    """The shifts at which the profiles agree most, best first, by their cross-correlation."""
    rows = old.shape[0]
    size = 1 << (2 * rows - 1).bit_length()
    product = np.conj(np.fft.rfft(old, size, axis=0)) * np.fft.rfft(new, size, axis=0)
    agreement = np.fft.irfft(product.sum(axis=1), size)
    most = int(rows * (1 - _OVERLAP))
    shifts = np.concatenate([np.arange(-most, 0), np.arange(1, most + 1)])
    # A far shift has less to agree in: what counts is how much for each row.
    worth = agreement[shifts] / (rows - np.abs(shifts))
    return [int(shifts[i]) for i in np.argsort(-worth, kind="stable")[:_CANDIDATES]]


def _explains(old: Pixels, new: Pixels, down: int) -> bool:
    here, there, still = _overlap(old, new, down)
    return bool(np.count_nonzero(_differs(there, here)) <= _UNEXPLAINED * np.count_nonzero(_differs(still, here)))


def _overlap(old: Pixels, new: Pixels, down: int) -> tuple[Pixels, Pixels, Pixels]:
    """What both pictures show: as it is now, where it came from, and what was there before."""
    here = new[down:] if down > 0 else new[:down]
    there = old[:-down] if down > 0 else old[-down:]
    still = old[down:] if down > 0 else old[:down]
    return here, there, still


def _differs(a: Pixels, b: Pixels) -> NDArray[np.bool_]:
    apart = np.maximum(a, b)
    apart -= np.minimum(a, b)
    return apart > _STEP
