"""Rules: forms of detectors made ready to be run over bytes."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sightglass_detect.checks import CHECKS, Check, detail_of
from sightglass_detect.detector import Detector, Form
from sightglass_detect.engine.confidence import confidence
from sightglass_detect.engine.pattern import GUARD, WORD, compiled, needs_digit, widths
from sightglass_detect.engine.words import Words, words_of
from sightglass_detect.finding import Finding
from sightglass_detect.shapes import classes_of

_NEAR_BYTES = 200
_DIGIT = re.compile(rb"[0-9]")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One form of a detector.

    rank: the place of the detector in the catalogue. least, most: width of a match in bytes. floor: confidence below
    which nothing is told. numeric: there is a digit in every match. shape: the classes of a match, if all
    have the same. beside: what is context when it stands within so
    many bytes; beside_patterns: the same, as it was written.
    """

    detector: Detector
    form: Form
    rank: int
    floor: float
    regex: re.Pattern[bytes]
    least: int
    most: int
    check: Check | None
    words: Words | None
    stop: Sequence[bytes]
    numeric: bool
    shape: bytes
    beside: Sequence[tuple[re.Pattern[bytes], int]]
    beside_patterns: Sequence[tuple[str, int]]

    @property
    def reach(self) -> int:
        """How many bytes beside a match decide about it."""
        return max(*self.detector.window, *(within for _, within in self.beside)) + 2 * GUARD

    def matches(self, data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Start and end of the value in all matches that start from `first` to `last`, those within others too."""
        first = max(first, 0)
        if last - first < self.most:
            return self._tried(data, first, last)
        return self._searched(data, first, last)

    def _tried(self, data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
        group, bounded = self.regex.groups, self.form.bounded
        for at in range(first, min(last, len(data) - 1) + 1):
            if bounded and at > 0 and data[at] in WORD and data[at - 1] in WORD:
                continue
            if match := self.regex.match(data, at):
                yield match.span(group)

    def _searched(self, data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
        # A search cannot be told where a match starts at the latest: it goes on as far as one that did so may reach.
        group, at, end = self.regex.groups, first, last + self.most + GUARD
        if self.shape:
            found = classes_of(data[first:end]).find(self.shape)
            if found < 0:
                return
            at = first + found
        elif self.numeric:
            digit = _DIGIT.search(data, first, end)
            if digit is None:
                return
            at = max(first, digit.start() - self.most)
        while (match := self.regex.search(data, at, end)) and match.start() <= last:
            yield match.span(group)
            at = match.start() + 1

    def judged(self, data: bytes, start: int, end: int, *, labelled: bool) -> Finding | None:
        """The finding that a value is, if it is one. labelled: the whole of `data` is known to hold such values."""
        form, detector = self.form, self.detector
        value = data[start:end]
        if not self._is_possible(value):
            return None
        context = labelled or self._has_context(data, start, end)
        sure = confidence(form.strength, form.odds, context=context)
        if sure is None or sure < self.floor:
            return None
        detail = detail_of(detector.id, value)
        return Finding(start, end, detector.id, sure, detector.severity, form.odds > 1, context, detail)

    def _is_possible(self, value: bytes) -> bool:
        if self.check is not None and not self.check(value):
            return False
        if self.form.entropy and entropy(value) < self.form.entropy:
            return False
        if not self.stop:
            return True
        small = value.lower()
        return not any(word in small for word in self.stop)

    def _has_context(self, data: bytes, start: int, end: int) -> bool:
        if self.words is not None and self.words.near(data, start, end, self.detector.window):
            return True
        return any(part.search(data, max(0, start - within), end + within) for part, within in self.beside)


def rules_of(detectors: Sequence[Detector], floors: Mapping[str, float]) -> list[Rule]:
    """Make detectors ready. floors: least confidence by id. Raises UnusablePattern."""
    by_id = {detector.id: detector for detector in detectors}
    rules: list[Rule] = []
    for rank, detector in enumerate(detectors):
        patterns, stop = _beside(detector, by_id), tuple(word.encode() for word in detector.stop)
        beside = tuple((re.compile(pattern.encode()), within) for pattern, within in patterns)
        for form in detector.forms:
            check = CHECKS[form.check] if form.check else None
            words, (least, most) = words_of(detector.context), widths(form.pattern)
            regex, floor = compiled(form), floors[detector.id]
            rules.append(
                Rule(
                    detector,
                    form,
                    rank,
                    floor,
                    regex,
                    least,
                    most,
                    check,
                    words,
                    stop,
                    needs_digit(form.pattern),
                    (form.shape or "").encode(),
                    beside,
                    patterns,
                )
            )
    return rules


def _beside(detector: Detector, by_id: Mapping[str, Detector]) -> tuple[tuple[str, int], ...]:
    parts = [(form.pattern, _NEAR_BYTES) for name in detector.near if name in by_id for form in by_id[name].forms]
    if detector.requires:
        parts.append((detector.requires, detector.within_bytes))
    return tuple(parts)


def entropy(value: bytes) -> float:
    """Shannon entropy in bits a byte."""
    counts = [value.count(byte) for byte in set(value)]
    return math.log2(len(value)) - sum(n * math.log2(n) for n in counts) / len(value)
