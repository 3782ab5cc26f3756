"""One finding for one place: what is told of findings that overlap."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from sightglass_detect.engine.confidence import HIGH
from sightglass_detect.finding import Finding


class Sweep:
    """Findings in the order of their starts in, those that are told out, as soon as nothing can overlap them any more.

    Of findings that overlap, the more confident is told; of equally confident ones the longer, then a checked one, one
    with context, and the one whose detector stands first in the catalogue. Of one detector the longer is told.
    A finding of high confidence is told as well when a more confident one of another detector stands wholly within
    it: a token in a URL with a password.
    """

    def __init__(self, ranks: Mapping[str, int], hides: Mapping[str, Collection[str]]) -> None:
        self._ranks = ranks
        self._hides = hides
        self._open: list[Finding] = []
        self._end = 0

    @property
    def first(self) -> float:
        """Where the first finding starts that was taken and is not told yet."""
        return self._open[0].start if self._open else math.inf

    def add(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Take findings, none of which starts before one that was taken earlier."""
        for finding in findings:
            if self._open and finding.start >= self._end:
                yield from self.close()
            self._open.append(finding)
            self._end = max(self._end, finding.end)

    def close(self) -> list[Finding]:
        """What is left."""
        found = self._open if len(self._open) < 2 else self._told()
        self._open, self._end = [], 0
        return found

    def _told(self) -> list[Finding]:
        told: list[Finding] = []
        for finding in sorted(self._shown(list(_longest(self._open))), key=self._order):
            if not any(_hides(better, finding) for better in told):
                told.append(finding)
        return sorted(told)

    def _shown(self, findings: list[Finding]) -> Iterator[Finding]:
        """Without those that stand within a value of which they are a part: an address in a URL with a password."""
        for f in findings:
            if not any(
                o.start <= f.start and f.end <= o.end and f.detector in self._hides[o.detector] for o in findings
            ):
                yield f

    def _order(self, f: Finding) -> tuple[float, int, bool, bool, int, int]:
        return -f.confidence, f.start - f.end, not f.checked, not f.context, self._ranks[f.detector], f.start


def _longest(findings: list[Finding]) -> Iterator[Finding]:
    """Without those that are a part of another one of the same detector."""
    ends: dict[str, int] = {}
    for f in sorted(findings, key=lambda f: (f.start, -f.end, -f.confidence)):
        if f.end > ends.get(f.detector, 0):
            ends[f.detector] = f.end
            yield f


def _hides(better: Finding, finding: Finding) -> bool:
    if not _overlap(better, finding):
        return False
    if finding.confidence < HIGH or finding.detector == better.detector:
        return True
    within = finding.start <= better.start and better.end <= finding.end
    return not within or (finding.start, finding.end) == (better.start, better.end)


def _overlap(a: Finding, b: Finding) -> bool:
    return a.start < b.end and b.start < a.end


def moved(finding: Finding, by: int) -> Finding:
    """The same finding, `by` bytes further on."""
    return finding if by == 0 else replace(finding, start=finding.start + by, end=finding.end + by)
