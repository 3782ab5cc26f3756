"""When and where a screen showed what was not read."""

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final, Literal

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.places import covered, enclosing_box

Why = Literal["skipped_by_cap", "failed"]

# Places that are unread at one time; of more, two become one that holds both.
_MOST_OPEN: Final = 16
# Stretches that are remembered; of more, each two neighbours become one that holds both.
_MOST_KEPT: Final = 512


@dataclass(frozen=True, slots=True)
class Unread:
    """From when to when something that nobody has read may have stood in a box, and why it was not read.

    Where many were merged, box and times hold all of them, and more; `why` is that of the first.
    """

    start_us: int
    end_us: int
    box: Box
    why: Why


class UnreadPlaces:
    """Takes what was and what was not read, in order of time. Holds at most 528 stretches."""

    def __init__(self) -> None:
        self._open: list[Unread] = []
        self._over: list[Unread] = []

    @property
    def any_now(self) -> bool:
        """Whether something on the screen is unread now."""
        return bool(self._open)

    def unread(self, box: Box, since_us: int, why: Why) -> None:
        """Note that a place was not read, and that it may show something else since then."""
        if any(covered(box, place.box) for place in self._open):
            return
        same = [place for place in self._open if covered(place.box, box)]
        if not same and len(self._open) >= _MOST_OPEN:
            same = self._open[-1:]
        self._open = [place for place in self._open if place not in same]
        self._open.append(_joined([*same, Unread(since_us, since_us, box, why)]))

    def read(self, box: Box, t_us: int) -> None:
        """Note that all of a place is known again."""
        for place in [place for place in self._open if covered(place.box, box)]:
            self._open.remove(place)
            self._keep(replace(place, end_us=t_us))

    def finish(self, duration_us: int) -> list[Unread]:
        """All stretches of a film that lasts so long."""
        for place in self._open:
            self._keep(replace(place, end_us=max(duration_us, place.start_us)))
        self._open = []
        return self._over

    def _keep(self, stretch: Unread) -> None:
        self._over.append(stretch)
        if len(self._over) > _MOST_KEPT:
            pairs = zip_longest(self._over[::2], self._over[1::2])
            self._over = [_joined([one, other] if other else [one]) for one, other in pairs]


def _joined(stretches: list[Unread]) -> Unread:
    """One stretch that holds all of these."""
    return Unread(
        min(stretch.start_us for stretch in stretches),
        max(stretch.end_us for stretch in stretches),
        enclosing_box([stretch.box for stretch in stretches]),
        stretches[0].why,
    )
