"""The picture that stands for a scene: the sharpest of a few samples from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sightglass_worker.decode.picture import Picture
from sightglass_worker.domain.scenes import Scene

# Samples of a scene lie this far from its first frame, then twice as far, and so on: their number
# grows with the logarithm of its length.
_FIRST_STEP_US: Final = 250_000
# A later sample replaces an earlier one only if it is clearly sharper; most are not even scaled.
_CLEARLY: Final = 1.05


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample that may stand for its scene."""

    frame: int
    t_us: int
    sharpness: float
    picture: Picture


class KeyFrameChooser:
    """Keeps the candidates of the open scene, and those of the frames of which it is not yet certain."""

    def __init__(self) -> None:
        self._candidates: list[Candidate] = []
        self._due_us = 0
        self._step_us = _FIRST_STEP_US

    def wants(self, t_us: int, *, may_start: bool) -> bool:
        """Whether the frame at this time is to be offered. may_start: it may begin a scene."""
        return may_start or t_us >= self._due_us

    def offer(
        self, frame: int, t_us: int, sharpness: float, picture: Callable[[], Picture], *, may_start: bool
    ) -> None:
        """Consider a frame; `picture` is called only if it may be chosen."""
        best = max((c.sharpness for c in self._candidates), default=0.0)
        if may_start or not self._candidates or sharpness > _CLEARLY * best:
            self._candidates.append(Candidate(frame, t_us, sharpness, picture()))
        self._step_us = _FIRST_STEP_US if may_start else 2 * self._step_us
        self._due_us = t_us + self._step_us

    def choose(self, scene: Scene) -> Candidate:
        """Take the sharpest candidate of a complete scene, and forget all of it and before."""
        own = [c for c in self._candidates if scene.first_frame <= c.frame <= scene.last_frame]
        self._candidates = [c for c in self._candidates if c.frame > scene.last_frame]
        return max(own, key=lambda c: c.sharpness)

    @property
    def choices(self) -> int:
        """Candidates held at present."""
        return len(self._candidates)

    def forget(self, certain: int) -> None:
        """Of the candidates before frame `certain`, which are in the open scene, keep the sharpest."""
        old = [c for c in self._candidates if c.frame < certain]
        if len(old) > 1:
            best = max(old, key=lambda c: c.sharpness)
            self._candidates = [best, *(c for c in self._candidates if c.frame >= certain)]
