"""Points of a body, kept small: a film of an hour has half a million of them and more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

_STORED: Final = np.dtype("<f4")

# (points, 3): x, y and confidence of each.
PointArray = NDArray[np.float32]


class Keypoint(NamedTuple):
    """A point of a body, 0 to 1 in display orientation; confidence 0 to 1."""

    x: float
    y: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Keypoints:
    """The points of one body at one time, always in the same order. packed: three floats of 32 bits each."""

    packed: bytes

    @classmethod
    def of(cls, points: Iterable[tuple[float, float, float]]) -> Self:
        """Pack points: x, y, confidence each. What lies outside of the picture was not seen: its confidence is 0."""
        values = np.array(list(points), np.float64).reshape(-1, 3)
        outside = ~((values[:, :2] >= 0) & (values[:, :2] <= 1)).all(axis=1)
        values = np.clip(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
        values[outside, 2] = 0.0
        return cls(values.astype(_STORED).tobytes())

    def __iter__(self) -> Iterator[Keypoint]:
        for x, y, confidence in self.array.tolist():
            yield Keypoint(x, y, confidence)

    def __len__(self) -> int:
        return len(self.packed) // (3 * _STORED.itemsize)

    @property
    def array(self) -> PointArray:
        """The same as an array; it cannot be written."""
        return np.frombuffer(self.packed, _STORED).reshape(-1, 3)
