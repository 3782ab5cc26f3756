"""A picture fitted into the size that a model takes, without changing its proportions."""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.pixels import Pixels

# Gray around it, as models of the YOLO family are trained with.
_AROUND: Final = 114

Points = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a picture lies in a model's input, in pixels of that."""

    left: int
    top: int
    width: int
    height: int

    def back(self, points: Points) -> Points:
        """x and y of the input, in the first two of the last axis, as 0 to 1 of the picture; the rest stays."""
        out = points.astype(np.float64)
        out[..., 0] = (out[..., 0] - self.left) / self.width
        out[..., 1] = (out[..., 1] - self.top) / self.height
        return out


def letterboxed(rgb: Pixels, width: int, height: int) -> tuple[Pixels, Placing]:
    """The picture in the middle of one of width x height, as large as it fits."""
    rows, columns = rgb.shape[:2]
    factor = min(width / columns, height / rows)
    inside = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    placing = Placing((width - inside[0]) // 2, (height - inside[1]) // 2, *inside)
    out = np.full((height, width, 3), _AROUND, np.uint8)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(np.ascontiguousarray(rgb), inside, interpolation=method)
    out[placing.top : placing.top + inside[1], placing.left : placing.left + inside[0]] = small
    return out, placing
