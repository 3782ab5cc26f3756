"""A track that may still go on: where its thing should be, by constant velocity against the background."""

from dataclasses import dataclass
from typing import Final

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.track_samples import PackedSamples, TrackSample
from sightglass_worker.domain.pose.keypoints import Keypoints

# How much of the newest velocity is believed; the first is all that is known.
_NEWEST: Final = 0.4


@dataclass(slots=True)
class _Velocity:
    """Frame sizes a microsecond, against the background."""

    x: float
    y: float


class OpenTrack:
    """The state of a track. For each sample: predict, then at most one of see and share."""

    def __init__(self, t_us: int, box: Box, keypoints: Keypoints | None = None) -> None:
        first = TrackSample(t_us, box, keypoints)
        self.samples: list[TrackSample] | PackedSamples = PackedSamples([first]) if keypoints is None else [first]
        self.box = box  # as predicted for `_t_us`
        self.sharing = False
        self.shares_now = False
        self._t_us = self._last_us = self._seen_us = t_us
        self._seen_at = box  # the box last seen, moved with the background since
        self._velocity: _Velocity | None = None

    @property
    def unseen_us(self) -> int:
        """Time since the thing was last seen alone."""
        return self._t_us - self._seen_us

    @property
    def seen_before(self) -> bool:
        """Whether it was seen in the sample before this one."""
        return self._last_us == self._seen_us

    def predict(self, t_us: int, camera: tuple[float, float]) -> None:
        """Move on to the time of the next sample, before which the camera moved the picture by `camera`."""
        self.shares_now = False
        self._last_us = self._t_us
        step_us = t_us - self._t_us
        self._t_us = t_us
        self._seen_at = _moved(self._seen_at, *camera)
        self.box = _moved(self.box, *camera)
        if self._velocity:
            self.box = _moved(self.box, self._velocity.x * step_us, self._velocity.y * step_us)

    def see(self, box: Box, keypoints: Keypoints | None = None) -> None:
        """The thing is here."""
        x, y = _centre(box)
        last_x, last_y = _centre(self._seen_at)
        x, y = (x - last_x) / self.unseen_us, (y - last_y) / self.unseen_us
        old = self._velocity or _Velocity(x, y)
        self._velocity = _Velocity(old.x + _NEWEST * (x - old.x), old.y + _NEWEST * (y - old.y))
        self.samples.append(TrackSample(self._t_us, box, keypoints))
        self._seen_us = self._t_us
        self.box = self._seen_at = box
        self.sharing = False

    def share(self) -> None:
        """The thing is somewhere in a region together with others. So it stays until it is seen alone."""
        self.sharing = self.shares_now = True


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _moved(box: Box, x: float, y: float) -> Box:
    return Box(box.x + x, box.y + y, box.width, box.height)
