"""Which frames may stand for their scene, by rules that need no more than the frame and the few before it.

So a run over a part of a film sees the same candidates as a run over all of it, and the best of a scene is the best of
the best of its parts.
"""

from dataclasses import dataclass
from enum import Enum, auto
from math import frexp
from typing import Final, Generic, TypeVar

from sightglass_worker.domain.scenes.fades import LIT_SPREAD
from sightglass_worker.domain.scenes.signature import Signature

P = TypeVar("P")

# The first frame of each such slot of media time is a candidate: two a second are 0.1 % of the cost of decoding.
SLOT_US: Final = 500_000
_STEPS: Final = 32


class Role(Enum):
    """What a frame may be to a scene."""

    NONE = auto()
    CANDIDATE = auto()
    START = auto()  # perhaps its first frame, and so a candidate too


@dataclass(frozen=True, slots=True)
class Candidate(Generic[P]):
    """A frame that may stand for its scene. picture: whatever shows it."""

    frame: int
    t_us: int
    sharpness: float
    picture: P

    @property
    def level(self) -> int:
        """How sharp it is, in steps that can be seen."""
        return level(self.sharpness)


def level(sharpness: float) -> int:
    """Sharpness in steps of 3 to 6 %, so that a picture is not taken for a gain that nobody sees. Exact arithmetic."""
    mantissa, exponent = frexp(sharpness)
    return max(0, _STEPS // 2 * exponent + int(_STEPS * mantissa))


def better(one: Candidate[P] | None, later: Candidate[P] | None) -> Candidate[P] | None:
    """The one that stands for both their parts of a scene: the sharper, of equals the earlier."""
    if one is None or (later is not None and later.level > one.level):
        return later
    return one


class CandidateRule:
    """Tells each frame's role. Wants every frame, in order."""

    def __init__(self) -> None:
        self._slot: int = -1
        self._was_flat = False
        self._was_lit = True
        self._first = True

    def role(self, signature: Signature, t_us: int, *, may_be_cut: bool) -> Role:
        """The role of the next frame. may_be_cut: as far as is known yet (`CutFinder.latest_may_be_cut`)."""
        starts = self._first or may_be_cut or (self._was_flat and not signature.flat)
        lit = signature.spread >= LIT_SPREAD
        slot: int = t_us // SLOT_US
        offered = starts or slot != self._slot or (lit and not self._was_lit)
        self._first, self._was_flat, self._was_lit, self._slot = False, signature.flat, lit, slot
        return Role.START if starts else Role.CANDIDATE if offered else Role.NONE


class Held(Generic[P]):
    """The candidates of which one will be chosen, as few as can be: the frames' fate is known only later."""

    def __init__(self) -> None:
        self._candidates: list[Candidate[P]] = []
        self._level = -1  # the highest since what may be the newest start

    def wants(self, role: Role, sharpness: float) -> bool:
        """Whether a picture of the frame may be needed; to be asked of every candidate, in order."""
        if role is Role.START:
            self._level = -1
        if level(sharpness) <= self._level:
            return False
        self._level = level(sharpness)
        return True

    def add(self, candidate: Candidate[P]) -> None:
        """Keep a candidate that was wanted."""
        self._candidates.append(candidate)

    def take(self, before: int | None) -> Candidate[P] | None:
        """The best of all before a frame (None: of all), which are then forgotten; None if there is none."""
        best: Candidate[P] | None = None
        for candidate in self._candidates:
            if before is None or candidate.frame < before:
                best = better(best, candidate)
        self._candidates = [c for c in self._candidates if before is not None and c.frame >= before]
        return best

    @property
    def level(self) -> int:
        """What a candidate must exceed to be wanted, unless it may be a start."""
        return self._level

    @property
    def several(self) -> bool:
        """Whether there is anything to thin."""
        return len(self._candidates) > 1

    def thin(self, before: int) -> None:
        """Of the candidates before a frame, which are all in one scene, keep the best."""
        if not self.several or self._candidates[1].frame >= before:
            return
        best = self.take(before)
        if best is not None:
            self._candidates.insert(0, best)
