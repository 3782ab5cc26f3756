"""What of an object is to be looked through by itself, and what is found in it, with its place."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Protocol, TypeAlias

from sightglass_detect import Finding, Passage
from sightglass_detect.engine.words import BARRIER
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Column, Text

# What is found, its value, and its place.
Told: TypeAlias = tuple[Finding, bytes, Locator]


class Asked(Protocol):
    """Something to be looked through, and what it means for the object it is of."""

    @property
    def passage(self) -> Passage:
        """What is to be looked through."""
        ...

    def told(self, found: Sequence[Finding]) -> Iterator[Told]:
        """What was found in it, with values and places."""
        ...


class Whole:
    """A text that is all of its stretch."""

    def __init__(self, text: Text) -> None:
        self.passage = Passage(text.data, text.labels)
        self._locate = text.locate

    def told(self, found: Sequence[Finding]) -> Iterator[Told]:
        """As of `Asked`."""
        for finding in found:
            value = self.passage.data[finding.start : finding.end]
            yield finding, value, located(self._locate, finding.start, finding.end)


class Cells:
    """All cells of some columns. named: as of `scan`."""

    def __init__(self, columns: Sequence[Column], named: frozenset[str]) -> None:
        self._columns = columns
        self.passage = Passage(BARRIER.join([value for column in columns for value in column.values]), named=named)

    def told(self, found: Sequence[Finding]) -> Iterator[Told]:
        """As of `Asked`."""
        if not found:
            return
        joined = self.passage.data
        sizes = map(len, chain.from_iterable(column.values for column in self._columns))
        starts = list(accumulate(map(len(BARRIER).__add__, sizes), initial=0))
        firsts = list(accumulate((len(column.values) for column in self._columns), initial=0))
        for finding in found:
            index = bisect_right(starts, finding.start) - 1
            if finding.end < starts[index + 1]:
                number = bisect_right(firsts, index) - 1
                place = located(self._columns[number].locate, index - firsts[number])
                yield finding, joined[finding.start : finding.end], place


def located(locate: Callable[..., Locator], *at: int) -> Locator:
    """A place; where the reader has lost it, that it is somewhere in the object."""
    try:
        return locate(*at)
    except LookupError:
        return Locator(PlaceKind.TEXT)
