"""The motion of a film: what moves in each scene, and the tracks of all that moves."""

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sightglass_worker.domain.motion.kept import KeptTracks
from sightglass_worker.domain.motion.samples import MotionSample, SceneMotion, scene_motion
from sightglass_worker.domain.motion.tracks import MOVING, TrackBuilder, Tracks


@dataclass(frozen=True, slots=True)
class FilmMotion:
    """scenes: of each scene in order, None where it is too short to tell. samples_us: when it was looked at."""

    scenes: list[SceneMotion | None]
    tracks: Tracks
    samples_us: Sequence[int]
    boundaries_us: Sequence[int]


class Waiting(Protocol):
    """Samples of a scene that is not over: first in, first out. A deque, or what holds less in memory."""

    def append(self, sample: MotionSample, /) -> None:
        """Take the next sample."""
        ...

    def popleft(self) -> MotionSample:
        """Give the first that waits. Raises IndexError when none does."""
        ...

    def __len__(self) -> int:
        """How many wait."""
        ...


class MotionFold:
    """Takes samples and scenes, each in order of time, as they become known, and follows what moves scene by scene.

    waiting: holds the samples of the open scene. kept: holds the tracks. Both in memory if that is not said.
    """

    def __init__(self, waiting: Waiting | None = None, kept: KeptTracks | None = None) -> None:
        self._waiting: Waiting = deque[MotionSample]() if waiting is None else waiting
        self._next: MotionSample | None = None
        self._newest_us = -1
        self._scenes: deque[tuple[int, int]] = deque()
        self._builder = TrackBuilder(MOVING, kept)
        self._motions: list[SceneMotion | None] = []
        self._times_us = array("q")
        self._starts_us = array("q")

    def sample(self, sample: MotionSample) -> None:
        """Take the next sample."""
        self._waiting.append(sample)
        self._newest_us = sample.t_us

    def scene(self, start_us: int, end_us: int) -> None:
        """Take the next scene; scenes tile the film."""
        self._scenes.append((start_us, end_us))

    @property
    def is_due(self) -> bool:
        """Whether there is a scene all of whose samples are known."""
        return bool(self._scenes) and self._scenes[0][1] <= self._newest_us

    def follow(self) -> None:
        """Follow what moves in the scenes that are due: seconds for a scene of hours."""
        while self.is_due:
            self._close(*self._scenes.popleft())

    def finish(self) -> FilmMotion:
        """What all of it comes to, once every scene and every sample is known."""
        while self._scenes:
            self._close(*self._scenes.popleft())
        return FilmMotion(self._motions, self._builder.finish(), self._times_us, self._starts_us[1:])

    def _close(self, start_us: int, end_us: int) -> None:
        self._motions.append(scene_motion(self._followed(start_us, end_us)))
        self._builder.end_scene()
        self._starts_us.append(start_us)

    def _followed(self, start_us: int, end_us: int) -> Iterator[MotionSample]:
        """The samples that compare two pictures of a scene; their regions are joined to tracks on the way."""
        while (sample := self._first()) is not None and sample.t_us < end_us:
            self._next = None
            self._times_us.append(sample.t_us)
            if sample.since_us >= start_us:  # else it compares two scenes, and says nothing of either
                self._builder.push(sample, scene_break=False)
                yield sample

    def _first(self) -> MotionSample | None:
        if self._next is None and self._waiting:
            self._next = self._waiting.popleft()
        return self._next
