"""Expressions that are looked for in one pass, and what a place where one of them ends says of rules."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from sightglass_detect.detector import Form
from sightglass_detect.engine.databases import Database
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.pattern import cut_short, widths
from sightglass_detect.engine.prefilter import fenced, fenced_core
from sightglass_detect.engine.regions import Regions
from sightglass_detect.engine.rules import Rule
from sightglass_detect.engine.words import loose_expressions


class Expressions:
    """Expressions, each of which says where some rules may start: so far from its end at first and at last."""

    def __init__(self) -> None:
        self._leads: dict[str, list[Place]] = {}

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
        return max((max(-first, last) for leads in self._leads.values() for _, first, last in leads), default=0)

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

    def add_words(self, number: int, rule: Rule) -> None:
        """Look for what is context to a rule."""
        before, after = rule.detector.window
        for expression in _first_of_each(chain.from_iterable(map(loose_expressions, rule.detector.context))):
            self._add(expression, number, -after - rule.most, before)
        for part, within in rule.beside_patterns:
            self._add(cut_short(part), number, -within - rule.most, within)

    def _add(self, expression: str, number: int, first: int, last: int) -> None:
        self._leads.setdefault(expression, []).append((number, first, last))


class CompiledExpressions:
    """Finds places by expressions."""

    def __init__(self, database: Database, leads: Sequence[Sequence[Place]]) -> None:
        self._database = database
        self._leads = leads

    def places(self, data: bytes) -> Iterator[Place]:
        """Where rules may start, in any order."""
        for expression, end in self._database.hits(data):
            for number, first, last in self._leads[expression]:
                yield number, end + first, end + last

    def places_in(self, regions: Regions) -> Iterator[Place]:
        """The same, in the text of which there are parts."""
        for expression, end in self._database.hits(regions.data):
            place = regions.place(end)
            for number, first, last in self._leads[expression]:
                yield number, place + first, place + last


def _first_of_each(expressions: Iterable[str]) -> list[str]:
    """Those that do not begin with another one: `passport` is found before `passport number` is, and says as much."""
    kept: list[str] = []
    for expression in sorted(set(expressions)):
        if not kept or not expression.startswith(kept[-1]):
            kept.append(expression)
    return kept
