"""Scenes as the key frames of a film alone show them: between two whose pictures differ, the scene has changed."""

from dataclasses import dataclass
from typing import Final

from sightglass_worker.domain.scenes.boundary import BoundaryKind
from sightglass_worker.domain.scenes.fades import LIT_SPREAD
from sightglass_worker.domain.scenes.signature import Signature, change, unlikeness

# Two key frames of one scene may lie seconds apart, so what moves has moved far. On the sample films and re-encodings
# of them pairs on both sides of a cut have 0.73 and more; motion alone comes to that in the fastest shots only.
UNLIKENESS_MIN: Final = 0.7
# ... and the change is at least this share of the contrast of both, so that a dark or a pale film is judged as any
# other. Pairs on both sides of a cut: 0.31 and more.
CONTRAST_MIN: Final = 0.28
# ... and more than noise (of 255).
CHANGE_MIN: Final = 3.0


@dataclass(frozen=True, slots=True)
class KeyScene:
    """One scene: `[start_us, end_us)`, microseconds from the first frame.

    The true beginning is after the key frame before `start_us`, and at `start_us` at the latest. Scenes tile the film.
    boundary_kind: `start` or `cut`: key frames do not tell in which way one picture became another.
    boundary_score: 0 to 1, the share of the first picture that was not in the key frame before; of the first scene 1.
    """

    start_us: int
    end_us: int
    boundary_kind: BoundaryKind
    boundary_score: float


class KeySceneFinder:
    """Turns the signatures of key frames into scenes. Holds one signature. Times must ascend.

    An even or dark picture belongs to the scene before it: that of black between two scenes begins with the second,
    black and back to the same picture is no boundary, and a film that fades in begins with its start.
    """

    def __init__(self) -> None:
        self._lit: Signature | None = None
        self._start_us = 0
        self._kind = BoundaryKind.START
        self._score = 1.0
        self._last_us = -1
        self._longest_us = 0

    @property
    def longest_gap_us(self) -> int:
        """The longest time between two key frames so far: a scene begins at most so long before it is said to."""
        return self._longest_us

    def push(self, signature: Signature, t_us: int) -> KeyScene | None:
        """Take the next key frame, `t_us` after the first frame; return the scene that ends with it, if one does."""
        if t_us <= self._last_us:
            msg = f"key frames' times must ascend: {t_us} us after {self._last_us} us"
            raise ValueError(msg)
        self._longest_us = max(self._longest_us, t_us - max(0, self._last_us))
        self._last_us = t_us
        if signature.spread < LIT_SPREAD:
            return None
        before, self._lit = self._lit, signature
        if before is None or not is_other_scene(before, signature):
            return None
        ended = self._scene(t_us)
        self._start_us, self._kind = t_us, BoundaryKind.CUT
        self._score = round(unlikeness(before, signature), 4)
        return ended

    def finish(self, duration_us: int) -> KeyScene:
        """The last scene of a film that lasts `duration_us`. Needs at least one key frame."""
        if not 0 <= self._last_us < duration_us:
            msg = f"a film of {duration_us} us cannot show a key frame at {self._last_us} us"
            raise ValueError(msg)
        self._longest_us = max(self._longest_us, duration_us - self._last_us)
        return self._scene(duration_us)

    def _scene(self, end_us: int) -> KeyScene:
        return KeyScene(self._start_us, end_us, self._kind, self._score)


def is_other_scene(a: Signature, b: Signature) -> bool:
    """Whether two key frames in a row, neither of them dark, show different scenes."""
    if unlikeness(a, b) < UNLIKENESS_MIN:
        return False
    return change(a, b) >= max(CHANGE_MIN, CONTRAST_MIN * (a.spread + b.spread) / 2)
