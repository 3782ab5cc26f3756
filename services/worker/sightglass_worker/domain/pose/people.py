"""Persons in pictures of a film."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pose.keypoints import Keypoints

# A point less certain than this is not where the body is.
SEEN: Final = 0.3
# The box around points is larger than they span by this share on each side: joints lie inside a body.
_MARGIN: Final = 0.1
_SHORTEST_SIDE: Final = 0.01


class Person(NamedTuple):
    """A person in a picture. weight: how certain, 0 to 1."""

    box: Box
    weight: float
    keypoints: Keypoints


@dataclass(frozen=True, slots=True)
class PoseLook:
    """A picture in which persons are to be found: RGB of 8 bits, row by row, upright."""

    t_us: int
    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True)
class PoseSample:
    """The persons of one picture; none where none was found, or where looking for them failed."""

    t_us: int
    regions: tuple[Person, ...]
    camera: tuple[float, float] = (0.0, 0.0)


def box_around(keypoints: Keypoints) -> Box | None:
    """The box around the points that were seen, within the picture; None if those are fewer than two."""
    points = keypoints.array
    seen = points[points[:, 2] >= SEEN, :2].astype(np.float64)
    if len(seen) < 2:
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    margin = np.maximum(_MARGIN * (high - low), _SHORTEST_SIDE / 2)
    left, top = np.maximum(low - margin, 0.0).tolist()
    right, bottom = np.minimum(high + margin, 1.0).tolist()
    return Box(left, top, right - left, bottom - top)
