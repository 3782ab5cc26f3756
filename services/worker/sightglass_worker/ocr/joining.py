"""Pieces of lines, as a model finds them, put together again."""

from typing import Final

import numpy as np

from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.tiles import Rectangle, enclosing, inked

# Pieces are one line if between them there is no blank wider than this share of their height, and a
# model has missed no more between them than this many times their height.
_BLANK: Final = 0.6
_MISSED: Final = 6.0
# Pieces of one line share at least so much of the height of the smaller one, which is at least
# so much of the larger one's.
_SHARED: Final = 0.6
_ALIKE: Final = 0.5


def joined(pieces: list[Rectangle], luma: Pixels) -> list[Rectangle]:
    """The rectangles of whole lines, from those of their pieces. The order of the pieces does not matter."""
    lines: list[Rectangle] = []
    for piece in sorted(pieces, key=lambda r: (r.left, r.top, r.right, r.bottom)):
        before = [line for line in lines if _goes_on(line, piece, luma)]
        if before:
            nearest = max(before, key=lambda line: (_shared(line, piece), line.right, -line.top))
            lines.remove(nearest)
            lines.append(enclosing([nearest, piece]))
        else:
            lines.append(piece)
    return sorted(lines, key=lambda r: (r.top, r.left, r.bottom, r.right))


def _goes_on(line: Rectangle, piece: Rectangle, luma: Pixels) -> bool:
    low, high = sorted((line.bottom - line.top, piece.bottom - piece.top))
    if low < _ALIKE * high or _shared(line, piece) < _SHARED * low:
        return False
    gap = piece.left - line.right
    if gap <= _BLANK * low:
        return True
    between = Rectangle(max(line.top, piece.top), min(line.bottom, piece.bottom), line.right, piece.left)
    return gap <= _MISSED * low and _longest_blank(luma[between.slices]) <= _BLANK * low


def _longest_blank(luma: Pixels) -> int:
    """Columns in a row without the edge of a letter, at most."""
    written = np.flatnonzero(inked(luma).any(axis=0))
    return int(np.diff(np.concatenate([[-1], written, [luma.shape[1]]])).max()) - 1


def _shared(a: Rectangle, b: Rectangle) -> int:
    return min(a.bottom, b.bottom) - max(a.top, b.top)
