"""Expressions that are looked for in one pass, and what a place where one of them ends says of rules."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from sightglass_detect.detector import Form
from sightglass_detect.engine.databases import Database
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.pattern import cut_short, widths
from sightglass_detect.engine.planes import WORD_BITS
from sightglass_detect.engine.prefilter import fenced, fenced_core
from sightglass_detect.engine.regions import Regions
from sightglass_detect.engine.rules import Rule
from sightglass_detect.engine.words import loose_expressions

# Where a rule may start, from where an expression ends: at first, at last; and so many bytes from each start on there
# must be digits. 0: it may start without any.
_Lead = tuple[int, int, int, int]


class Expressions:
    """Expressions, each of which says where some rules may start: so far from its end at first and at last."""

    def __init__(self) -> None:
        self._leads: dict[str, list[_Lead]] = {}

    def __bool__(self) -> bool:
        return bool(self._leads)

    def __add__(self, other: "Expressions") -> "Expressions":
        both = Expressions()
        for leads in (self._leads, other._leads):
            for expression, places in leads.items():
                both._leads.setdefault(expression, []).extend(places)
        return both

    @property
    def reach(self) -> int:
        """How far a place may be from where an expression ends, and so how long what is looked for may be, at most."""
        return max((max(-first, last) for leads in self._leads.values() for _, first, last, _ in leads), default=0)

    def compiled(self, folder: Path) -> "CompiledExpressions":
        """Ready to be looked for."""
        return CompiledExpressions(Database(list(self._leads), folder), list(self._leads.values()))

    def add_pattern(self, number: int, form: Form) -> None:
        """Look for a form."""
        if form.core is None:
            expression, least, most = fenced(form)
            self._add(expression, number, -most, -least)
        else:
            width = widths(form.core)[1]
            self._add(fenced_core(form, form.core), number, -width - form.lead, -width)

    def add_words(self, number: int, rule: Rule, *, near_digits: bool = False) -> None:
        """Look for what is context to a rule. near_digits: and for nothing where there are no digits beside it."""
        before, after = rule.detector.window
        width = rule.most if near_digits else 0
        for expression in _expressions_of(rule.detector.context):
            self._add(expression, number, -after - rule.most, before, width)
        for part, within in rule.beside_patterns:
            self._add(cut_short(part), number, -within - rule.most, within, width)

    def _add(self, expression: str, number: int, first: int, last: int, width: int = 0) -> None:
        self._leads.setdefault(expression, []).append((number, first, last, width))


class CompiledExpressions:
    """Finds places by expressions."""

    def __init__(self, database: Database, leads: Sequence[Sequence[_Lead]]) -> None:
        self._database = database
        self._leads = [_Leads(some) for some in leads]

    def places(self, data: bytes, digits: bytes) -> Iterator[Place]:
        """Where rules may start, in any order. digits: whether there are any, a byte for each 64 of the text."""
        for expression, end in self._database.hits(data):
            yield from self._leads[expression].places(end, digits)

    def places_in(self, regions: Regions, digits: bytes) -> Iterator[Place]:
        """The same, in the text of which there are parts."""
        for expression, end in self._database.hits(regions.data):
            yield from self._leads[expression].places(regions.place(end), digits)


class _Leads:
    """What one expression says."""

    def __init__(self, leads: Sequence[_Lead]) -> None:
        self._always = [(number, first, last) for number, first, last, width in leads if not width]
        self._near_digits = [(number, first, last) for number, first, last, width in leads if width]
        self._first = min((first for _, first, _, width in leads if width), default=0)
        self._last = max((last + width for _, _, last, width in leads if width), default=0)

    def places(self, end: int, digits: bytes) -> Iterator[Place]:
        for number, first, last in self._always:
            yield number, end + first, end + last
        if self._near_digits:
            word = max(0, end + self._first) // WORD_BITS
            if digits.find(1, word, (end + self._last) // WORD_BITS + 1) >= 0:
                for number, first, last in self._near_digits:
                    yield number, end + first, end + last


@cache
def _expressions_of(words: Sequence[str]) -> list[str]:
    """Of words, without those that begin with another one: `passport` is found before `passport number`, and says as
    much."""
    kept: list[str] = []
    for expression in sorted(set(chain.from_iterable(map(loose_expressions, words)))):
        if not kept or not expression.startswith(kept[-1]):
            kept.append(expression)
    return kept
