"""How alike the left and right joints of a person move. docs/score.md says why and how."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.pose.keypoints import PointArray
from sightglass_worker.domain.pose.people import SEEN
from sightglass_worker.domain.score.parts import Measured

# A joint, and the points that its angle lies between; each with `left_` and `right_` before it.
_JOINTS: Final = (
    ("shoulder", "elbow", "wrist"),
    ("hip", "knee", "ankle"),
    ("elbow", "shoulder", "hip"),
    ("shoulder", "hip", "knee"),
)
# Samples in which both sides are seen: two seconds of them.
_FEWEST: Final = 10
# Degrees. Joints that bend less on both sides are held still, and what is left of that is noise.
_LEAST_BEND: Final = 10.0

Values = NDArray[np.float64]


def symmetry(samples: Sequence[TrackSample], names: Sequence[str], aspect: float) -> Measured:
    """How far the joints of one side bend, beside those of the other: 0 to 1, 1 for alike.

    names: of the key points; none where no pose is known. aspect: width of the picture by its height.
    """
    if not names:
        return Measured(None, "needs a pose", 0, 0, 0)
    known = [(sample.t_us, sample.keypoints.array) for sample in samples if sample.keypoints is not None]
    if not known:
        return Measured(None, "nothing tracked", 0, 0, 0)
    times = np.array([t_us for t_us, _ in known])
    poses = np.stack([points for _, points in known])
    places = {name: number for number, name in enumerate(names)}
    used = np.zeros(len(known), np.bool_)
    bends: list[tuple[float, float]] = []
    for joint in _JOINTS:
        seen, both = _angles(poses, places, joint, aspect)
        if int(seen.sum()) >= _FEWEST:
            used |= seen
            bends.append((_bend(both[0][seen]), _bend(both[1][seen])))
    if not bends:
        return Measured(None, "no joint seen on both sides for two seconds", 0, 0, 0)
    moved = [(min(pair), max(pair)) for pair in bends if max(pair) >= _LEAST_BEND]
    from_us, to_us = int(times[used][0]), int(times[used][-1])
    if not moved:
        return Measured(None, "hardly any joint bends", from_us, to_us, int(used.sum()))
    raw = sum(less for less, _ in moved) / sum(more for _, more in moved)
    return Measured(raw, None, from_us, to_us, int(used.sum()))


def _angles(
    poses: NDArray[np.float32], places: Mapping[str, int], joint: tuple[str, str, str], aspect: float
) -> tuple[NDArray[np.bool_], tuple[Values, Values]]:
    """In which samples the joint is seen on both sides, and its angles in degrees, left and right."""
    sides = [[places.get(f"{side}_{name}") for name in joint] for side in ("left", "right")]
    left, right = ([number for number in side if number is not None] for side in sides)
    if len(left) + len(right) < 2 * len(joint):
        return np.zeros(len(poses), np.bool_), (np.zeros(0), np.zeros(0))
    seen = np.min(poses[:, left + right, 2], axis=1) >= SEEN
    return seen, (_angle(poses[:, left], aspect), _angle(poses[:, right], aspect))


def _angle(corners: PointArray, aspect: float) -> Values:
    """Degrees at the middle one of three points, 0 to 180."""
    points = corners[:, :, :2].astype(np.float64) * np.array([aspect, 1.0])
    one, other = points[:, 0] - points[:, 1], points[:, 2] - points[:, 1]
    cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return np.degrees(np.abs(np.arctan2(cross, (one * other).sum(axis=1))))


def _bend(angles: Values) -> float:
    """From the 5th to the 95th percentile."""
    ordered = np.sort(angles)
    last = ordered.size - 1
    return float(ordered[round(0.95 * last)] - ordered[round(0.05 * last)])
