"""Which boxes hold text in a frame, or may, and of which frames nobody knows."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from sightglass_worker.domain.texts.unread import Unread, Why
from sightglass_worker.labels.outcome import Withheld
from sightglass_worker.labels.provider import Box

# Text is looked for five times a second, and its times are right to 0.4 s: what is seen shortly before or after a frame
# may be in it.
_SLACK_US: Final = 400_000
_REASONS: Final[dict[Why, Withheld]] = {"skipped_by_cap": "text_capped", "failed": "text_failed"}


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


def boxes_at(t_us: int, shown: Iterable[Shown]) -> list[Box]:
    """Where the frame at `t_us` may show text."""
    return [text.box for text in shown if _near(t_us, text.start_us, text.end_us)]


def withheld_at(t_us: int, unread: Sequence[Unread] | None) -> Withheld | None:
    """Why the frame at `t_us` may not be shown to anybody: because of text that nobody has read; None if it may.

    unread: what was not read of the film; None where no text was looked for.
    """
    if unread is None:
        return "text_not_looked_for"
    return next((_REASONS[u.why] for u in unread if _near(t_us, u.start_us, u.end_us)), None)


def _near(t_us: int, start_us: int, end_us: int) -> bool:
    return start_us - _SLACK_US <= t_us <= end_us + _SLACK_US
