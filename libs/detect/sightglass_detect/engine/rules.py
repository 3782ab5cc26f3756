"""Rules: forms of detectors made ready to be run over bytes."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final

from sightglass_detect.checks import CHECKS, Check, detail_of
from sightglass_detect.detector import Detector, Form
from sightglass_detect.engine.confidence import confidence
from sightglass_detect.engine.leading import Leading, leading_of
from sightglass_detect.engine.pattern import GUARD, compiled, unguarded, widths
from sightglass_detect.engine.prefilter import digits_in_row, literal_in
from sightglass_detect.engine.words import Words, words_of
from sightglass_detect.finding import Finding
from sightglass_detect.shapes import classes_of

_NEAR_BYTES = 200
# Where a word begins or ends, and beside what is of no word: where a match of a bounded form may start.
_FENCES: Final = re.compile(rb"(?<![0-9A-Za-z_])|(?![0-9A-Za-z_])")


@dataclass(frozen=True, eq=False)
class Rule:
    """One form of a detector.

    rank: the place of the detector in the catalogue. floor: confidence below which nothing is told. beside_patterns:
    what is context when it stands within so many bytes, as it was written. All else follows from these. What is only
    needed where something may match is made there first: most rules meet nothing, and to make all takes longer than
    to read a database.
    """

    detector: Detector
    form: Form
    rank: int
    floor: float
    beside_patterns: Sequence[tuple[str, int]]

    @cached_property
    def least(self) -> int:
        """How many bytes a match has, at least. Raises UnusablePattern."""
        return widths(self.form.pattern)[0]

    @cached_property
    def most(self) -> int:
        """How many bytes a match has, at most. Raises UnusablePattern."""
        return widths(self.form.pattern)[1]

    @cached_property
    def regex(self) -> re.Pattern[bytes]:
        """What finds matches."""
        return compiled(self.form)

    @cached_property
    def check(self) -> Check | None:
        """What verifies a value."""
        return CHECKS[self.form.check] if self.form.check else None

    @cached_property
    def words(self) -> Words | None:
        """Those of context."""
        return words_of(self.detector.context)

    @cached_property
    def beside(self) -> Sequence[tuple[re.Pattern[bytes], int]]:
        """`beside_patterns`, ready to be looked for."""
        return [(re.compile(pattern.encode()), within) for pattern, within in self.beside_patterns]

    @cached_property
    def _body(self) -> re.Pattern[bytes]:
        return unguarded(self.form.pattern)

    @cached_property
    def _stop(self) -> re.Pattern[bytes] | None:
        return _any_of(self.detector.stop)

    @cached_property
    def _classes(self) -> bytes:
        """A run of classes that is in every match, as `classes_of` gives them."""
        return (self.form.shape or "9" * digits_in_row(self.form.pattern)).encode()

    @cached_property
    def _literal(self) -> bytes:
        """A byte that is in every match; empty when there is none."""
        return literal_in(self.form.pattern)

    @cached_property
    def _leading(self) -> Leading | None:
        """What matches begin with."""
        return leading_of(self.form.pattern)

    @property
    def reach(self) -> int:
        """How many bytes beside a match decide about it."""
        return max(*self.detector.window, *(within for _, within in self.beside_patterns)) + 2 * GUARD

    def matches(self, data: bytes, first: int, last: int) -> Iterable[tuple[int, int]]:
        """Start and end of the value in all matches that start from `first` to `last`, those within others too."""
        first = max(first, 0)
        if last == first:
            match = self.regex.match(data, first)
            return (match.span(self.regex.groups),) if match else ()
        if last - first < self.most:
            return self._tried(data, first, last)
        return self._searched(data, first, last)

    def _tried(self, data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
        group, last = self.regex.groups, min(last, len(data) - 1)
        if self._literal and data.find(self._literal, first, last + self.most) < 0:
            return
        if self._classes and classes_of(data[first : last + self.most]).find(self._classes) < 0:
            return
        spans: Iterable[tuple[int, int]] = ((first, last),)
        if self._leading is not None:
            spans = self._leading.spans(data, first, last, last + self.most)
        elif (body := self._body.search(data, first, last + self.most + GUARD)) is None:
            return
        else:
            spans = ((body.start(), last),)
        for start, end in spans:
            places: Iterable[int] = range(start, end + 1)
            if self.form.bounded:
                places = [fence.start() for fence in _FENCES.finditer(data, start, end + 1)]
            for at in places:
                if at <= end and (match := self.regex.match(data, at)):
                    yield match.span(group)

    def _searched(self, data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
        # A search cannot be told where a match starts at the latest: it goes on as far as one that did so may reach.
        group, at, end = self.regex.groups, first, last + self.most + GUARD
        if self._literal and data.find(self._literal, first, end) < 0:
            return
        if self._classes:
            found = classes_of(data[first:end]).find(self._classes)
            if found < 0:
                return
            at = max(first, first + found - self.most)
        body = self._body.search(data, at, end)
        if body is None:
            return
        at = body.start()
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
        if self.form.entropy and not has_entropy(value, self.form.entropy):
            return False
        # One expression in small letters: to ask for each word, or for both cases of letters, costs five times as much.
        return self._stop is None or self._stop.search(value.lower()) is None

    def _has_context(self, data: bytes, start: int, end: int) -> bool:
        if self.words is not None and self.words.near(data, start, end, self.detector.window):
            return True
        return any(part.search(data, max(0, start - within), end + within) for part, within in self.beside)


def rules_of(detectors: Sequence[Detector], floors: Mapping[str, float]) -> list[Rule]:
    """Make detectors ready. floors: least confidence by id."""
    by_id = {detector.id: detector for detector in detectors}
    rules: list[Rule] = []
    for rank, detector in enumerate(detectors):
        beside, floor = _beside(detector, by_id), floors[detector.id]
        rules += [Rule(detector, form, rank, floor, beside) for form in detector.forms]
    return rules


def _beside(detector: Detector, by_id: Mapping[str, Detector]) -> tuple[tuple[str, int], ...]:
    parts = [(form.pattern, _NEAR_BYTES) for name in detector.near if name in by_id for form in by_id[name].forms]
    if detector.requires:
        parts.append((detector.requires, detector.within_bytes))
    return tuple(parts)


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[bytes] | None:
    return re.compile("|".join(map(re.escape, words)).encode()) if words else None


def has_entropy(value: bytes, least: float) -> bool:
    """Whether a value has so much entropy; how many different bytes it is of tells that of most."""
    low, high = _entropies(len(value), len(set(value)))
    return least <= low or (least <= high and entropy(value) >= least)


@lru_cache(maxsize=4096)
def _entropies(length: int, kinds: int) -> tuple[float, float]:
    """The least and the most entropy of so many bytes of so many kinds; the most is rounded up."""
    return math.log2(length) - _n_log_n(length - kinds + 1) / length, math.log2(kinds) + 1e-9


def entropy(value: bytes) -> float:
    """Shannon entropy in bits a byte."""
    return math.log2(len(value)) - sum(map(_n_log_n, map(value.count, set(value)))) / len(value)


@cache
def _n_log_n(n: int) -> float:
    return n * math.log2(n)
