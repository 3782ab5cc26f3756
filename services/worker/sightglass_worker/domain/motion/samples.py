"""What moves in a film: samples, and what the samples of a scene say together."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import hypot
from typing import Final, NamedTuple

from sightglass_worker.domain.box import Box

# Frame sizes a second. A slower camera is held by a hand or is not measured well; a pan that takes
# ten seconds to show another picture altogether is twice as fast.
_CAMERA_SPEED: Final = 0.05
# The share of a scene's samples that must show a thing to name the scene after it.
_ENOUGH: Final = 0.25
# Weight from which a region alone shows that something moves.
STRONG_WEIGHT: Final = 0.5


class Region(NamedTuple):
    """Where a picture differs from what stands still around it. weight: how clearly, 0 to 1."""

    box: Box
    weight: float

    @property
    def keypoints(self) -> None:
        """What moves shows no pose."""
        return


@dataclass(frozen=True, slots=True)
class MotionSample:
    """What moved in one picture.

    since_us: time of the sample before it, with which `camera` compares it. A sample with
        `since_us < boundary <= t_us` compares two scenes and says nothing.
    camera: how far the whole picture moved since then, in widths to the right and heights down.
    residual: mean difference that the camera does not explain, 0 to 1.
    magnitude: mean speed of the picture's points, in frame sizes a second.
    regions: strongest first, at most regions.MAX_REGIONS.
    """

    t_us: int
    since_us: int
    camera: tuple[float, float]
    residual: float
    magnitude: float
    regions: tuple[Region, ...]


class MotionKind(StrEnum):
    """What moves in a scene."""

    STILL = "still"
    CAMERA = "camera"
    OBJECT = "object"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class SceneMotion:
    """What moves in a scene; mean and 95th percentile of its samples' magnitude."""

    kind: MotionKind
    mean: float
    p95: float


def scene_motion(samples: Iterable[MotionSample]) -> SceneMotion | None:
    """Sum up the samples of one scene; None if there are none, as in a scene shorter than two samples."""
    magnitudes = array("d")
    of_camera = of_things = 0
    for sample in samples:
        magnitudes.append(sample.magnitude)
        of_camera += camera_speed(sample) >= _CAMERA_SPEED
        of_things += _has_strong(sample)
    count = len(magnitudes)
    if not count:
        return None
    camera, things = of_camera >= _ENOUGH * count, of_things >= _ENOUGH * count
    if camera:
        kind = MotionKind.BOTH if things else MotionKind.CAMERA
    else:
        kind = MotionKind.OBJECT if things else MotionKind.STILL
    p95 = sorted(magnitudes)[(95 * (count - 1) + 50) // 100]
    return SceneMotion(kind, sum(magnitudes) / count, p95)


def camera_speed(sample: MotionSample) -> float:
    """Speed of the whole picture, in frame sizes a second."""
    return hypot(*sample.camera) * 1_000_000 / (sample.t_us - sample.since_us)


def _has_strong(sample: MotionSample) -> bool:
    return any(region.weight >= STRONG_WEIGHT for region in sample.regions)
