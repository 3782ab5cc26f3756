"""What of a film's screen was read, and for how long something on it was not."""

from dataclasses import dataclass
from typing import Literal

from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.places import enclosing_box
from sightglass_worker.domain.texts.unread import Unread, UnreadPlaces, Why

Outcome = Literal["read"] | Why


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
        self._places = UnreadPlaces()
        self._unread_us = 0
        self._at_us = 0

    def note(self, look: ScreenLook, outcome: Outcome) -> None:
        """Count a look."""
        self._advance(look.t_us)
        self._counts[outcome] += 1
        touched = enclosing_box([look.box, *(change.box for change in look.changes)])
        if outcome == "read":
            self._places.read(touched, look.t_us)
        else:
            since_us = min((change.since_us for change in look.changes), default=look.t_us)
            self._places.unread(touched, since_us, outcome)

    def finish(self, duration_us: int) -> tuple[Coverage, list[Unread]]:
        """The sums of a film that lasts so long, and when and where what was not read was shown."""
        self._advance(duration_us)
        coverage = Coverage(sum(self._counts.values()), **self._counts, unread_us=self._unread_us)
        return coverage, self._places.finish(duration_us)

    def _advance(self, t_us: int) -> None:
        if self._places.any_now:
            self._unread_us += t_us - self._at_us
        self._at_us = t_us
