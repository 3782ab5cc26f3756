"""What is told of a film's screen, so that the texts on it can be read and followed. Plain values."""

from dataclasses import dataclass
from typing import NamedTuple

from sightglass_worker.domain.box import Box


class Shift(NamedTuple):
    """What the box shows at `t_us` stood higher or lower in it at the sample before.

    down: in heights of the picture; negative is up. What leaves the box thereby is no longer shown.
    """

    t_us: int
    box: Box
    down: float


class Change(NamedTuple):
    """A part of the picture that is not what was last read there.

    since_us: the first sample at which it was another. steady_us: since when it has been as it is now.
    """

    box: Box
    since_us: int
    steady_us: int


@dataclass(frozen=True, slots=True)
class ScreenLook:
    """A part of a picture that is to be read, and what has become of what was read before.

    Whatever `shift` and `changes` do not touch is still shown at `t_us` where it was.
    box: what `luma` shows. full: nearly all of the picture has changed.
    width, height: of luma in pixels, one byte each, row by row; 0 if there is nothing new to read.
    picture_side: the longer side of the whole picture, in the same pixels.
    shift: what has moved since the sample before; `changes` are what the picture shows after that.
    Raises ValueError when luma has not that size, or is of no place.
    """

    t_us: int
    box: Box
    full: bool
    width: int
    height: int
    picture_side: int
    shift: Shift | None
    changes: tuple[Change, ...]
    luma: bytes

    def __post_init__(self) -> None:
        if (
            self.width < 0
            or len(self.luma) != self.width * self.height
            or (self.luma and not self.box.width * self.box.height > 0)
        ):
            msg = f"{len(self.luma)} samples of {self.width} x {self.height} at {self.box}"
            raise ValueError(msg)
