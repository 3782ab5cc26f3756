"""Which frames of a range are its own, and how far it is to be read."""

from typing import Final

from sightglass_worker.domain.motion.finder import REACH
from sightglass_worker.domain.scenes.dissolves import HALF_MAX, SLOT_US

# A verdict looks so many slots that hold a frame to either side: whether a frame may end a dissolve depends on as many
# before it as a dissolve is long; the range's first slot may lack its beginning. A cut's depends on six frames.
REACH_SLOTS: Final = 2 * HALF_MAX + 2
# A sample of motion is taken of each such span that holds a frame. After a cut, and before one, it depends on samples
# twice as far away as elsewhere; of the range's first span none is taken.
SPAN_US: Final = 100_000
REACH_SPANS: Final = 2 * REACH + 2


class _Passed:
    """How many slots and spans have begun since the first frame that was pushed."""

    def __init__(self) -> None:
        self._slot = self._span = self._slots = self._spans = -1

    def push(self, t_us: int) -> None:
        """Take the next frame."""
        slot, span = t_us // SLOT_US, t_us // SPAN_US
        self._slots += slot != self._slot
        self._spans += span != self._span
        self._slot, self._span = slot, span

    def reaches(self, times: int) -> bool:
        """Whether that is so many times what any verdict looks at."""
        return self._slots >= times * REACH_SLOTS and self._spans >= times * REACH_SPANS


class Window:
    """Takes the times of a range's frames from its key frame on; frames are counted from there.

    first: the range begins with the film. end_us: where the next range begins; None for the last.
    owns_newest: whether the newest frame is own.

    A range begins at a key frame, and is looked at from there to twice the reach of any verdict beyond its end. Its own
    frames are those from that reach after its beginning to that reach after its end; the film's first frame and last
    are own as well.
    """

    def __init__(self, *, first: bool, end_us: int | None) -> None:
        self._end_us = end_us
        self._since_start, self._since_end = _Passed(), _Passed()
        self._is_past_end = False
        self.frame = -1
        self.own_from: int | None = 0 if first else None
        self.own_to: int | None = None
        self.own_from_us = 0
        self.own_to_us: int | None = None
        self.owns_newest = False
        self.done = False

    @property
    def in_head(self) -> bool:
        """Whether the newest frame is one that the range before has decoded, too."""
        return not self._since_start.reaches(2)

    @property
    def in_tail(self) -> bool:
        """Whether the newest frame is one that the next range decodes, too."""
        return self._is_past_end and not self.done

    def push(self, t_us: int) -> None:
        """Take the next frame."""
        self.frame += 1
        self._since_start.push(t_us)
        if self.own_from is None and self._since_start.reaches(1):
            self.own_from, self.own_from_us = self.frame, t_us
        self._is_past_end = self._end_us is not None and t_us >= self._end_us
        if self._is_past_end:
            self._since_end.push(t_us)
            if self.own_to is None and self._since_end.reaches(1):
                self.own_to, self.own_to_us = self.frame, t_us
            self.done = self._since_end.reaches(2)
        self.owns_newest = self.own_from is not None and self.own_to is None

    def owns(self, frame: int) -> bool:
        """Whether a frame up to the newest is own."""
        return self.own_from is not None and frame >= self.own_from and (self.own_to is None or frame < self.own_to)

    def owns_time(self, t_us: int) -> bool:
        """Whether a frame up to the newest, shown at this time, is own."""
        return (
            self.own_from is not None and t_us >= self.own_from_us and (self.own_to_us is None or t_us < self.own_to_us)
        )
