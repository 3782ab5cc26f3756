"""The texts of a film: which lines, read at different times, are one, and when and where it was shown."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import ScreenLook, Shift
from sightglass_worker.domain.texts.lines import Line, folded
from sightglass_worker.domain.texts.matching import distinct, goes_on, is_same, pairs
from sightglass_worker.domain.texts.places import before, distance, moves, same_place, shifted, touching
from sightglass_worker.domain.texts.showing import Kept, Shown

# A line that is gone for less than this and then stands elsewhere was moved; after that it is another
# one that reads the same.
_MOVED_US: Final = 2_500_000
# Shifts that are remembered, to follow back what is read only after it has moved: six seconds' worth.
_SHIFTS: Final = 32


@dataclass(frozen=True, slots=True)
class Span:
    """When a text stood at one place: `[start_us, end_us)`, each right to a sample, 0.2 s.

    box: where it stood at start_us. While it is scrolled there is a span for each sample: between
        the two it moves from this box to the next one's.
    whole: False while only the beginning of the text was shown, because it was being typed.
    """

    start_us: int
    end_us: int
    box: Box
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text on screen. number: from 0, in order of first appearance.

    text, confidence: the best of its readings. spans: in order of time, without overlap, at least one.
    """

    number: int
    text: str
    confidence: float
    spans: tuple[Span, ...]


class TextTracker:
    """Folds looks, in order of time, and the lines read in each, into texts.

    Deterministic; the order of the lines of one look does not matter. Looks of a film's ranges, one
    after the other, may be given as those of the film.
    """

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        self._by_key: defaultdict[str, list[Kept]] = defaultdict(list)
        self._shown: list[Shown] = []
        self._shifts: deque[Shift] = deque(maxlen=_SHIFTS)

    def push(self, look: ScreenLook, lines: Iterable[Line]) -> None:
        """Take a look and what was read in it; no lines where nothing was, or could be, read."""
        if look.shift is not None:
            self._move(look.shift)
        changed = {id(s): t for s in self._shown if (t := _gone_us(s, look)) is not None}
        fresh = distinct(lines)
        for shown, line in pairs(self._shown, fresh, lambda s, n: is_same(s, n, changed=id(s) in changed)):
            self._confirm(shown, line, look.t_us)
            fresh.remove(line)
            changed.pop(id(shown), None)
        for shown, line in pairs(self._unseen(look), fresh, goes_on):
            self._extend(shown, line, look)
            fresh.remove(line)
            changed.pop(id(shown), None)
        for shown in [s for s in self._shown if id(s) in changed]:
            shown.close(changed[id(shown)])
            self._shown.remove(shown)
        for line in fresh:
            self._appear(line, look)

    def finish(self, duration_us: int) -> list[Text]:
        """The texts of a film that lasts so long."""
        for shown in self._shown:
            shown.close(duration_us)
        self._shown = []
        ordered = sorted((k for k in self._kept if k.spans), key=lambda k: (k.spans[0][0], k.order))
        return [_text(number, kept) for number, kept in enumerate(ordered)]

    def _unseen(self, look: ScreenLook) -> list[Shown]:
        return [shown for shown in self._shown if shown.seen_us < look.t_us]

    def _move(self, shift: Shift) -> None:
        self._shifts.append(shift)
        for shown in [s for s in self._shown if moves(s.box, shift)]:
            shown.kept.add(shown.start_us, shift.t_us, shown.box, shown.key)
            box = shifted(shown.box, shift)
            if box is None:
                self._shown.remove(shown)
            else:
                shown.box, shown.start_us = box, shift.t_us

    @staticmethod
    def _confirm(shown: Shown, line: Line, t_us: int) -> None:
        shown.seen_us = t_us
        if shown.key == shown.kept.key and line.confidence > shown.kept.confidence:
            shown.kept.text, shown.kept.confidence = line.text, line.confidence

    def _extend(self, shown: Shown, line: Line, look: ScreenLook) -> None:
        start_us = max(_start_us(line, look), shown.seen_us + 1)
        shown.close(start_us)
        shown.key, shown.box, shown.start_us, shown.seen_us = folded(line.text), line.box, start_us, look.t_us
        kept = shown.kept
        if len(shown.key) > len(kept.key):
            self._by_key[kept.key].remove(kept)
            kept.text, kept.confidence, kept.key = line.text, line.confidence, shown.key
            self._by_key[kept.key].append(kept)

    def _appear(self, line: Line, look: ScreenLook) -> None:
        key = folded(line.text)
        start_us = _start_us(line, look)
        kept = self._known(key, line.box, start_us)
        if kept is None:
            kept = Kept(line.text, line.confidence, key, len(self._kept))
            self._kept.append(kept)
            self._by_key[key].append(kept)
        elif line.confidence > kept.confidence:
            kept.text, kept.confidence = line.text, line.confidence
        start_us = self._follow_back(kept, key, line.box, max(start_us, kept.end_us), look.t_us)
        self._shown.append(Shown(kept, key, line.box, start_us, look.t_us))

    def _known(self, key: str, box: Box, start_us: int) -> Kept | None:
        """The text that this line is again: one that stood there before, or that was moved."""
        visible = {id(s.kept) for s in self._shown}
        gone = [k for k in self._by_key[key] if id(k) not in visible]
        there = [k for k in gone if same_place(k.spans[-1][2], box)]
        moved = there or [k for k in gone if start_us - k.end_us < _MOVED_US]
        return min(moved, key=lambda k: (distance(k.spans[-1][2], box), k.order), default=None)

    def _follow_back(self, kept: Kept, key: str, box: Box, start_us: int, t_us: int) -> int:
        """Note where a line stood that has moved before it was read. Returns since when it stands where it does."""
        here: Box | None = box
        path: list[tuple[int, Box]] = []
        for shift in reversed([s for s in self._shifts if start_us < s.t_us <= t_us and moves(box, s)]):
            path.append((shift.t_us, here))
            here = before(here, shift)
            if here is None:
                break
        if not path:
            return start_us
        if here is not None:
            path.append((start_us, here))
        path.reverse()
        for (at_us, place), (until_us, _) in pairwise(path):
            kept.add(at_us, until_us, place, key)
        return path[-1][0]


def _gone_us(shown: Shown, look: ScreenLook) -> int | None:
    """Since when something else stands where a text was, unless it is read there again; None if nothing does."""
    since_us = min((c.since_us for c in touching(shown.box, look.changes)), default=None)
    return None if since_us is None else max(since_us, shown.seen_us + 1)


def _start_us(line: Line, look: ScreenLook) -> int:
    """Since when a line stands as it does."""
    return max((c.steady_us for c in touching(line.box, look.changes)), default=look.t_us)


def _text(number: int, kept: Kept) -> Text:
    spans = tuple(Span(a, b, box, len(key) >= len(kept.key)) for a, b, box, key in kept.spans)
    return Text(number, kept.text, kept.confidence, spans)
