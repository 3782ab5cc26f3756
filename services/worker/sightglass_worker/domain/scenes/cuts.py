"""Hard cuts in a stream of frames, found with a bounded look at what follows."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from sightglass_worker.domain.scenes.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.scenes.signature import Signature, change, difference, unlikeness

# A cut changes at least this much (of 255). On the sample films the weakest cut has 15, the
# strongest motion 4.
CHANGE_MIN: Final = 5.0
# ... and three times as much as the frames around it: PySceneDetect's adaptive rule, its default.
RATIO_MIN: Final = 3.0
# ... and its plain difference stands out of the largest beside it, so it is no step of a row of
# like steps (a fade, a pan). A linear fade has 1.0; the closest real cut of the sample films, in
# fast motion with dropped frames, 1.7.
STANDOUT_MIN: Final = 1.4
# On a screen that stands still, a page of text that replaces another differs little, since most
# of both is background; but nothing else changes before or after.
STILL_CHANGE_MIN: Final = 0.3
STILL_UNLIKENESS_MIN: Final = 0.4
STILL_RATIO_MIN: Final = 20.0
STILL_FLOOR: Final = 0.005
# ... and of a page that only moved up or down, the move explains nearly all.
SCROLL_LEFT: Final = 0.2
# What goes back to the old picture within a fifth of a second is a flash, not a cut.
FLASH_US: Final = 200_000
FLASH_LEFT: Final = 0.5
# Steps on each side that a step is compared with; PySceneDetect's default.
WINDOW: Final = 2
# Frames seen before one is judged: what a flash of 200 ms takes at 25 frames a second.
LOOK_AHEAD: Final = 5


@dataclass(frozen=True, slots=True)
class _Step:
    """A frame with how far it lies from the one before it."""

    frame: int
    t_us: int
    signature: Signature
    difference: float
    unlikeness: float
    change: float  # the product of both
    scroll_left: float  # the share of it that no move up or down explains, 1 where nobody looked


def all_of_it() -> float:
    """What no move explains where the pictures are not at hand: everything."""
    return 1.0


class CutFinder:
    """Finds hard cuts. Holds a dozen signatures, whatever the length of the film."""

    def __init__(self) -> None:
        self._steps: deque[_Step] = deque(maxlen=2 * LOOK_AHEAD + 2)
        self._judged = 0  # frames up to this one are decided
        self._frames = 0

    def push(self, signature: Signature, t_us: int, left_by_scroll: Callable[[], float] = all_of_it) -> Boundary | None:
        """Take the next frame; return the cut that is now certain, if there is one.

        left_by_scroll: asked where a screen that stood still has changed: the share of the difference to the
            frame before that no move up or down explains. A signature has too few rows to tell.
        """
        far, unlike = 0.0, 0.0
        if self._steps:
            previous = self._steps[-1].signature
            far, unlike = difference(previous, signature), unlikeness(previous, signature)
        stood_still = self._stood_still()
        self._steps.append(_Step(self._frames, t_us, signature, far, unlike, far * unlike, 1.0))
        self._frames += 1
        if stood_still and self.latest_may_be_cut:
            self._steps[-1] = replace(self._steps[-1], scroll_left=left_by_scroll())
        return self._judge(self._frames - 1 - LOOK_AHEAD) if self._frames > LOOK_AHEAD else None

    @property
    def judged(self) -> int:
        """Frames that are decided, counted from the first."""
        return self._judged

    def finish(self) -> Iterator[Boundary]:
        """Judge the last frames, which have less after them than the others."""
        while self._judged < self._frames:
            if cut := self._judge(self._judged):
                yield cut

    @property
    def latest_may_be_cut(self) -> bool:
        """Whether the frame pushed last may turn out to begin a scene, as far as is known yet.

        True of every frame that later does: what follows it counts as still here.
        """
        at = len(self._steps) - 1
        if self._steps[at].change < STILL_CHANGE_MIN:
            return False
        earlier = [self._steps[i] for i in range(max(0, at - WINDOW), at)]
        return self._stands_out(at, earlier, of=2 * WINDOW)

    def _judge(self, frame: int) -> Boundary | None:
        self._judged = frame + 1
        at = frame - self._steps[0].frame
        step = self._steps[at]
        if step.change < STILL_CHANGE_MIN:
            return None  # also the first frame of the film
        around = self._around(at)
        found = self._stands_out(at, around, of=len(around))
        if not found or self._is_flash(at) or self._is_scroll(step, around):
            return None
        return Boundary(frame, step.t_us, BoundaryKind.CUT, round(step.unlikeness, 4))

    def _around(self, at: int) -> list[_Step]:
        first = max(1 if self._steps[0].frame == 0 else 0, at - WINDOW)
        return [self._steps[i] for i in range(first, min(len(self._steps), at + WINDOW + 1)) if i != at]

    def _stands_out(self, at: int, around: list[_Step], *, of: int) -> bool:
        """Whether a step is larger than those around it, of which there are `of`."""
        step = self._steps[at]
        mean = sum(other.change for other in around) / max(1, of)
        if step.change < CHANGE_MIN:
            return self._is_page(at, mean)
        largest = max((other.difference for other in around), default=0.0)
        return step.change >= RATIO_MIN * mean and step.difference >= STANDOUT_MIN * largest

    def _is_page(self, at: int, mean: float) -> bool:
        """Whether one page replaces another on a screen that stands still around it."""
        if self._steps[at].signature.flat or self._steps[at - 1].signature.flat:
            return False  # the first light of a fade differs just as little
        step = self._steps[at]
        still = step.change >= STILL_RATIO_MIN * max(mean, STILL_FLOOR)
        return still and step.unlikeness >= STILL_UNLIKENESS_MIN

    def _stood_still(self) -> bool:
        """Whether the newest frames, as many as a step is compared with, show the same."""
        return all(self._steps[-i].change < STILL_CHANGE_MIN for i in range(1, min(WINDOW, len(self._steps)) + 1))

    @staticmethod
    def _is_scroll(step: _Step, around: list[_Step]) -> bool:
        """Whether what a still screen shows has only moved up or down."""
        return step.scroll_left < SCROLL_LEFT and all(other.change < STILL_CHANGE_MIN for other in around)

    def _is_flash(self, at: int) -> bool:
        """Whether a frame shortly after is again like the one as long before."""
        step = self._steps[at]
        for away in range(1, LOOK_AHEAD):
            before, after = at - 1 - away, at + away
            if before < 0 or after >= len(self._steps):
                return False
            if self._steps[after].t_us - step.t_us > FLASH_US:
                return False
            left = change(self._steps[before].signature, self._steps[after].signature)
            if left < FLASH_LEFT * step.change:
                return True
        return False
