"""The engine: bytes in, findings out."""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter

from sightglass_detect.detector import Detector
from sightglass_detect.engine.matcher import EverywhereMatcher, Matcher, Place
from sightglass_detect.engine.overlaps import Sweep
from sightglass_detect.engine.rules import Rule
from sightglass_detect.finding import Finding

# As findings compare, but quicker.
_PLACE = attrgetter("start", "end", "detector", "confidence")


class Engine:
    """Rules and the matcher that runs them.

    reach: how many bytes on each side of a place decide about a finding that starts there.
    """

    def __init__(self, rules: Sequence[Rule], matcher: Matcher | None = None) -> None:
        self.rules = tuple(rules)
        self.ranks = {rule.detector.id: rule.rank for rule in rules}
        self.reach = max((rule.most + rule.reach for rule in rules), default=0)
        self._matcher = matcher or EverywhereMatcher(rules)

    def scan(self, data: bytes, labels: bytes = b"") -> list[Finding]:
        """What is told of some bytes. labels: headers or keys that name what all of `data` is."""
        sweep = Sweep(self.ranks)
        return [*sweep.add(self.raw(data, labels)), *sweep.close()]

    def raw(self, data: bytes, labels: bytes = b"") -> list[Finding]:
        """All findings by their starts, overlapping ones too. Each depends on no byte further than `reach` away."""
        labelled = self._labelled(labels)
        places = self._matcher.places(data)
        if labelled:
            places = [*places, *((n, 0, len(data)) for n, rule in enumerate(self.rules) if rule.detector in labelled)]
        return sorted(set(self._judged(data, places, labelled)), key=_PLACE)

    def _labelled(self, labels: bytes) -> Collection[Detector]:
        if not labels:
            return ()
        return {rule.detector for rule in self.rules if rule.words is not None and rule.words.named_in(labels)}

    def _judged(self, data: bytes, places: Iterable[Place], labelled: Collection[Detector]) -> list[Finding]:
        found: list[Finding] = []
        for number, first, last in places:
            rule = self.rules[number]
            for start, end in rule.matches(data, first, last):
                finding = rule.judged(data, start, end, labelled=rule.detector in labelled)
                if finding is not None:
                    found.append(finding)
        return found
