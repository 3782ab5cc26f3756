"""The persons of one film: each of its pictures is looked at, and what is found becomes tracks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.pose.people import Person, PoseLook, PoseSample
from sightglass_worker.domain.pose.tracks import person_tracks
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.pose.engine import Picture

# After so many failures in a row no more is tried: the engine is broken, or the film breaks it.
_MOST_FAILURES: Final = 3


@dataclass(frozen=True, slots=True)
class PoseCoverage:
    """Pictures in which persons were to be found. found: in which somebody was. failed: which were not looked at.

    reason: the error code of the first that failed.
    """

    looks: int
    found: int
    failed: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class FilmPeople:
    """The persons of a film. looks_us: when it was looked at. aspect: width of the picture by its height."""

    tracks: list[Track]
    looks_us: list[int]
    aspect: float
    coverage: PoseCoverage


class FilmPoses:
    """Takes the pictures of one film, in order of time.

    find: PoseFinder.find, or what finds as it does. names: of its key points.
    """

    def __init__(self, find: Callable[[Picture], Awaitable[list[Person]]], names: tuple[str, ...]) -> None:
        self._find = find
        self._names = names
        self._samples: list[PoseSample] = []
        self._aspect = 1.0
        self._failed = 0
        self._failed_in_a_row = 0
        self._reason: str | None = None

    async def take(self, look: PoseLook) -> None:
        """Look at the next picture; that it fails is only counted."""
        if not self._samples:
            self._aspect = look.width / look.height
        people: list[Person] = []
        if self._failed_in_a_row >= _MOST_FAILURES:
            self._failed += 1
        else:
            people = await self._tried(look)
        self._samples.append(PoseSample(look.t_us, tuple(people)))

    def finish(self, boundaries_us: Sequence[int], first_number: int) -> FilmPeople:
        """The tracks of all persons, numbered from first_number. boundaries_us: where scenes start, ascending."""
        tracks = person_tracks(self._samples, boundaries_us, self._names, first_number)
        found = sum(bool(sample.regions) for sample in self._samples)
        coverage = PoseCoverage(len(self._samples), found, self._failed, self._reason)
        return FilmPeople(tracks, [sample.t_us for sample in self._samples], self._aspect, coverage)

    async def _tried(self, look: PoseLook) -> list[Person]:
        rgb = np.frombuffer(look.rgb, np.uint8).reshape(look.height, look.width, 3)
        try:
            people = await self._find(Picture(rgb, first=not self._samples))
        except CallFailed as failed:
            self._failed += 1
            self._failed_in_a_row += 1
            self._reason = self._reason or failed.reason
            return []
        self._failed_in_a_row = 0
        return people
