"""Matchers: where in some bytes a rule may match. Both kinds lead to the same findings."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sightglass_detect.engine.rules import Rule

# A rule by its number, and the first and last place at which a match may start.
Place = tuple[int, int, int]


class Matcher(Protocol):
    """Finds the places at which rules may match: all such places, and perhaps some more."""

    def places(self, data: bytes) -> Iterable[Place]:
        """Places, in any order, that may overlap."""
        ...


class EverywhereMatcher:
    """Takes every place for one: Python's `re` looks through all of it, for each rule. Slow, and needs nothing."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def places(self, data: bytes) -> Iterable[Place]:
        """The whole, for each rule."""
        return [(number, 0, len(data)) for number in range(len(self._rules))]
