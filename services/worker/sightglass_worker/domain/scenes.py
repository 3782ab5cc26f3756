"""Scenes of a film: boundaries of both kinds in order, and the spans between them."""

from dataclasses import dataclass
from itertools import pairwise

from sightglass_worker.domain.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.cuts import CutFinder
from sightglass_worker.domain.fades import Fade, FadeFinder
from sightglass_worker.domain.signature import Signature


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: `[start_us, end_us)`, frames `first_frame` to `last_frame`, both inclusive.

    Times are microseconds from the first frame. The scenes of a film tile its duration: the
    first starts at 0, each ends where the next starts, the last ends with the film.
    boundary_score: 0 to 1, the share of the first picture that was not in the one before; of the
        first scene 1.
    """

    start_us: int
    end_us: int
    first_frame: int
    last_frame: int
    boundary_kind: BoundaryKind
    boundary_score: float


class SceneFinder:
    """Turns a stream of signatures into scenes, each told as soon as its end is certain.

    State is bounded whatever the length of the film. Times must ascend.
    """

    def __init__(self) -> None:
        self._cuts = CutFinder()
        self._fades = FadeFinder()
        self._pending: list[Fade] = []  # those in which a cut may yet be found
        self._last_cut = -1
        self._open: Boundary | None = None
        self._frames = 0
        self._last_us = -1

    def push(self, signature: Signature, t_us: int) -> list[Scene]:
        """Take the next frame, `t_us` after the first; return the scenes that are now complete."""
        if t_us <= self._last_us:
            msg = f"frame times must ascend: {t_us} us after {self._last_us} us"
            raise ValueError(msg)
        self._last_us = t_us
        self._frames += 1
        if self._open is None:
            self._open = Boundary(0, t_us, BoundaryKind.START, 1.0)
        cut = self._cuts.push(signature, t_us)
        fade = self._fades.push(signature, t_us)
        if cut is None and fade is None and not self._pending:
            return []  # as for nearly every frame
        return self._close([cut] if cut else [], fade)

    def finish(self, duration_us: int) -> list[Scene]:
        """Return the remaining scenes of a film that lasts `duration_us`. No frames: no scenes."""
        if self._open is None:
            return []
        if duration_us <= self._last_us:
            msg = f"a film of {duration_us} us cannot show a frame at {self._last_us} us"
            raise ValueError(msg)
        complete = self._close(list(self._cuts.finish()), None)
        return [*complete, self._scene(self._open, self._frames - 1, duration_us)]

    @property
    def latest_may_start_scene(self) -> bool:
        """Whether the frame pushed last may turn out to be the first of a scene."""
        if self._cuts.latest_may_be_cut:
            return True
        return bool(self._pending) and any(fade.back == self._frames - 1 for fade in self._pending)

    @property
    def certain(self) -> int:
        """Frames below this number and not yet in a scene given out are all in the open scene."""
        certain = min(self._cuts.judged, self._fades.lit_frames)
        return min(certain, *(fade.left + 1 for fade in self._pending)) if self._pending else certain

    def _close(self, cuts: list[Boundary], fade: Fade | None) -> list[Scene]:
        boundaries: list[Boundary] = []
        for cut in cuts:
            boundaries += self._settled(cut.frame)
            # A fade that begins or ends in a cut is told by the cut alone.
            self._pending = [f for f in self._pending if cut.frame <= f.left]
            self._last_cut = cut.frame
            boundaries.append(cut)
        boundaries += self._settled(self._cuts.judged)
        if fade is not None and self._last_cut <= fade.left:
            self._pending.append(fade)
        if self._open is None or not boundaries:
            return []
        both = pairwise([self._open, *boundaries])
        self._open = boundaries[-1]
        return [self._scene(here, following.frame - 1, following.t_us) for here, following in both]

    def _settled(self, judged: int) -> list[Boundary]:
        """Take out the fades that ended before frame `judged`: no cut can lie in them any more."""
        settled = [fade.boundary for fade in self._pending if fade.back < judged]
        self._pending = [fade for fade in self._pending if fade.back >= judged]
        return settled

    @staticmethod
    def _scene(start: Boundary, last_frame: int, end_us: int) -> Scene:
        return Scene(start.t_us, end_us, start.frame, last_frame, start.kind, start.score)
