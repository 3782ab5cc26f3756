"""A timeline in characters: rows under one another, a column for a stretch of time. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sightglass_client.findings import Scene, Text, Track

_BOUNDARIES: Final = {"start": "[", "cut": "|", "fade": "X", "fade_in": "/", "fade_out": "\\", "dissolve": "~"}
_SEVERAL: Final = "#"
# Where a column shows several scenes, the later of these stands for them.
_MOTION: Final = {"still": "-", "camera": "c", "object": "o", "both": "b"}
_STYLES: Final = {
    "scenes": dict.fromkeys("".join(_BOUNDARIES.values()) + _SEVERAL, "bold cyan"),
    "texts": dict.fromkeys("123456789+", "green"),
    "motion": {"c": "yellow", "o": "magenta", "b": "red"},
    "tracks": dict.fromkeys("123456789+", "magenta"),
    "time": {},
}
_STEPS_US: Final = tuple(
    int(seconds * 1e6)
    for seconds in (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
)
_LEAST_WIDTH: Final = 20


@dataclass(frozen=True, slots=True)
class Film:
    """What is to be drawn."""

    duration_us: int
    scenes: "Sequence[Scene]" = ()
    texts: "Sequence[Text]" = ()
    tracks: "Sequence[Track]" = ()


class Drawing:
    """A film drawn in `width` columns, 20 at least; its duration must be above 0."""

    def __init__(self, film: Film, width: int, *, ascii_only: bool) -> None:
        self._film = film
        self._width = max(width, _LEAST_WIDTH)
        self._fills, self._none = (("=", "-"), ".") if ascii_only else (("━", "─"), "·")

    @property
    def styles(self) -> Mapping[str, Mapping[str, str]]:
        """The colour of a character in a row: it says nothing that the character does not."""
        return _STYLES

    def rows(self) -> dict[str, str]:
        """The rows by name, each of the whole width."""
        spans = ((span.start_us, span.end_us) for text in self._film.texts for span in text.spans)
        return {
            "time": self._ruler(),
            "scenes": self._scenes(),
            "texts": self._counts(spans),
            "motion": self._motion(),
            "tracks": self._counts((track.start_us, track.end_us) for track in self._film.tracks),
        }

    def legend(self) -> str:
        """What the characters mean, of kinds only those that are there."""
        kinds = {scene.boundary.kind for scene in self._film.scenes if scene.boundary}
        begins = [f"{char} {kind.replace('_', ' ')}" for kind, char in _BOUNDARIES.items() if kind in kinds]
        moves = {scene.motion.kind for scene in self._film.scenes if scene.motion}
        moving = [f"{char} {kind}" for kind, char in _MOTION.items() if kind in moves]
        several = [f"{_SEVERAL} several"] if _SEVERAL in self._scenes() else []
        parts = {"scenes": [*begins, *several], "motion": moving, "texts and tracks": ["how many at once"]}
        return "; ".join(f"{name}: {', '.join(said)}" for name, said in parts.items() if said)

    def _column(self, t_us: int) -> int:
        return max(0, min(self._width - 1, t_us * self._width // self._film.duration_us))

    def _columns(self, start_us: int, end_us: int) -> range:
        """The columns that show a part of [start_us, end_us): one at least."""
        first = self._column(start_us)
        return range(first, max(first, self._column(end_us - 1)) + 1)

    def _ruler(self) -> str:
        row = [" "] * self._width
        step_us = self._step_us()
        for t_us in range(0, self._film.duration_us, step_us):
            label = _label(t_us, self._film.duration_us, step_us)
            column = self._column(t_us)
            if column + len(label) <= self._width:
                row[column : column + len(label)] = label
        return "".join(row)

    def _step_us(self) -> int:
        """The smallest step whose labels do not touch."""
        for step_us in _STEPS_US:
            room = step_us * self._width // self._film.duration_us
            if room >= len(_label(0, self._film.duration_us, step_us)) + 2:
                return step_us
        return self._film.duration_us

    def _scenes(self) -> str:
        row = [self._none] * self._width
        taken: set[int] = set()
        for index, scene in enumerate(self._film.scenes):
            columns = self._columns(scene.start_us, scene.end_us)
            first = columns[0]
            row[first : columns[-1] + 1] = self._fills[index % 2] * len(columns)
            kind = scene.boundary.kind if scene.boundary else ""
            row[first] = _BOUNDARIES.get(kind, "|") if first not in taken else _SEVERAL
            number = str(scene.number)
            if first not in taken and len(number) + 2 <= len(columns):
                row[first + 1 : first + 1 + len(number)] = number
            taken.add(first)
        return "".join(row)

    def _motion(self) -> str:
        order = ["", *_MOTION]
        strongest = [0] * self._width
        for scene in self._film.scenes:
            rank = order.index(scene.motion.kind) if scene.motion and scene.motion.kind in _MOTION else 0
            for column in self._columns(scene.start_us, scene.end_us):
                strongest[column] = max(strongest[column], rank)
        return "".join(_MOTION.get(order[rank], self._none) for rank in strongest)

    def _counts(self, spans: Iterable[tuple[int, int]]) -> str:
        """How many of the spans each column shows a part of."""
        changes = [0] * (self._width + 1)
        for start_us, end_us in spans:
            columns = self._columns(start_us, end_us)
            changes[columns[0]] += 1
            changes[columns[-1] + 1] -= 1
        return "".join(self._digits(accumulate(changes[: self._width])))

    def _digits(self, counts: Iterable[int]) -> Iterator[str]:
        for count in counts:
            yield self._none if not count else str(count) if count < 10 else "+"


def _label(t_us: int, duration_us: int, step_us: int) -> str:
    """A moment as short as it can be among labels that are `step_us` apart."""
    seconds, rest_us = divmod(t_us, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, in_hour = divmod(minutes, 60)
    clock = f"{hours}:{in_hour:02}:{seconds:02}" if duration_us >= 3_600_000_000 else f"{minutes}:{seconds:02}"
    return f"{clock}.{rest_us // 100_000}" if step_us < 1_000_000 else clock
