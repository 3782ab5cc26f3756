"""Texts on a screen as a person reads them: in lines, each with what stands above it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# Beside each other: their heights overlap by half of the lower one.
_SAME_ROW: Final = 0.5
# Words of one line are closer than the line is high; what stands further away is another column.
_WORD_GAP_HEIGHTS: Final = 1.0
# A label is at most so far above its value, in heights of the value.
_ABOVE_HEIGHTS: Final = 1.5
_SAME_COLUMN: Final = 0.5
# More texts in a row than any form has are texts that scroll past each other: each is taken by itself.
_MOST_IN_A_LINE: Final = 12
# Texts that are seen at a time with which one is compared; a screen of 4K has about 200 lines.
_MOST_AT_A_TIME: Final = 400

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A text's stay at a place. box: x, y, width, height, as shares of the picture."""

    start_us: int
    end_us: int
    box: Box


@dataclass(frozen=True, slots=True)
class ScreenText:
    """A text that was read. spans: at least one, in order of time."""

    number: int
    clear: str
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Line:
    """Texts beside each other, from the left to the right. above: what stands over the first of them, if anything."""

    texts: Sequence[ScreenText]
    above: str = ""


def lines_of(texts: Sequence[ScreenText]) -> list[Line]:
    """All texts, each in one line."""
    rows = _Rows(len(texts))
    above: dict[int, tuple[float, int]] = {}
    for (i, one), (j, other) in _seen_together(texts):
        if _beside(one.box, other.box):
            rows.join(i, j)
        for value, label, low, high in ((i, j, one.box, other.box), (j, i, other.box, one.box)):
            gap = _gap_above(low, high)
            if gap is not None and (value not in above or (gap, label) < above[value]):
                above[value] = gap, label
    lines = [line for row in rows.all() for line in _split(row, texts)]
    return [Line([texts[i] for i in line], _labels(line, above, texts)) for line in lines]


def separator(left: ScreenText, right: ScreenText) -> str:
    """What stands between two texts of a line: a space between words, a tab between columns."""
    (x, _, width, height), (next_x, _, _, _) = left.spans[0].box, right.spans[0].box
    return " " if next_x - (x + width) <= _WORD_GAP_HEIGHTS * height else "\t"


def around(boxes: Sequence[Box]) -> Box:
    """The box around all of some, at least one."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top


def _labels(line: Sequence[int], above: dict[int, tuple[float, int]], texts: Sequence[ScreenText]) -> str:
    return "\n".join(texts[above[i][1]].clear for i in line if i in above)


def _split(row: Sequence[int], texts: Sequence[ScreenText]) -> list[list[int]]:
    if len(row) > _MOST_IN_A_LINE:
        return [[i] for i in row]
    return [sorted(row, key=lambda i: texts[i].spans[0].box[0])]


def _seen_together(texts: Sequence[ScreenText]) -> Iterator[tuple[tuple[int, Span], tuple[int, Span]]]:
    """Pairs of stays of two texts that overlap in time."""
    stays = sorted(((span.start_us, i, span) for i, text in enumerate(texts) for span in text.spans), key=_by_time)
    now: list[tuple[int, Span]] = []
    for start_us, i, span in stays:
        now = [(j, other) for j, other in now if other.end_us > start_us][-_MOST_AT_A_TIME:]
        yield from (((j, other), (i, span)) for j, other in now if j != i)
        now.append((i, span))


def _by_time(stay: tuple[int, int, Span]) -> tuple[int, int]:
    return stay[:2]


def _beside(one: Box, other: Box) -> bool:
    apart = _overlap(one[0], one[2], other[0], other[2]) <= 0
    return apart and _overlap(one[1], one[3], other[1], other[3]) >= _SAME_ROW


def _gap_above(low: Box, high: Box) -> float | None:
    """How far `high` is above `low`, if it may be its label."""
    gap = low[1] - (high[1] + high[3])
    near = -0.5 * low[3] <= gap <= _ABOVE_HEIGHTS * low[3]
    return gap if near and _overlap(low[0], low[2], high[0], high[2]) >= _SAME_COLUMN else None


def _overlap(start: float, length: float, other_start: float, other_length: float) -> float:
    """What two stretches share, as part of the shorter one; negative when they lie apart."""
    shared = min(start + length, other_start + other_length) - max(start, other_start)
    return shared / max(min(length, other_length), 1e-9)


class _Rows:
    """Which are beside which, through others too."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def join(self, one: int, other: int) -> None:
        self._parent[self._root(one)] = self._root(other)

    def all(self) -> Iterable[list[int]]:
        rows: defaultdict[int, list[int]] = defaultdict(list)
        for i in range(len(self._parent)):
            rows[self._root(i)].append(i)
        return rows.values()

    def _root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i
