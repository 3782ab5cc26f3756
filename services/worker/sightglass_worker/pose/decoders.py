"""What models give, read as key points in pixels of their input. Pure arrays."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.pose.engine import MOST_PEOPLE

Floats = NDArray[np.floating[Any]]

# A body of which so little is certain on average is none.
_LEAST_MEAN: Final = 0.3
# Of models that find several persons: the least certainty, and how much of two boxes is one person's.
_LEAST_WEIGHT: Final = 0.25
_SAME_PERSON: Final = 0.65


class Body(NamedTuple):
    """A person. points: (points, 3), x and y in pixels of the model's input, and confidence. weight: 0 to 1.

    box: left, top, width, height in the same pixels, if the model gives one.
    """

    points: Floats
    weight: float
    box: Floats | None = None


class WrongOutput(Exception):
    """What a model gives is not what its manifest says."""


class Size(NamedTuple):
    """What is known of a model. width, height: of its input. points: how many key points."""

    width: int
    height: int
    points: int


Decoder = Callable[[Sequence[Floats], Size], list[Body]]


def simcc(outputs: Sequence[Floats], size: Size) -> list[Body]:
    """Coordinates by classification (Li and others, 2022): for each point a row over x and one over y."""
    if len(outputs) != 2 or any(out.ndim != 3 or out.shape[:2] != (1, size.points) for out in outputs):
        raise WrongOutput(f"simcc gives (1, {size.points}, columns) and (1, {size.points}, rows), {_told(outputs)}")
    across, down = (_finite(out[0]) for out in outputs)
    x = across.argmax(axis=1) * (size.width / across.shape[1])
    y = down.argmax(axis=1) * (size.height / down.shape[1])
    # A point is no more certain than the less certain of its coordinates.
    confidence = np.minimum(across.max(axis=1), down.max(axis=1))
    return _single(np.stack([x, y, confidence], axis=1))


def heatmap(outputs: Sequence[Floats], size: Size) -> list[Body]:
    """For each point a map: its highest place, moved a quarter of a step towards the higher neighbour."""
    if len(outputs) != 1 or outputs[0].ndim != 4 or outputs[0].shape[:2] != (1, size.points):
        raise WrongOutput(f"heatmap gives (1, {size.points}, rows, columns), {_told(outputs)}")
    maps = _finite(outputs[0][0])
    _, rows, columns = maps.shape
    points = np.empty((size.points, 3))
    for number, values in enumerate(maps):
        row, column = divmod(int(values.argmax()), columns)
        x = column + 0.5 + _quarter(values[row], column)
        y = row + 0.5 + _quarter(values[:, column], row)
        points[number] = x * size.width / columns, y * size.height / rows, values[row, column]
    return _single(points)


def yolo_pose(outputs: Sequence[Floats], size: Size) -> list[Body]:
    """Middle, width and height of a box, how certain, and the points: one column for each that may be a person."""
    values = 5 + 3 * size.points
    if len(outputs) != 1 or outputs[0].ndim != 3 or outputs[0].shape[0] != 1 or values not in outputs[0].shape[1:]:
        raise WrongOutput(f"yolo-pose gives (1, {values}, found), {_told(outputs)}")
    table = _finite(outputs[0][0])
    found = table.T if table.shape[0] == values else table
    found = found[found[:, 4] >= _LEAST_WEIGHT]
    found = found[np.argsort(-found[:, 4], kind="stable")]
    boxes = np.concatenate([found[:, :2] - found[:, 2:4] / 2, found[:, 2:4]], axis=1)
    return [
        Body(found[number, 5:].reshape(-1, 3), min(1.0, float(found[number, 4])), boxes[number])
        for number in _apart(boxes)
    ]


DECODERS: Final[dict[str, Decoder]] = {"simcc": simcc, "heatmap": heatmap, "yolo-pose": yolo_pose}


def _single(points: Floats) -> list[Body]:
    points[:, 2] = np.clip(points[:, 2], 0.0, 1.0)
    weight = float(points[:, 2].mean())
    return [Body(points, weight)] if weight >= _LEAST_MEAN else []


def _quarter(values: Floats, at: int) -> float:
    if not 0 < at < values.size - 1:
        return 0.0
    return 0.25 * float(np.sign(values[at + 1] - values[at - 1]))


def _apart(boxes: Floats) -> list[int]:
    """The boxes, most certain first, without those that show a person again (non-maximum suppression)."""
    kept: list[int] = []
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    areas = np.maximum(boxes[:, 2:], 0.0).prod(axis=1)
    for number in range(len(boxes)):
        sides = np.minimum(high[number], high[kept]) - np.maximum(low[number], low[kept])
        shared = np.maximum(sides, 0.0).prod(axis=1)
        if not (shared > _SAME_PERSON * (areas[number] + areas[kept] - shared)).any():
            kept.append(number)
            if len(kept) == MOST_PEOPLE:
                break
    return kept


def _finite(values: Floats) -> Floats:
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _told(outputs: Sequence[Floats]) -> str:
    return "and this model gives " + (" and ".join(str(out.shape) for out in outputs) or "nothing")
