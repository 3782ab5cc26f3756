"""Dissolves: one picture turns into another while both are seen, found with a bounded look around.

Frames of a dissolve lie on the straight line between the pictures at its two ends, and half-way between pictures that
have nothing in common half of the contrast is gone (the variance of a mean of two unrelated signals). A moving camera
or a thing that moves leaves the line, light that changes keeps the structure.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Final

from sightglass_worker.domain.scenes.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.scenes.fades import LIT_SPREAD
from sightglass_worker.domain.scenes.mixtures import Cells, are_mixtures, cells_of, share_details
from sightglass_worker.domain.scenes.signature import Signature, correlation

# The first frame of each such slot of media time is looked at: 80 ms are two frames at 25 a second. What takes less
# than three slots to either side of its middle is judged as a cut.
SLOT_US: Final = 80_000
HALF_MIN: Final = 3
HALF_MAX: Final = 13
# Of dissolves whose middles lie this near, in slots, only the clearest is told.
APART: Final = 6
# Slots to either side of a dissolve's middle on which its verdict depends.
REACH_SLOTS: Final = HALF_MAX + APART
# Slots may be this much longer than they should be: a film of fewer than 9 frames a second has no dissolves.
_STRETCH: Final = 1.5
# The middle has at most this share of the variance of the ends, ...
_DIP: Final = 0.78
# ... and that which two pictures have that are so alike, give or take. Drawn dissolves over moving shots: to 0.13.
_DIP_ERROR: Final = 0.12
# Ends that correlate more are the same picture; less than no shot and another do, and one lit from the other side.
_ALIKE_MAX: Final = 0.4
_ALIKE_MIN: Final = -0.8
_LIT: Final = LIT_SPREAD**2


@dataclass(frozen=True, slots=True)
class Dissolve:
    """From the last frame looked at of the one picture, `left`, to the first of the other alone, `right`.

    Its boundary is the middle between the two, two and a half slots off at most where both shots stand still.
    """

    left: int
    right: int
    boundary: Boundary


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The best reading of a slot as a dissolve's middle. half: slots from there to either end."""

    clearness: float
    half: int
    score: float


@dataclass(slots=True)
class _Look:
    """A frame that is looked at. cells: made when first asked for, as for most frames nobody does."""

    frame: int
    t_us: int
    signature: Signature
    variance: float
    cells: Cells | None = None


class DissolveFinder:
    """Finds dissolves of half a second to two. Holds 33 signatures, whatever the length of the film."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque(maxlen=REACH_SLOTS + HALF_MAX + 1)
        self._verdicts: deque[_Verdict | None] = deque(maxlen=REACH_SLOTS + APART + 1)
        self._slot = self._frame = -1
        self._may_end = False

    @property
    def latest_may_end_dissolve(self) -> bool:
        """Whether the frame pushed last may be the first after a dissolve: the first that shows its scene alone."""
        return self._may_end

    @property
    def judged(self) -> int:
        """No scene that is yet to be told of begins by a dissolve before this frame."""
        return self._looks[-REACH_SLOTS].frame if len(self._looks) >= REACH_SLOTS else 0

    @property
    def sees(self) -> int:
        """The first frame in which a dissolve that is yet to be told may begin."""
        return self._looks[0].frame if self._looks else 0

    def push(self, signature: Signature, t_us: int) -> Dissolve | None:
        """Take the next frame; return the dissolve that is now certain, if there is one."""
        self._frame += 1
        self._may_end = False
        if t_us // SLOT_US == self._slot:
            return None
        self._slot = t_us // SLOT_US
        self._looks.append(_Look(self._frame, t_us, signature, signature.spread**2))
        self._verdicts.append(None)
        for half in range(HALF_MIN, min(HALF_MAX, (len(self._looks) - 1) // 2) + 1):
            self._consider(half)
        return self._told(REACH_SLOTS)

    def finish(self) -> Iterator[Dissolve]:
        """Tell of the last slots, which have less after them than the others."""
        for back in range(min(REACH_SLOTS, len(self._verdicts)) - 1, -1, -1):
            if found := self._told(back):
                yield found

    def _consider(self, half: int) -> None:
        """Read the newest look as the end of a dissolve whose middle is `half` slots before."""
        last, middle, first = self._looks[-1], self._looks[-1 - half], self._looks[-1 - 2 * half]
        mean = (first.variance + last.variance) / 2
        if middle.variance > _DIP * mean or min(first.variance, last.variance) < _LIT:
            return
        alike = correlation(first.signature, last.signature)
        dip = middle.variance / mean
        expected = (1 + alike * sqrt(first.variance * last.variance) / mean) / 2
        if not _ALIKE_MIN <= alike <= _ALIKE_MAX or abs(dip - expected) > _DIP_ERROR:
            return
        clearness = (1 - alike) * (1 - dip)
        best = self._verdicts[-1 - half]
        if (best is None or clearness > best.clearness) and self._is_mixed(half):
            self._verdicts[-1 - half] = _Verdict(clearness, half, min(1.0, 1 - alike))
            self._may_end = True

    def _is_mixed(self, half: int) -> bool:
        looks = [self._looks[i] for i in range(-1 - 2 * half, 0)]
        if any(look.variance < _LIT for look in looks):
            return False  # a fade
        times_us = [look.t_us for look in looks]
        if times_us[-1] - times_us[0] > 2 * half * SLOT_US * _STRETCH:
            return False
        for look in looks:
            look.cells = cells_of(look.signature) if look.cells is None else look.cells
        cells = [look.cells for look in looks if look.cells is not None]
        return are_mixtures(cells, times_us) and not share_details(looks[0].signature, looks[-1].signature)

    def _told(self, back: int) -> Dissolve | None:
        """The dissolve whose middle lies `back` slots before the newest, if there is none clearer beside it."""
        at = len(self._verdicts) - 1 - back
        if at < 0 or (own := self._verdicts[at]) is None:
            return None
        for other in range(max(0, at - APART), min(len(self._verdicts), at + APART + 1)):
            rival = self._verdicts[other]
            if rival is not None and (rival.clearness, -other) > (own.clearness, -at):
                return None
        left, middle, right = (self._looks[-1 - back + n * own.half] for n in (-1, 0, 1))
        boundary = Boundary(middle.frame, middle.t_us, BoundaryKind.DISSOLVE, round(own.score, 4))
        return Dissolve(left.frame, right.frame, boundary)
