"""The scenes of a film out of what its ranges tell, one range after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sightglass_worker.domain.merging.cadence import Cadence
from sightglass_worker.domain.merging.marks import Lit, Mark, MarkKind, Piece, RangeEnds
from sightglass_worker.domain.scenes.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.scenes.candidates import Candidate, better
from sightglass_worker.domain.scenes.fades import NEW_PICTURE_MIN
from sightglass_worker.domain.scenes.finder import Scene
from sightglass_worker.domain.scenes.signature import unlikeness

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class JoinedScene(Generic[P]):
    """A scene and what stands for it; frames are the film's."""

    scene: Scene
    best: Candidate[P]


@dataclass(slots=True)
class _Light(Generic[P]):
    """A first light at which a scene begins if a new picture follows. best: of the frames from there on."""

    mark: Mark
    best: Candidate[P] | None = None


class SceneJoiner(Generic[P]):
    """Joins ranges in order. Holds two candidates and one signature, however many there are."""

    def __init__(self) -> None:
        self._open: Boundary | None = None
        self._best: Candidate[P] | None = None
        self._light: _Light[P] | None = None
        self._lit: Lit | None = None
        self._cuts: list[int] = []  # the last two: whether a fade holds one, or more
        self._kinds: dict[int, BoundaryKind] = {}  # of cuts of the newest range that a fade tells otherwise
        self._dissolved = 0  # where the last dissolve that was told ended
        self._level = -1  # `Held.level` of a run over the whole film
        self._cadence = Cadence()

    @property
    def cadence(self) -> Cadence:
        """Of all frames so far."""
        return self._cadence

    def push(self, pieces: Iterable[Piece[P]], ends: RangeEnds) -> Iterator[JoinedScene[P]]:
        """Take the next range; yield the scenes that are now complete. Raises ValueError unless times ascend."""
        offset = self._cadence.frames
        self._cadence = self._cadence.then(ends.cadence)
        if self._open is None and ends.cadence.frames:
            self._open = Boundary(0, ends.cadence.first_us, BoundaryKind.START, 1.0)
        own = [_moved(piece, offset) for piece in pieces]
        lost: Mark | None = None
        if ends.first_lit is not None:
            own, lost = self._told_by(_lit_moved(ends.first_lit, offset), own)
        marks = [piece.end for piece in own if piece.end is not None]
        cuts = [*self._cuts, *(mark.frame for mark in marks if mark.kind is MarkKind.CUT)]
        told = [mark for mark in (lost, *marks) if mark is not None and mark.kind is MarkKind.FADE]
        fades = {fade.frame: fade for fade in told if not self._is_told_by_cut(fade, cuts)}
        if lost is not None:
            yield from self._fade(lost, fades)
        for piece in own:
            yield from self._piece(piece, fades)
        self._cuts = cuts[-2:]
        self._level = self._level if ends.level is None else ends.level
        self._lit = _lit_moved(ends.last_lit, offset) if ends.last_lit is not None else self._lit

    def finish(self, duration_us: int) -> Iterator[JoinedScene[P]]:
        """Yield the last scene of a film that lasts `duration_us`; none of a film without frames."""
        self._drop_light()
        if self._open is not None:
            yield self._closed(self._cadence.frames, duration_us)

    def _piece(self, piece: Piece[P], fades: dict[int, Mark]) -> Iterator[JoinedScene[P]]:
        best = self._wanted(piece)
        if self._light is None:
            self._best = better(self._best, best)
        else:
            self._light.best = better(self._light.best, best)
        match piece.end:
            case None | Mark(kind=MarkKind.KNOWN):
                return
            case Mark(kind=MarkKind.CUT) as cut:
                self._drop_light()
                kind = self._kinds.pop(cut.frame, BoundaryKind.CUT)
                yield self._begun(Boundary(cut.frame, cut.t_us, kind, cut.score), None)
            case Mark(kind=MarkKind.DISSOLVE) as middle:
                # Of two that overlap the first is told, as by SceneFinder.
                if middle.left < self._dissolved:
                    return
                self._dissolved = middle.back
                self._drop_light()  # a picture was seen since
                yield self._begun(Boundary(middle.frame, middle.t_us, BoundaryKind.DISSOLVE, middle.score), None)
            case Mark(kind=MarkKind.FADE) as fade:
                yield from self._fade(fade, fades)
            case light:
                self._drop_light()
                self._light = _Light(light)

    def _wanted(self, piece: Piece[P]) -> Candidate[P] | None:
        """What stands for a piece, unless a run over the whole film would not have looked at it."""
        if not piece.inherits or piece.best is None:
            return piece.best
        if piece.best.level <= self._level:
            return None
        self._level = piece.best.level
        return piece.best

    def _told_by(self, first_lit: Lit, own: list[Piece[P]]) -> tuple[list[Piece[P]], Mark | None]:
        """Decide the light that the range's first lit frame follows: its own as a mark, or else an earlier range's."""
        for number, piece in enumerate(own):
            if piece.end is not None and piece.end.kind is MarkKind.LIGHT and piece.end.frame <= first_lit.frame:
                self._drop_light()
                return [
                    *own[:number],
                    replace(piece, end=self._fade_to(first_lit, piece.end)),
                    *own[number + 1 :],
                ], None
        fade = None if self._light is None else self._fade_to(first_lit, self._light.mark)
        if fade is None:
            self._drop_light()
        return own, fade

    def _fade_to(self, back: Lit, light: Mark) -> Mark | None:
        """The fade that a lit frame ends, as FadeFinder tells it; None where nothing new comes back."""
        new = 0.0 if self._lit is None else unlikeness(self._lit.signature, back.signature)
        if self._lit is None or new < NEW_PICTURE_MIN:
            return None
        return Mark(MarkKind.FADE, light.frame, light.t_us, round(new, 4), self._lit.frame, back.frame)

    def _is_told_by_cut(self, fade: Mark, cuts: list[int]) -> bool:
        """Whether a fade begins or ends in a cut: that alone tells it, as a fade if it is the only one."""
        inside = [cut for cut in cuts if fade.left < cut <= fade.back]
        if len(inside) == 1:
            kind = BoundaryKind.FADE_OUT if inside[0] >= fade.frame else BoundaryKind.FADE_IN
            if self._open is not None and self._open.frame == inside[0]:
                self._open = replace(self._open, kind=kind)
            elif inside[0] not in self._cuts:
                self._kinds[inside[0]] = kind
        return bool(inside)

    def _fade(self, fade: Mark, fades: dict[int, Mark]) -> Iterator[JoinedScene[P]]:
        """Begin a scene at a fade's first light, unless a cut tells it."""
        if fade.frame not in fades:
            self._drop_light()
            return
        best = None
        if self._light is not None and self._light.mark.frame == fade.frame:
            best, self._light = self._light.best, None
        self._drop_light()
        yield self._begun(Boundary(fade.frame, fade.t_us, BoundaryKind.FADE, fade.score), best)

    def _drop_light(self) -> None:
        """No scene begins at the light that was open: its frames go on with the open scene."""
        if self._light is not None:
            self._best, self._light = better(self._best, self._light.best), None

    def _begun(self, boundary: Boundary, best: Candidate[P] | None) -> JoinedScene[P]:
        scene = self._closed(boundary.frame, boundary.t_us)
        self._open, self._best = boundary, best
        return scene

    def _closed(self, end: int, end_us: int) -> JoinedScene[P]:
        start, best = self._open, self._best
        if start is None or best is None:
            msg = f"the scene that ends at frame {end} has no candidate"
            raise ValueError(msg)
        return JoinedScene(Scene(start.t_us, end_us, start.frame, end - 1, start.kind, start.score), best)


def _moved(piece: Piece[P], by: int) -> Piece[P]:
    """A piece in frames of the film."""
    best, end = piece.best, piece.end
    return Piece(
        None if best is None else replace(best, frame=best.frame + by),
        None if end is None else replace(end, frame=end.frame + by, left=end.left + by, back=end.back + by),
        piece.inherits,
    )


def _lit_moved(lit: Lit, by: int) -> Lit:
    return replace(lit, frame=lit.frame + by)
