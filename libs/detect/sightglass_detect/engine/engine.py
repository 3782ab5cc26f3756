"""The engine: bytes in, findings out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sightglass_detect.engine.joined import Joined, runs_of
from sightglass_detect.engine.matcher import Matcher, Place
from sightglass_detect.engine.overlaps import Sweep
from sightglass_detect.engine.rules import Rule
from sightglass_detect.finding import Finding
from sightglass_detect.settings import AllowList

# As findings compare, but quicker.
_PLACE = attrgetter("start", "end", "detector", "confidence")


@dataclass(frozen=True, slots=True)
class Passage:
    """Some bytes to be looked through by themselves. labels, named: as of `Engine.scan`."""

    data: bytes
    labels: bytes = b""
    named: Collection[str] = ()


class Engine:
    """Rules and the matcher that runs them.

    reach: how many bytes on each side of a place decide about a finding that starts there.
    """

    def __init__(self, rules: Sequence[Rule], matcher: Matcher, allow: AllowList) -> None:
        self.rules = tuple(rules)
        self.ranks = {rule.detector.id: rule.rank for rule in rules}
        self.hides = {rule.detector.id: frozenset(rule.detector.hides) for rule in rules}
        self.reach = max((rule.most + rule.reach for rule in rules), default=0)
        self._matcher = matcher
        self._allow = allow

    def scan(self, data: bytes, labels: bytes = b"", named: Collection[str] = ()) -> list[Finding]:
        """What is told of some bytes.

        labels: headers or keys that name what all of `data` is. named: ids of detectors that it is known to be of.
        """
        return self._told(self.raw(data, labels, named))

    def scan_each(self, passages: Sequence[Passage]) -> list[list[Finding]]:
        """What `scan` tells of each: short ones are looked through as one text, in a fraction of the time."""
        found: list[list[Finding]] = []
        for run in runs_of(passages, key=lambda passage: len(passage.data)):
            joined = Joined([passage.data for passage in run])
            for passage, places in zip(run, joined.split(self._matcher.places(joined.data)), strict=True):
                found.append(self._told(self._raw(passage.data, places, passage.labels, passage.named)))
        return found

    def raw(self, data: bytes, labels: bytes = b"", named: Collection[str] = ()) -> list[Finding]:
        """All findings by their starts, overlapping ones too. Each depends on no byte further than `reach` away."""
        return self._raw(data, self._matcher.places(data), labels, named)

    def _told(self, findings: Iterable[Finding]) -> list[Finding]:
        sweep = Sweep(self.ranks, self.hides)
        return [*sweep.add(findings), *sweep.close()]

    def _raw(self, data: bytes, places: Iterable[Place], labels: bytes, named: Collection[str]) -> list[Finding]:
        labelled = self._labelled(labels) | set(named) if labels or named else frozenset[str]()
        if labelled:
            all_over = ((n, 0, len(data)) for n, rule in enumerate(self.rules) if rule.detector.id in labelled)
            places = [*places, *all_over]
        return sorted(set(self._judged(data, places, labelled)), key=_PLACE)

    def _labelled(self, labels: bytes) -> set[str]:
        if not labels:
            return set()
        return {rule.detector.id for rule in self.rules if rule.words is not None and rule.words.named_in(labels)}

    def _judged(self, data: bytes, places: Iterable[Place], labelled: Collection[str]) -> list[Finding]:
        found: list[Finding] = []
        for number, first, last in places:
            rule = self.rules[number]
            for start, end in rule.matches(data, first, last):
                finding = rule.judged(data, start, end, labelled=rule.detector.id in labelled)
                if finding is not None and not self._allowed(data[finding.start : finding.end]):
                    found.append(finding)
        return found

    def _allowed(self, value: bytes) -> bool:
        return bool(self._allow) and self._allow.allows(value.decode("utf-8", "replace"))
