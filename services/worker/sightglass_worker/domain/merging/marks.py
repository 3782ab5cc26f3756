"""What one range of a film tells of its scenes to whoever joins it with the others."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sightglass_worker.domain.merging.cadence import Cadence
from sightglass_worker.domain.scenes.candidates import Candidate
from sightglass_worker.domain.scenes.signature import Signature

P = TypeVar("P")


class MarkKind(StrEnum):
    """Why a range's frames are parted at a mark."""

    CUT = "cut"
    FADE = "fade"
    DISSOLVE = "dissolve"
    # The first light after an even colour, before which this range has seen no picture, or after which none: whether a
    # scene begins here, its neighbours know.
    LIGHT = "light"
    # The range's first frame with Role.START: from here on it knows by itself which candidates are wanted.
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Mark:
    """A frame at which a scene begins, or may begin; counted, as all frames here, from the range's first own frame.

    left, back: of a fade, the last lit frame before it and the first after it; of a dissolve, the last frame of the one
    picture alone and the first of the other.
    """

    kind: MarkKind
    frame: int
    t_us: int
    score: float = 0.0
    left: int = 0
    back: int = 0


@dataclass(frozen=True, slots=True)
class Piece(Generic[P]):
    """Frames between two marks.

    best: what may stand for them; None for no candidate. end: None is the range's.
    inherits: no frame of it nor any before it in the range has Role.START: `best` is wanted only if it is sharper than
        what was wanted before the range.
    """

    best: Candidate[P] | None
    end: Mark | None
    inherits: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """A lit frame."""

    frame: int
    signature: Signature


@dataclass(frozen=True, slots=True, eq=False)
class RangeEnds:
    """What a range's neighbours need to know of it.

    cadence: of its own frames. first_lit: its first lit frame, unless it has seen the one before that itself.
    last_lit: None where no own frame is lit. level: `Held.level` at its end; None where no own frame has Role.START.
    """

    cadence: Cadence
    first_lit: Lit | None
    last_lit: Lit | None
    level: int | None
