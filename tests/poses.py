"""Drawn persons for the models of onnx_models: six dots, a shoulder, an elbow and a wrist on each side."""

from collections.abc import Iterator, Mapping
from math import cos, pi, radians, sin

import numpy as np
from tests.films import Image
from tests.onnx_models import COLOURS

ROWS, COLUMNS = 180, 320
_RADIUS = 8
_ARM = 44

Place = tuple[float, float]


def person(left_bend: float, right_bend: float, middle: float = 160.0) -> dict[str, Place]:
    """Pixels of the key points. Bends: degrees by which each elbow is bent."""
    found: dict[str, Place] = {}
    for side, sign, bend in (("left", 1, left_bend), ("right", -1, right_bend)):
        shoulder = (middle + sign * 30, 50.0)
        elbow = (shoulder[0] + sign * _ARM * 0.6, shoulder[1] + _ARM * 0.8)
        angle = radians(53.13 - bend)
        wrist = (elbow[0] + sign * _ARM * cos(angle), elbow[1] + _ARM * sin(angle))
        found |= {f"{side}_shoulder": shoulder, f"{side}_elbow": elbow, f"{side}_wrist": wrist}
    return found


def drawn_person(places: Mapping[str, Place]) -> Image:
    """RGB of ROWS x COLUMNS with a dot of each key point's colour."""
    image = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    for name, (across, down) in places.items():
        image[np.hypot(x - across, y - down) <= _RADIUS] = COLOURS[name]
    return image


def arms(frames: int, *, right: float = 1.0) -> Iterator[Image]:
    """Somebody who bends both elbows once a second, at 25 frames a second; the right one `right` times as far."""
    for number in range(frames):
        bend = 40 * (1 - cos(2 * pi * number / 25))
        yield drawn_person(person(bend, right * bend, 160 + 10 * sin(2 * pi * number / 50)))
