"""Other ways to read a text: what is found in them is told at its place in the text itself."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from sightglass_detect.engine.overlaps import Sweep
from sightglass_detect.finding import Finding


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a view, and the run [start, end) of the text that it stands for.

    plain: it is that run as it is, so that places within it are known; else it stands for it as a whole.
    """

    data: bytes
    start: int
    end: int
    plain: bool = True


class View:
    """A text made of parts of another one, or of what stands for them.

    labels: what names all of it. most: confidence that no finding in it exceeds.
    """

    def __init__(self, parts: Sequence[Part], *, labels: bytes = b"", most: float = 1) -> None:
        self.data = b"".join(part.data for part in parts)
        self.labels = labels
        self.most = most
        self._parts = parts
        self._starts: list[int] = []
        size = 0
        for part in parts:
            self._starts.append(size)
            size += len(part.data)

    def placed(self, finding: Finding) -> Finding | None:
        """The same finding in the text; None for one that lies in parts which do not follow one another there."""
        first, last = self._part(finding.start), self._part(finding.end - 1)
        parts = self._parts[first : last + 1]
        if any(part.start == part.end or part.end > after.start for part, after in pairwise(parts)):
            return None
        start = parts[0].start + (finding.start - self._starts[first] if parts[0].plain else 0)
        end = parts[-1].start + finding.end - self._starts[last] if parts[-1].plain else parts[-1].end
        return replace(finding, start=start, end=end, confidence=min(finding.confidence, self.most))

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
