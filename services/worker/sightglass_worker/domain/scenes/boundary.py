"""Where a scene begins, and of what kind the change is."""

from dataclasses import dataclass
from enum import StrEnum


class BoundaryKind(StrEnum):
    """How a scene begins."""

    START = "start"
    CUT = "cut"
    FADE = "fade"
    FADE_IN = "fade_in"
    FADE_OUT = "fade_out"
    DISSOLVE = "dissolve"


@dataclass(frozen=True, slots=True)
class Boundary:
    """The first frame of a new scene. score: 0 to 1, the share of the picture that is new."""

    frame: int
    t_us: int
    kind: BoundaryKind
    score: float
