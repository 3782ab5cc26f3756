"""Columns of tables: what their values are by their numbers, where one value alone says nothing."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import islice
from typing import Final

from sightglass_detect.engine.rules import Rule
from sightglass_detect.scanning import engine_for
from sightglass_detect.settings import Settings

# A column in which so many of so many values pass a check that one random value in ten passes is one of such values:
# by chance it would be so in one column of 10^17.
_LEAST_VALUES: Final = 20
_SHARE: Final = 0.9
_ODDS: Final = 10
# More values are not looked at.
_ENOUGH: Final = 1_000
# Above this a value is no number.
_WIDTH: Final = 64
_DEFAULT: Final = Settings()


class ColumnEvidence:
    """Which checks the values of one column pass."""

    def __init__(self, settings: Settings = _DEFAULT) -> None:
        self._settings = settings
        self._values: list[bytes] = []
        self._told: tuple[int, frozenset[str]] = (0, frozenset())

    def add(self, values: Iterable[bytes]) -> None:
        """Look at further values; empty ones do not count."""
        held = self._values
        if len(held) < _ENOUGH:
            held.extend(islice(filter(None, map(bytes.strip, values)), _ENOUGH - len(held)))

    @property
    def detectors(self) -> frozenset[str]:
        """Ids of the detectors that the column is of: what `scan` takes as `named`."""
        if len(self._values) < _LEAST_VALUES:
            return frozenset()
        if self._told[0] != len(self._values):
            self._told = len(self._values), frozenset(self._found())
        return self._told[1]

    def _found(self) -> Iterator[str]:
        values = self._values
        most_failed = len(values) - math.ceil(_SHARE * len(values))
        rules = _rules_by_length(self._settings)
        lengths = Counter(map(len, values)).most_common()
        # Most columns have too many values that are not as long as a detector's, so that no value need be looked at.
        fitting = _fitting(rules, lengths[0][0])
        for length, count in lengths[1:]:
            if count <= most_failed:
                break
            fitting = fitting & _fitting(rules, length)
        for detector in fitting if lengths[0][1] > most_failed else _all(rules):
            if _most_pass(rules, detector, values, most_failed):
                yield detector


# Of each length of a value, up to _WIDTH, the rules that it may fit, by detector.
_Rules = Sequence[Mapping[str, Sequence[Rule]]]


@lru_cache(maxsize=64)
def _rules_by_length(settings: Settings) -> _Rules:
    found: list[dict[str, list[Rule]]] = [{} for _ in range(_WIDTH + 1)]
    for rule in engine_for(settings).rules:
        if rule.detector.column and rule.check is not None and rule.form.odds >= _ODDS:
            for length in range(rule.least, min(rule.most, _WIDTH) + 1):
                found[length].setdefault(rule.detector.id, []).append(rule)
    return found


def _fitting(rules: _Rules, length: int) -> Set[str]:
    return rules[length].keys() if length <= _WIDTH else frozenset()


def _all(rules: _Rules) -> Set[str]:
    return frozenset(detector for of_length in rules for detector in of_length)


def _most_pass(rules: _Rules, detector: str, values: Iterable[bytes], most_failed: int) -> bool:
    failed = 0
    of_length: dict[int, Sequence[Rule]] = {}
    for value in values:
        size = len(value)
        some = of_length.get(size)
        if some is None:
            some = of_length[size] = rules[size].get(detector, ()) if size <= _WIDTH else ()
        for rule in some:
            match = rule.regex.fullmatch(value)
            if match is not None and rule.check is not None and rule.check(match[rule.regex.groups]):
                break
        else:
            failed += 1
            if failed > most_failed:
                return False
    return True
