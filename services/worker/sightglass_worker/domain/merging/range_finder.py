"""What one range of a film tells of its scenes, so that the ranges together tell what the whole film would.

Each verdict on an own frame (see Window) saw all that it would see in the whole film: none looks further. What does
look further, the fade out of a picture that may be long gone, is left open for SceneJoiner.
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from sightglass_worker.domain.merging.cadence import Cadence
from sightglass_worker.domain.merging.marks import Lit, Mark, MarkKind, Piece, RangeEnds
from sightglass_worker.domain.merging.window import Window
from sightglass_worker.domain.scenes.boundary import Boundary
from sightglass_worker.domain.scenes.candidates import Candidate, CandidateRule, Held, Role
from sightglass_worker.domain.scenes.cuts import CutFinder, all_of_it
from sightglass_worker.domain.scenes.dissolves import Dissolve, DissolveFinder
from sightglass_worker.domain.scenes.fades import LIT_SPREAD, FadeFinder
from sightglass_worker.domain.scenes.signature import Signature

P = TypeVar("P")


class RangeFinder(Generic[P]):
    """Looks at the frames of one range in order: `push` each, `offer` where push asks for it, then `finish`.

    first: the range begins with the film. end_us: where the next range begins; None for the last.
    """

    def __init__(self, *, first: bool, end_us: int | None) -> None:
        self.window = Window(first=first, end_us=end_us)
        self._t_us = -1
        self._cuts, self._fades, self._dissolves = CutFinder(), FadeFinder(), DissolveFinder()
        self._rule = CandidateRule()
        self._held: Held[P] = Held()
        self._cut_frames: list[int] = []  # all that a dissolve may yet turn out to hold; from the key frame
        self._marks: list[Mark] = []
        self._light: tuple[int, int] | None = None  # frame from the key frame and time, since the last lit frame
        self._was_flat = self._has_seen_lit = False
        self._first_lit: Lit | None = None
        self._last_lit: Lit | None = None
        self._known_from: int | None = None  # the first own frame with Role.START

    def push(self, signature: Signature, t_us: int, left_by_scroll: Callable[[], float] = all_of_it) -> Role:
        """Take the next frame; what it may be to a scene, and so whether to offer it.

        left_by_scroll: as CutFinder takes it.
        """
        self.window.push(t_us)
        self._t_us = t_us
        self._note_cut(self._cuts.push(signature, t_us, left_by_scroll))
        self._note_dissolve(self._dissolves.push(signature, t_us))
        may_begin = self._cuts.latest_may_be_cut or self._dissolves.latest_may_end_dissolve
        role = self._rule.role(signature, t_us, may_be_cut=may_begin)
        if self.window.own_to is None:
            self._note_light(signature)
        if not self.window.owns_newest:
            return Role.NONE
        if role is Role.START and self._known_from is None:
            self._known_from = self._own(self.window.frame)
            self._marks.append(Mark(MarkKind.KNOWN, self._known_from, t_us))
        return role

    def offer(self, role: Role, sharpness: float, picture: Callable[[], P]) -> None:
        """Consider the frame pushed last for its scene's picture, which is made only if it may be needed."""
        if role is not Role.NONE and self._held.wants(role, sharpness):
            self._held.add(Candidate(self._own(self.window.frame), self._t_us, sharpness, picture()))

    def pieces(self) -> Iterator[Piece[P]]:
        """The pieces that are now certain; to be asked for after every few frames, as pictures are held until then."""
        if not self._marks and not self._held.several:
            return  # as for nearly every frame
        certain = min(self._cuts.judged, self._dissolves.judged)
        certain = self._own(certain if self._light is None else min(certain, self._light[0]))
        yield from self._pieces(certain)
        self._held.thin(certain)

    def finish(self, *, ended: bool) -> Iterator[Piece[P]]:
        """The last pieces. ended: the film did, so that its last frames are judged as such."""
        if ended:
            for cut in self._cuts.finish():
                self._note_cut(cut)
            for dissolve in self._dissolves.finish():
                self._note_dissolve(dissolve)
        self._mark_light()
        yield from self._pieces(None)
        yield Piece(self._held.take(None), None, self._known_from is None)

    def ends(self, cadence: Cadence) -> RangeEnds:
        """What the neighbours need; `cadence` is of the own frames."""
        level = None if self._known_from is None else self._held.level
        return RangeEnds(cadence, self._first_lit, self._last_lit, level)

    def _own(self, frame: int) -> int:
        """A frame, counted from the first own one; negative before that."""
        return frame - (self.window.own_from or 0)

    def _note_cut(self, cut: Boundary | None) -> None:
        if cut is None:
            return
        self._cut_frames = [*(frame for frame in self._cut_frames if frame > self._dissolves.sees), cut.frame]
        if self.window.owns(cut.frame):
            self._marks.append(Mark(MarkKind.CUT, self._own(cut.frame), cut.t_us, cut.score))

    def _note_dissolve(self, dissolve: Dissolve | None) -> None:
        if dissolve is None or any(dissolve.left < cut <= dissolve.right for cut in self._cut_frames):
            return
        begun = dissolve.boundary
        if self.window.owns(begun.frame):
            at, left, right = (self._own(frame) for frame in (begun.frame, dissolve.left, dissolve.right))
            self._marks.append(Mark(MarkKind.DISSOLVE, at, begun.t_us, begun.score, left, right))

    def _note_light(self, signature: Signature) -> None:
        frame = self.window.frame
        if self._was_flat and not signature.flat:
            self._light = (frame, self._t_us)
        self._was_flat = signature.flat
        fade = self._fades.push(signature, self._t_us)
        if signature.spread < LIT_SPREAD:
            return
        if self.window.owns_newest:
            self._last_lit = Lit(self._own(frame), signature)
            if fade is not None:
                at, left, back = (self._own(n) for n in (fade.boundary.frame, fade.left, fade.back))
                self._marks.append(Mark(MarkKind.FADE, at, fade.boundary.t_us, fade.boundary.score, left, back))
            elif not self._has_seen_lit:
                self._first_lit = self._last_lit
                self._mark_light()
        self._has_seen_lit, self._light = True, None

    def _mark_light(self) -> None:
        # One before the own frames is its owner's to tell.
        if self._light is not None and self.window.owns(self._light[0]):
            frame, t_us = self._light
            self._marks.append(Mark(MarkKind.LIGHT, self._own(frame), t_us))

    def _pieces(self, certain: int | None) -> Iterator[Piece[P]]:
        done = [mark for mark in self._marks if certain is None or mark.frame < certain]
        if not done:
            return
        self._marks = [mark for mark in self._marks if certain is not None and mark.frame >= certain]
        for mark in sorted(done, key=lambda mark: mark.frame):
            inherits = self._known_from is None or mark.frame <= self._known_from
            yield Piece(self._held.take(mark.frame), mark, inherits)
