"""Columns of tables: what their values are by their numbers, where one value alone says nothing."""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from sightglass_detect.column_kinds import ColumnKinds, column_kinds
from sightglass_detect.settings import Settings

# A column in which so many of so many values pass a check that one random value in ten passes is one of such values:
# by chance it would be so in one column of 10^17.
_LEAST_VALUES: Final = 20
_SHARE: Final = 0.9
# More values are not looked at.
_ENOUGH: Final = 1_000
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
            held.extend(islice(_told(values), _ENOUGH - len(held)))

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
        kinds, most_failed = column_kinds(self._settings), _most_failed(len(values))
        # One of so many passes, or too many fail.
        for detector in kinds.fitting(values[: most_failed + 1]):
            failed = (value for value in values if not kinds.passes(detector, value))
            if next(islice(failed, most_failed, None), None) is None:
                yield detector


def any_may_be_evidence(first: Iterable[Iterable[bytes]], rows: int, kinds: ColumnKinds) -> bool:
    """Whether ColumnEvidence may say something of one of some columns. A few values of most say that it will not.

    first: the first values of each, as many as there are at hand; `first_rows` are enough. rows: how many a column has
    at most.
    """
    if rows < _LEAST_VALUES:
        return False
    needed = first_rows(rows)
    for values in first:
        told = list(islice(_told(values), needed))
        if len(told) < needed or kinds.fitting(told):
            return True
    return False


def first_rows(rows: int) -> int:
    """How many values of so many tell whether a column may be evidence: more than may fail."""
    return _most_failed(min(rows, _ENOUGH)) + 1


def _most_failed(values: int) -> int:
    return values - math.ceil(_SHARE * values)


def _told(values: Iterable[bytes]) -> Iterator[bytes]:
    return filter(None, map(bytes.strip, values))
