"""Columns of tables: what their values are by their numbers, where one value alone says nothing."""

from collections import Counter
from collections.abc import Iterable
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
    """Counts, value by value, which checks the values of one column pass."""

    def __init__(self, settings: Settings = _DEFAULT) -> None:
        self._rules = [rule for rule in engine_for(settings).rules if _tells(rule)]
        self._values = 0
        self._passed = Counter[str]()

    def add(self, values: Iterable[bytes]) -> None:
        """Look at further values; empty ones do not count."""
        for value in values:
            if self._values == _ENOUGH:
                return
            stripped = value.strip()
            if stripped:
                self._values += 1
                self._passed.update({r.detector.id for r in self._rules if _passes(r, stripped)})

    @property
    def detectors(self) -> frozenset[str]:
        """Ids of the detectors that the column is of: what `scan` takes as `named`."""
        if self._values < _LEAST_VALUES:
            return frozenset()
        return frozenset(name for name, passed in self._passed.items() if passed >= _SHARE * self._values)


def _tells(rule: Rule) -> bool:
    return rule.detector.column and rule.check is not None and rule.form.odds >= _ODDS


def _passes(rule: Rule, value: bytes) -> bool:
    if not rule.least <= len(value) <= min(rule.most, _WIDTH):
        return False
    match = rule.regex.fullmatch(value)
    return match is not None and rule.check is not None and rule.check(match[rule.regex.groups])
