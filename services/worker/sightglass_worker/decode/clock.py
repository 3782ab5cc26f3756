"""Times of frames: microseconds from the first, whatever the container does with its own."""

from fractions import Fraction
from typing import Final

# What a frame lasts if neither it, nor the header, nor a second frame says: 25 frames a second.
_GUESS_US: Final = 40_000
# No film is longer, and one damaged time stamp is not to make it so.
LONGEST_US: Final = 12 * 3_600_000_000


class FrameClock:
    """Gives each decoded frame its time: PTS minus the first PTS, ascending by at least 1 us.

    time_base: seconds of one tick of PTS. rate: nominal frames a second, None if unknown; a frame
    without PTS is one such frame after the last. A PTS that jumps back by more than a frame (a
    transport stream that starts over), or ahead by more than a film may last, goes on from where the film was.
    """

    def __init__(self, time_base: Fraction, rate: Fraction | None) -> None:
        tick_us = time_base * 1_000_000
        # As two integers: a Fraction costs ten times as much, and this is done for every frame.
        self._ticks, self._ticks_us = tick_us.denominator, tick_us.numerator
        self._frame_us = round(1_000_000 / rate) if rate else _GUESS_US
        self._origin_us: int | None = None
        self._every_pts_counts = True
        self._last_us = -1
        self._step_us = 0
        self._steps = 0
        self._uneven_steps = 0

    def time_us(self, pts: int | None) -> int:
        """The time of the next frame in order of display."""
        stamped_us = self._next_us if pts is None else self._from_pts(pts)
        t_us = max(stamped_us, self._last_us + 1)
        self._every_pts_counts = self._every_pts_counts and pts is not None and t_us == stamped_us
        self._note_step(t_us)
        self._last_us = t_us
        return t_us

    def end_us(self, duration: int | None) -> int:
        """The end of the newest frame, `duration` ticks long (None or 0: as the nominal rate says)."""
        length_us = self.pts_us(duration) if duration else self._frame_us
        return self._last_us + max(1, length_us if length_us <= LONGEST_US else self._frame_us)

    @property
    def origin_us(self) -> int | None:
        """How much later each frame's PTS is than its time; None unless that is the same for all of them."""
        return self._origin_us if self._every_pts_counts else None

    def pts_us(self, pts: int) -> int:
        """A PTS in microseconds."""
        return (2 * pts * self._ticks_us + self._ticks) // (2 * self._ticks)

    @property
    def variable(self) -> bool:
        """Whether the rate varies: more than one step in twenty is unlike the one before it.

        A gap or a lost frame alone does not make a film one of variable rate.
        """
        return 20 * self._uneven_steps > self._steps

    def _note_step(self, t_us: int) -> None:
        if self._last_us < 0:
            return
        step_us = t_us - self._last_us
        # Matroska rounds to milliseconds, so that even steps differ by up to two of them.
        uneven = abs(step_us - self._step_us) > max(2_100, self._step_us // 10)
        if self._steps and uneven:
            self._uneven_steps += 1
        self._steps += 1
        self._step_us = step_us

    @property
    def _next_us(self) -> int:
        return 0 if self._last_us < 0 else self._last_us + self._frame_us

    def _from_pts(self, pts: int) -> int:
        at_us = self.pts_us(pts)
        if self._origin_us is None or not -self._frame_us <= at_us - self._origin_us - self._last_us <= LONGEST_US:
            self._every_pts_counts = self._every_pts_counts and self._origin_us is None
            self._origin_us = at_us - self._next_us
        return at_us - self._origin_us
