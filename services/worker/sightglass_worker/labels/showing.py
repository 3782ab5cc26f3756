"""Which boxes hold text in a frame, or may."""

from collections.abc import Iterable
from typing import Final, Protocol

from sightglass_worker.labels.provider import Box

# Text is looked for five times a second, and its times are right to 0.4 s: what is seen shortly before or after a frame
# may be in it.
_SLACK_US: Final = 400_000


class Shown(Protocol):
    """A text in one place. Both times are in microseconds from the first frame."""

    @property
    def start_us(self) -> int:
        """When it was first seen."""
        ...

    @property
    def end_us(self) -> int:
        """When it was last seen."""
        ...

    @property
    def box(self) -> Box:
        """Where."""
        ...


def boxes_at(t_us: int, shown: Iterable[Shown], unread: Iterable[tuple[int, int]]) -> list[Box] | None:
    """Where the frame at `t_us` may show text; None if nobody has read what it shows.

    unread: from when to when no text was read, whatever the reason.
    """
    if any(_near(t_us, start_us, end_us) for start_us, end_us in unread):
        return None
    return [text.box for text in shown if _near(t_us, text.start_us, text.end_us)]


def _near(t_us: int, start_us: int, end_us: int) -> bool:
    return start_us - _SLACK_US <= t_us <= end_us + _SLACK_US
