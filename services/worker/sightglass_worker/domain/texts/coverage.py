"""What of a film's screen was read, and for how long something on it was not."""

from dataclasses import dataclass
from typing import Literal

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.places import covered, enclosing_box

Outcome = Literal["read", "skipped_by_cap", "failed"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Looks that showed something to read, and what became of them: looks = read + skipped_by_cap + failed.

    unread_us: how long the screen showed something that was not read.
    """

    looks: int
    read: int
    skipped_by_cap: int
    failed: int
    unread_us: int


class CoverageMeter:
    """Adds looks up, in order of time."""

    def __init__(self) -> None:
        self._counts: dict[Outcome, int] = {"read": 0, "skipped_by_cap": 0, "failed": 0}
        self._unread: Box | None = None
        self._unread_us = 0
        self._at_us = 0

    def note(self, look: ScreenLook, outcome: Outcome) -> None:
        """Count a look."""
        self._advance(look.t_us)
        self._counts[outcome] += 1
        touched = enclosing_box([look.box, *(change.box for change in look.changes)])
        if outcome != "read":
            self._unread = touched if self._unread is None else enclosing_box([self._unread, touched])
        elif self._unread is not None and covered(self._unread, touched):
            self._unread = None

    def finish(self, duration_us: int) -> Coverage:
        """The sums of a film that lasts so long."""
        self._advance(duration_us)
        return Coverage(sum(self._counts.values()), **self._counts, unread_us=self._unread_us)

    def _advance(self, t_us: int) -> None:
        if self._unread is not None:
            self._unread_us += t_us - self._at_us
        self._at_us = t_us
