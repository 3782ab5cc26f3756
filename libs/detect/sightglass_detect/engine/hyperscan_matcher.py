"""The matcher that is fast: Hyperscan tells the few places at which a rule may match.

One database for all rules is slow, so there are four: what holds a rare literal; values of fixed shape, looked for in
the classes of bytes instead of the bytes; other patterns; and the words without which a weak form is not looked for.
The start of a match is not asked for, which would be slow as well: it follows from the end and the width.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sightglass_detect.detector import Strength
from sightglass_detect.engine.databases import Database, default_folder
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.pattern import cut_short, widths
from sightglass_detect.engine.rules import Rule
from sightglass_detect.engine.words import loose_expression
from sightglass_detect.shapes import classes_of, shape_expression

# Around what is scanned, so that each place has a byte before it and one behind.
_EDGE: Final = b"\n"


@dataclass(slots=True)
class _Group:
    """Expressions of one database. leads: for each, rules with how far from its end their first and last start lie."""

    expressions: list[str] = field(default_factory=list[str])
    leads: list[list[Place]] = field(default_factory=list[list[Place]])

    def add(self, expression: str, number: int, first: int, last: int) -> None:
        """Look for a rule, by its number, where an expression ends."""
        if expression not in self.expressions:
            self.expressions.append(expression)
            self.leads.append([])
        self.leads[self.expressions.index(expression)].append((number, first - len(_EDGE), last - len(_EDGE)))


class HyperscanMatcher:
    """Finds places by Hyperscan.

    cache: folder of compiled databases; None: the user's. Raises hyperscan.error where it cannot compile the pattern
    of a rule.
    """

    def __init__(self, rules: Sequence[Rule], cache: Path | None) -> None:
        folder = cache or default_folder()
        groups = {"literal": _Group(), "shape": _Group(), "other": _Group(), "word": _Group()}
        for number, rule in enumerate(rules):
            if rule.form.strength is Strength.WEAK:
                _add_words(groups["word"], number, rule)
            elif rule.form.shape is not None:
                _add_shape(groups["shape"], number, rule.form.shape, bounded=rule.form.bounded)
            else:
                rare = rule.form.literal is not None or rule.form.core is not None
                _add_pattern(groups["literal" if rare else "other"], number, rule)
        self._raw = [
            (Database(group.expressions, folder), group.leads)
            for name, group in groups.items()
            if name != "shape" and group.expressions
        ]
        shapes = groups["shape"]
        self._shapes = (Database(shapes.expressions, folder), shapes.leads) if shapes.expressions else None

    def places(self, data: bytes) -> Iterable[Place]:
        """Places, by rule and start."""
        found: list[Place] = []
        padded = b"".join((_EDGE, data, _EDGE))
        for database, leads in self._raw:
            _collect(database.hits(padded), leads, found)
        if self._shapes is not None:
            database, leads = self._shapes
            _collect(database.hits(classes_of(padded)), leads, found)
        found.sort()
        return _joined(found)


def _add_pattern(group: _Group, number: int, rule: Rule) -> None:
    if rule.form.core is not None:
        width = widths(rule.form.core)[1]
        group.add(rule.form.core, number, -width - rule.form.lead, -width)
        return
    expression = cut_short(rule.form.pattern)
    least, most = widths(expression)
    group.add(expression, number, -most, -least)


def _add_shape(group: _Group, number: int, shape: str, *, bounded: bool) -> None:
    expression, behind = shape_expression(shape, bounded=bounded)
    start = -behind - len(shape)
    group.add(expression, number, start, start)


def _add_words(group: _Group, number: int, rule: Rule) -> None:
    before, after = rule.detector.window
    for word in rule.detector.context:
        # One byte of the expression stands behind the word.
        group.add(loose_expression(word), number, -1 - after - rule.most, before)
    for part, within in rule.beside_patterns:
        group.add(cut_short(part), number, -within - rule.most, within)


def _collect(hits: Iterable[tuple[int, int]], leads: Sequence[Sequence[Place]], found: list[Place]) -> None:
    for expression, end in hits:
        for number, first, last in leads[expression]:
            found.append((number, end + first, end + last))


def _joined(places: Iterable[Place]) -> Iterable[Place]:
    """The same places, each once: of those that overlap, the later begins where the one before it ends."""
    rule, done = -1, -1
    for number, first, last in places:
        if number != rule:
            rule, done = number, -1
        if last > done:
            yield number, max(first, done + 1), last
            done = last
