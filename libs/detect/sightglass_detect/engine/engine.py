"""The engine: bytes in, findings out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sightglass_detect.detector import Strength
from sightglass_detect.engine.joined import Joined, runs_of
from sightglass_detect.engine.matcher import Matcher, Place
from sightglass_detect.engine.overlaps import Sweep
from sightglass_detect.engine.pattern import is_anchored
from sightglass_detect.engine.prefilter import digits_in_row
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


@dataclass(frozen=True, slots=True)
class Look:
    """What is told of some bytes.

    matched: whether anything in them has the form of a value, told or not. Where nothing has, nothing is told of parts
    of them either, each cut where a sign stands that is of no word, no number and no form.
    """

    findings: list[Finding]
    matched: bool


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
        self._tells_of_parts = all(map(_tells_of_parts, rules))
        self._found_by_others = frozenset(n for n, rule in enumerate(rules) if _is_found_by_another(rule))

    def scan(self, data: bytes, labels: bytes = b"", named: Collection[str] = ()) -> list[Finding]:
        """What is told of some bytes.

        labels: headers or keys that name what all of `data` is. named: ids of detectors that it is known to be of.
        """
        return self._told(self.raw(data, labels, named))

    def scan_each(self, passages: Sequence[Passage]) -> list[list[Finding]]:
        """What `scan` tells of each: short ones are looked through as one text, in a fraction of the time."""
        return [look.findings for look in self.look_each(passages)]

    def look_each(self, passages: Sequence[Passage]) -> list[Look]:
        """The same, and whether anything could have been told."""
        looks: list[Look] = []
        for run in runs_of(passages, key=lambda passage: len(passage.data)):
            joined = Joined([passage.data for passage in run])
            for passage, places in zip(run, joined.split(self._matcher.places(joined.data)), strict=True):
                found, matched = self._raw(passage.data, places, passage.labels, passage.named)
                looks.append(Look(self._told(found) if found else found, matched or not self._tells_of_parts))
        return looks

    def raw(self, data: bytes, labels: bytes = b"", named: Collection[str] = ()) -> list[Finding]:
        """All findings by their starts, overlapping ones too. Each depends on no byte further than `reach` away."""
        return self._raw(data, self._matcher.places(data), labels, named)[0]

    def _told(self, findings: Iterable[Finding]) -> list[Finding]:
        sweep = Sweep(self.ranks, self.hides)
        return [*sweep.add(findings), *sweep.close()]

    def _raw(
        self, data: bytes, places: Iterable[Place], labels: bytes, named: Collection[str]
    ) -> tuple[list[Finding], bool]:
        labelled = self._labelled(labels) | set(named) if labels or named else frozenset[str]()
        if labelled:
            all_over = ((n, 0, len(data)) for n, rule in enumerate(self.rules) if rule.detector.id in labelled)
            places = [*places, *all_over]
        found, matched = self._judged(data, places, labelled)
        return sorted(set(found), key=_PLACE) if found else found, matched

    def _labelled(self, labels: bytes) -> set[str]:
        if not labels:
            return set()
        return {rule.detector.id for rule in self.rules if rule.words is not None and rule.words.named_in(labels)}

    def _judged(self, data: bytes, places: Iterable[Place], labelled: Collection[str]) -> tuple[list[Finding], bool]:
        """The findings, and whether anything has the form of one."""
        found: list[Finding] = []
        matched = False
        found_by_others = self._found_by_others
        for number, first, last in places:
            rule = self.rules[number]
            matched = matched or number in found_by_others
            for start, end in rule.matches(data, first, last):
                matched = True
                finding = rule.judged(data, start, end, labelled=rule.detector.id in labelled)
                if finding is not None and not self._allowed(data[finding.start : finding.end]):
                    found.append(finding)
        return found, matched

    def _allowed(self, value: bytes) -> bool:
        return bool(self._allow) and self._allow.allows(value.decode("utf-8", "replace"))


def _is_found_by_another(rule: Rule) -> bool:
    """Whether something else is looked for in its place, which may be nearer to it in a column than in a row."""
    return rule.form.strength is Strength.WEAK and rule.detector.requires is not None


def _tells_of_parts(rule: Rule) -> bool:
    """Whether a match in a part of a text is one in the text, and found there.

    Not where a pattern asks for the beginning or the end of what is scanned, or what it requires is looked for near
    digits alone.
    """
    near_digits = _is_found_by_another(rule) and digits_in_row(rule.form.pattern) > 0
    return not (near_digits or is_anchored(rule.form.pattern))
