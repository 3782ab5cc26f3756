"""From small pictures to samples of motion, each compared with pictures up to 1.2 s before and after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from sightglass_worker.domain.motion.background import evidence
from sightglass_worker.domain.motion.camera import CameraFinder
from sightglass_worker.domain.motion.maps import STILL, Camera, Luma, chained, warped
from sightglass_worker.domain.motion.regions import regions
from sightglass_worker.domain.motion.samples import MotionSample

# Samples to either side of one that its background is taken from. A thing of one colour that takes
# longer than this for its own width is found by its edges alone.
REACH: Final = 12
# Below this correlation of the slopes of what both should show, two pictures are of different scenes.
# On the sample films it is at most 0.04 at a cut, and nowhere else below 0.27 but in a fade.
_SAME_SCENE: Final = 0.15
# Steps of luma from sample to sample below which a picture shows nothing.
_FLAT: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A picture, and how the camera moved since the one before: a map from its places to that one's."""

    t_us: int
    luma: Luma
    camera: Camera
    residual: float
    speed: float


class MotionFinder:
    """Takes pictures of one size; gives a sample of each but the first after a cut, REACH pictures later.

    A sample depends on the REACH pictures before and after it alone, and on cuts between them.
    is_wanted: asked with the time of each sample before it is made.
    """

    def __init__(self, is_wanted: Callable[[int], bool] = lambda _t_us: True) -> None:
        self._is_wanted = is_wanted
        self._finder: CameraFinder | None = None
        self._window: list[_Seen] = []
        self._told = 0  # how many of the window, from its start, need no telling

    def push(self, luma: Luma, t_us: int) -> Iterator[MotionSample]:
        """Take the next picture (rows, columns), luma 0 to 255; yield the samples that are now complete."""
        self._finder = self._finder or CameraFinder((luma.shape[0], luma.shape[1]))
        seen = self._compared(self._finder, luma, t_us)
        if seen is None:
            yield from self.finish()
            seen = _Seen(t_us, luma, STILL, 0.0, 0.0)
            self._told = 1
        self._window.append(seen)
        # The first pictures of a scene wait until the window is full, as they look ahead farther.
        if len(self._window) < 2 * REACH + 1:
            return
        while self._told <= len(self._window) - 1 - REACH:
            yield from self._wanted(self._told)
            self._told += 1
        if len(self._window) > 2 * REACH:
            del self._window[0]
            self._told -= 1

    def finish(self) -> Iterator[MotionSample]:
        """Yield the remaining samples of the scene, and forget it."""
        for index in range(self._told, len(self._window)):
            yield from self._wanted(index)
        self._window, self._told = [], 0

    def _compared(self, finder: CameraFinder, luma: Luma, t_us: int) -> _Seen | None:
        """The picture compared with the one before; None if there is none, or it is of another scene."""
        if not self._window:
            return None
        before = self._window[-1]
        camera = finder.between(before.luma, luma)
        seen, rows, columns = warped(before.luma, camera)
        now, then = luma[rows, columns], seen[rows, columns]
        if not _alike(now, then):
            return None
        left = np.abs(now - then)
        return _Seen(t_us, luma, camera, float(left.mean()) / 255, _speed(left, then))

    def _wanted(self, index: int) -> Iterator[MotionSample]:
        if self._is_wanted(self._window[index].t_us):
            yield self._sample(index)

    def _sample(self, index: int) -> MotionSample:
        here, before = self._window[index], self._window[index - 1]
        rows, columns = here.luma.shape
        # The map leads back in time. Rounded: finer than it is known, and short to send.
        camera = (round(0.0 - here.camera.x / columns, 5), round(0.0 - here.camera.y / rows, 5))
        per_second = 1_000_000 / (here.t_us - before.t_us)
        found = evidence(here.luma, self._others(index))
        magnitude = (hypot(*camera) + here.speed / max(rows, columns)) * per_second
        return MotionSample(
            here.t_us, before.t_us, camera, round(here.residual, 4), round(magnitude, 4), regions(found)
        )

    def _others(self, index: int) -> list[tuple[Luma, Camera]]:
        """Four pictures around this one, as far apart as can be but no farther than wanted, each with its map."""
        last = len(self._window) - 1
        first = max(0, min(index - REACH, last - 2 * REACH))
        span = min(last - first, 2 * REACH)
        places = [first + round(part * span / 4) for part in range(5)]
        nearest = min(places, key=lambda place: (abs(place - index), place))
        places.remove(nearest)
        return [(self._window[place].luma, self._map(index, place)) for place in places]

    def _map(self, here: int, there: int) -> Camera:
        steps = self._window[min(here, there) + 1 : max(here, there) + 1]
        camera = chained(seen.camera for seen in reversed(steps))
        return camera if there <= here else camera.back


def _alike(now: Luma, then: Luma) -> bool:
    """Whether two pictures show about the same, by the correlation of their slopes; or both of them nothing."""
    if min(now.shape) < 2:
        return False
    one, other = _slopes(now), _slopes(then)
    spreads = [float(np.sqrt(slopes @ slopes / slopes.size)) for slopes in (one, other)]
    if min(spreads) < _FLAT:
        return max(spreads) < _FLAT
    return float(one @ other) >= _SAME_SCENE * spreads[0] * spreads[1] * one.size


def _slopes(luma: Luma) -> Luma:
    """Steps across, of every second row, and down, of every second column: half of them tell enough."""
    across, down = luma[::2, 1:] - luma[::2, :-1], luma[1:, ::2] - luma[:-1, ::2]
    return np.concatenate([across.ravel(), down.ravel()])


def _speed(left: Luma, then: Luma) -> float:
    """Mean speed, in samples from picture to picture, that the difference `left` would take (normal flow)."""
    # Every second row tells enough.
    across, down = then[1:-1:2, 2:] - then[1:-1:2, :-2], then[2::2, 1:-1] - then[:-2:2, 1:-1]
    steep = np.abs(across, out=across)
    steep += np.abs(down, out=down)
    steep /= 2
    speed = left[1:-1:2, 1:-1] * steep
    steep *= steep
    steep += 25
    speed /= steep
    return float(speed.mean())
