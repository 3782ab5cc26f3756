"""Scenes of a film: boundaries of all kinds in order, and the spans between them."""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from sightglass_worker.domain.scenes.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.scenes.cuts import CutFinder, all_of_it
from sightglass_worker.domain.scenes.dissolves import Dissolve, DissolveFinder
from sightglass_worker.domain.scenes.fades import Fade, FadeFinder
from sightglass_worker.domain.scenes.signature import Signature


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
        self._dissolves = DissolveFinder()
        self._cut_frames: list[int] = []  # the last two, and those that a dissolve may yet turn out to hold
        self._dark: list[Fade] = []  # those in which a cut may yet be found
        self._coming: list[Boundary] = []  # those beside which others may yet be found
        self._dissolved = 0  # where the last dissolve that was told ended
        self._open: Boundary | None = None
        self._frames = 0
        self._last_us = -1

    def push(self, signature: Signature, t_us: int, left_by_scroll: Callable[[], float] = all_of_it) -> list[Scene]:
        """Take the next frame, `t_us` after the first; return the scenes that are now complete.

        left_by_scroll: see CutFinder.push.
        """
        if t_us <= self._last_us:
            msg = f"frame times must ascend: {t_us} us after {self._last_us} us"
            raise ValueError(msg)
        self._last_us = t_us
        self._frames += 1
        if self._open is None:
            self._open = Boundary(0, t_us, BoundaryKind.START, 1.0)
        cut = self._cuts.push(signature, t_us, left_by_scroll)
        fade = self._fades.push(signature, t_us)
        dissolve = self._dissolves.push(signature, t_us)
        if cut is not None:
            self._note_cut(cut)
        if fade is not None:
            self._dark.append(fade)
        if self._dark:
            self._settle(self._cuts.judged)
        if dissolve is not None:
            self._note_dissolve(dissolve)
        return self._close(min(self._cuts.judged, self._dissolves.judged)) if self._coming else []

    def finish(self, duration_us: int) -> list[Scene]:
        """Return the remaining scenes of a film that lasts `duration_us`. No frames: no scenes."""
        if self._open is None:
            return []
        if duration_us <= self._last_us:
            msg = f"a film of {duration_us} us cannot show a frame at {self._last_us} us"
            raise ValueError(msg)
        for cut in self._cuts.finish():
            self._note_cut(cut)
        self._settle(self._frames)
        for dissolve in self._dissolves.finish():
            self._note_dissolve(dissolve)
        complete = self._close(self._frames)
        return [*complete, self._scene(self._open, self._frames - 1, duration_us)]

    @property
    def latest_may_start_scene(self) -> bool:
        """Whether the frame pushed last may be the first of a scene, or the first that shows it alone.

        But for the first light after an even colour, which CandidateRule sees by itself.
        """
        return self._cuts.latest_may_be_cut or self._dissolves.latest_may_end_dissolve

    @property
    def certain(self) -> int:
        """Frames below this number and not yet in a scene given out are all in the open scene."""
        certain = min(self._cuts.judged, self._fades.lit_frames, self._dissolves.judged)
        return min(certain, *(fade.left + 1 for fade in self._dark)) if self._dark else certain

    def _note_cut(self, cut: Boundary) -> None:
        self._settle(cut.frame)
        held = len(self._cut_frames)
        self._cut_frames = [f for i, f in enumerate(self._cut_frames) if i == held - 1 or f > self._dissolves.sees]
        self._cut_frames.append(cut.frame)
        self._add(cut)

    def _settle(self, judged: int) -> None:
        """Decide the fades that ended before frame `judged`: all cuts in them are known."""
        for fade in [fade for fade in self._dark if fade.back < judged]:
            inside = [cut for cut in self._cut_frames if fade.left < cut <= fade.back]
            if not inside:
                self._add(fade.boundary)
            elif len(inside) == 1:
                # A fade that begins or ends in a cut is told by the cut alone.
                out = inside[0] >= fade.boundary.frame
                self._rename(inside[0], BoundaryKind.FADE_OUT if out else BoundaryKind.FADE_IN)
        self._dark = [fade for fade in self._dark if fade.back >= judged]

    def _note_dissolve(self, dissolve: Dissolve) -> None:
        # Of two that overlap the first is told: a scene between their middles would never be shown alone.
        if dissolve.left < self._dissolved:
            return
        if not any(dissolve.left < cut <= dissolve.right for cut in self._cut_frames):
            self._dissolved = dissolve.right
            self._add(dissolve.boundary)

    def _add(self, boundary: Boundary) -> None:
        insort(self._coming, boundary, key=lambda other: other.frame)

    def _rename(self, frame: int, kind: BoundaryKind) -> None:
        """Tell the cut at a frame as of another kind: it has just been found, or no scene has begun since."""
        if self._open is not None and self._open.frame == frame:
            self._open = replace(self._open, kind=kind)
        self._coming = [replace(b, kind=kind) if b.frame == frame else b for b in self._coming]

    def _close(self, certain: int) -> list[Scene]:
        """The scenes that end before frame `certain`."""
        begun = [boundary for boundary in self._coming if boundary.frame < certain]
        if self._open is None or not begun:
            return []
        self._coming = self._coming[len(begun) :]
        both = pairwise([self._open, *begun])
        self._open = begun[-1]
        return [self._scene(here, following.frame - 1, following.t_us) for here, following in both]

    @staticmethod
    def _scene(start: Boundary, last_frame: int, end_us: int) -> Scene:
        return Scene(start.t_us, end_us, start.frame, last_frame, start.kind, start.score)
