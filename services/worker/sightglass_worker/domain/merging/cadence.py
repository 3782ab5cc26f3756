"""How even the times of frames are, in a form that joins: of two parts of a film comes that of both."""

from dataclasses import dataclass
from typing import Final

# Matroska rounds to milliseconds, so that even steps differ by up to two of them.
_ROUNDING_US: Final = 2_100


@dataclass(frozen=True, slots=True)
class Cadence:
    """Times of consecutive frames, summed up.

    frames, first_us, last_us: of all. first_step_us, last_step_us: None below two frames.
    uneven: steps that are unlike the one before them.
    """

    frames: int = 0
    first_us: int = 0
    last_us: int = 0
    first_step_us: int | None = None
    last_step_us: int | None = None
    uneven: int = 0

    @property
    def variable(self) -> bool:
        """Whether the rate varies: more than one step in twenty is unlike the one before it."""
        return 20 * self.uneven > self.frames - 1

    def then(self, later: "Cadence") -> "Cadence":
        """Of both parts, `later` beginning with the next frame. Raises ValueError unless times ascend."""
        if not self.frames or not later.frames:
            return self if self.frames else later
        seam_us = later.first_us - self.last_us
        if seam_us <= 0:
            msg = f"frame times must ascend: {later.first_us} us after {self.last_us} us"
            raise ValueError(msg)
        return Cadence(
            self.frames + later.frames,
            self.first_us,
            later.last_us,
            seam_us if self.first_step_us is None else self.first_step_us,
            seam_us if later.last_step_us is None else later.last_step_us,
            self.uneven
            + later.uneven
            + _is_uneven(self.last_step_us, seam_us)
            + _is_uneven(seam_us, later.first_step_us),
        )


def one_frame(t_us: int) -> Cadence:
    """The cadence of a single frame."""
    return Cadence(1, t_us, t_us)


def _is_uneven(before_us: int | None, step_us: int | None) -> bool:
    if before_us is None or step_us is None:
        return False
    return abs(step_us - before_us) > max(_ROUNDING_US, before_us // 10)
