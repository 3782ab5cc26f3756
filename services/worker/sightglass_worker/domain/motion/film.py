"""The motion of a film: what moves in each scene, and the tracks of all that moves."""

from array import array
from collections import deque
from dataclasses import dataclass

from sightglass_worker.domain.motion.samples import MotionSample, SceneMotion, scene_motion
from sightglass_worker.domain.motion.tracks import Track, TrackBuilder


@dataclass(frozen=True, slots=True)
class FilmMotion:
    """scenes: of each scene in order, None where it is too short to tell. samples_us: when it was looked at."""

    scenes: list[SceneMotion | None]
    tracks: list[Track]
    samples_us: list[int]
    boundaries_us: list[int]


class MotionFold:
    """Takes samples and scenes, each in order of time, as they become known. Holds the samples of the open scene."""

    def __init__(self) -> None:
        self._waiting: deque[MotionSample] = deque()
        self._scenes: deque[tuple[int, int]] = deque()
        self._builder = TrackBuilder()
        self._motions: list[SceneMotion | None] = []
        self._times_us = array("q")
        self._starts_us: list[int] = []

    def sample(self, sample: MotionSample) -> None:
        """Take the next sample."""
        self._waiting.append(sample)
        self._close_scenes(sample.t_us)

    def scene(self, start_us: int, end_us: int) -> None:
        """Take the next scene; scenes tile the film."""
        self._scenes.append((start_us, end_us))
        if self._waiting:
            self._close_scenes(self._waiting[-1].t_us)

    def finish(self) -> FilmMotion:
        """What all of it comes to, once every scene and every sample is known."""
        while self._scenes:
            self._close(*self._scenes.popleft())
        return FilmMotion(self._motions, self._builder.finish(), list(self._times_us), self._starts_us[1:])

    def _close_scenes(self, until_us: int) -> None:
        while self._scenes and self._scenes[0][1] <= until_us:
            self._close(*self._scenes.popleft())

    def _close(self, start_us: int, end_us: int) -> None:
        own: list[MotionSample] = []
        while self._waiting and self._waiting[0].t_us < end_us:
            sample = self._waiting.popleft()
            self._times_us.append(sample.t_us)
            if sample.since_us >= start_us:  # else it compares two scenes, and says nothing of either
                self._builder.push(sample, scene_break=False)
                own.append(sample)
        self._builder.end_scene()
        self._motions.append(scene_motion(own))
        self._starts_us.append(start_us)
