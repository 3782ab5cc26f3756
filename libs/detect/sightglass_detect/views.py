"""Other ways to read a text: what is found in them is told at its place in the text itself."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from sightglass_detect.engine.confidence import PROBABLE
from sightglass_detect.engine.overlaps import Sweep
from sightglass_detect.finding import Finding


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a view, and the run [start, end) of the text that it stands for.

    per: how many bytes of the text there are for how many of it: (1, 1) for what stands there as it is, (4, 3) for
    base64; (0, 1) when it stands for the run as a whole. A run of no bytes is no place: nothing is found in it.
    """

    data: bytes
    start: int
    end: int
    per: tuple[int, int] = (1, 1)

    def begin(self, offset: int) -> int:
        """Where in the text a byte of it begins."""
        return self.start + offset * self.per[0] // self.per[1]

    def close(self, offset: int) -> int:
        """Where in the text the byte before `offset` ends."""
        if offset == len(self.data) or not self.per[0]:
            return self.end
        return min(self.end, self.start - (-offset * self.per[0] // self.per[1]))


class View:
    """A text made of parts of another one, or of what stands for them.

    labels: what names all of it. under: the view whose text the parts are of; None: the text itself. doubtful: it is a
    guess, so that only what passes a check is told, and not of high confidence.
    """

    def __init__(
        self, parts: Sequence[Part], *, labels: bytes = b"", under: "View | None" = None, doubtful: bool = False
    ) -> None:
        self.data = b"".join(part.data for part in parts)
        self.labels = labels
        self._under = under
        self._doubtful = doubtful
        self._parts = parts
        self._starts: list[int] = []
        size = 0
        for part in parts:
            self._starts.append(size)
            size += len(part.data)

    def placed(self, finding: Finding) -> Finding | None:
        """The same finding in the text; None for one in parts that do not follow each other there, or have no place."""
        first, last = self._part(finding.start), self._part(finding.end - 1)
        parts = self._parts[first : last + 1]
        if any(part.start == part.end for part in parts) or any(a.end > b.start for a, b in pairwise(parts)):
            return None
        if self._doubtful and not finding.checked:
            return None
        start = parts[0].begin(finding.start - self._starts[first])
        end = parts[-1].close(finding.end - self._starts[last])
        sure = min(finding.confidence, PROBABLE) if self._doubtful else finding.confidence
        placed = replace(finding, start=start, end=end, confidence=sure)
        return self._under.placed(placed) if self._under else placed

    def _part(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1


class Ranked(Protocol):
    """What decides between findings that overlap: of an engine."""

    @property
    def ranks(self) -> Mapping[str, int]:
        """By detector."""
        ...

    @property
    def hides(self) -> Mapping[str, Collection[str]]:
        """By detector."""
        ...


def merged(engine: Ranked, findings: Iterable[Finding]) -> list[Finding]:
    """What is told of findings in a text and in views of it."""
    sweep = Sweep(engine.ranks, engine.hides)
    return [*sweep.add(sorted(set(findings))), *sweep.close()]
