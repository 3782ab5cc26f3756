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
from sightglass_detect.engine.prefilter import digits_in, fenced, fenced_core
from sightglass_detect.engine.regions import Regions
from sightglass_detect.engine.rules import Rule
from sightglass_detect.engine.words import loose_expressions
from sightglass_detect.shapes import classes_of

# Where a rule may start, from where an expression ends: at first, at last; how long it may be, and how many digits are
# in it at least, when it is looked for near digits alone. 0: it is looked for anywhere.
_Lead = tuple[int, int, int, int, int]


class Expressions:
    """Expressions, each of which says where some rules may start: so far from its end at first and at last."""

    def __init__(self) -> None:
        self._leads: dict[str, list[_Lead]] = {}
        # Those that are words of context.
        self._words: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._leads)

    def __add__(self, other: "Expressions") -> "Expressions":
        both = Expressions()
        for leads in (self._leads, other._leads):
            for expression, places in leads.items():
                both._leads.setdefault(expression, []).extend(places)
        both._words = self._words | other._words
        return both

    @property
    def reach(self) -> int:
        """How far a place may be from where an expression ends, and so how long what is looked for may be, at most."""
        return max((max(-first, last) for leads in self._leads.values() for _, first, last, *_ in leads), default=0)

    def compiled(self, folder: Path) -> "CompiledExpressions":
        """Ready to be looked for.

        A word that begins with another one is not looked for: `passport` is found before `passport number`, and what
        may start near that may start near this.
        """
        leads = dict(self._leads)
        kept = ""
        for word in sorted(self._words):
            if kept and word.startswith(kept):
                leads[kept] = list(dict.fromkeys([*leads[kept], *leads.pop(word)]))
            else:
                kept = word
        return CompiledExpressions(Database(list(leads), folder), list(leads.values()))

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
        near = (rule.most, digits_in(rule.form.pattern)) if near_digits else (0, 0)
        for expression in _expressions_of(rule.detector.context):
            self._words.add(expression)
            self._add(expression, number, -after - rule.most, before, near)
        for part, within in rule.beside_patterns:
            self._add(cut_short(part), number, -within - rule.most, within, near)

    def _add(self, expression: str, number: int, first: int, last: int, near: tuple[int, int] = (0, 0)) -> None:
        self._leads.setdefault(expression, []).append((number, first, last, *near))


class CompiledExpressions:
    """Finds places by expressions."""

    def __init__(self, database: Database, leads: Sequence[Sequence[_Lead]]) -> None:
        self._database = database
        self._leads = _LeadsOf(leads)

    def places(self, data: bytes | memoryview, digits: bytes) -> Iterator[Place]:
        """Where rules may start, in any order. digits: whether there are any, a byte for each 64 of the text."""
        for expression, end in self._database.hits(data):
            yield from self._leads[expression].places(data, end, digits)

    def places_in(self, regions: Regions, data: bytes, digits: bytes) -> Iterator[Place]:
        """The same, in a text of which there are parts."""
        for expression, end in self._database.hits(regions.data):
            yield from self._leads[expression].places(data, regions.place(end), digits)


class _LeadsOf(dict[int, "_Leads"]):
    """What each expression says, made when it is first met."""

    def __init__(self, leads: Sequence[Sequence[_Lead]]) -> None:
        super().__init__()
        self._of = leads

    def __missing__(self, expression: int) -> "_Leads":
        found = self[expression] = _Leads(self._of[expression])
        return found


class _Leads:
    """What one expression says."""

    def __init__(self, leads: Sequence[_Lead]) -> None:
        self._always = [(number, first, last) for number, first, last, width, _ in leads if not width]
        self._near_digits = [(number, first, last) for number, first, last, width, _ in leads if width]
        self._first = min((first for _, first, _, width, _ in leads if width), default=0)
        self._last = max((last + width for _, _, last, width, _ in leads if width), default=0)
        self._digits = min((digits for _, _, _, width, digits in leads if width), default=0)

    def places(self, data: bytes | memoryview, end: int, digits: bytes) -> Iterator[Place]:
        for number, first, last in self._always:
            yield number, end + first, end + last
        if self._near_digits and self._has_digits(data, end, digits):
            for number, first, last in self._near_digits:
                yield number, end + first, end + last

    def _has_digits(self, data: bytes | memoryview, end: int, digits: bytes) -> bool:
        first, last = max(0, end + self._first), end + self._last
        if digits.find(1, first // WORD_BITS, last // WORD_BITS + 1) < 0:
            return False
        return classes_of(bytes(data[first:last])).count(b"9") >= self._digits


@cache
def _expressions_of(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(map(loose_expressions, words))))
