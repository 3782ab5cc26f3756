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
        seam_us = _step_us(self.last_us, later.first_us)
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


class Steps:
    """Takes the times of frames one by one: of thousands, `Cadence.then` would cost more than looking at them."""

    def __init__(self) -> None:
        self.frames = 0
        self._first_us = self._last_us = self._uneven = 0
        self._first_step_us: int | None = None
        self._step_us: int | None = None

    @property
    def cadence(self) -> Cadence:
        """Of all so far."""
        return Cadence(self.frames, self._first_us, self._last_us, self._first_step_us, self._step_us, self._uneven)

    def push(self, t_us: int) -> None:
        """Take the next frame. Raises ValueError unless times ascend."""
        if self.frames:
            step_us = _step_us(self._last_us, t_us)
            if self._first_step_us is None:
                self._first_step_us = step_us
            self._uneven += _is_uneven(self._step_us, step_us)
            self._step_us = step_us
        else:
            self._first_us = t_us
        self._last_us = t_us
        self.frames += 1


def _step_us(before_us: int, t_us: int) -> int:
    if t_us <= before_us:
        msg = f"frame times must ascend: {t_us} us after {before_us} us"
        raise ValueError(msg)
    return t_us - before_us


def _is_uneven(before_us: int | None, step_us: int | None) -> bool:
    if before_us is None or step_us is None:
        return False
    return abs(step_us - before_us) > max(_ROUNDING_US, before_us // 10)
