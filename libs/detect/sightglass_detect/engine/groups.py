"""Expressions that are looked for in one pass, and what a place where one of them ends says of rules."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from sightglass_detect.detector import Form
from sightglass_detect.engine.databases import Database
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.pattern import cut_short, widths
from sightglass_detect.engine.prefilter import fenced, fenced_core
from sightglass_detect.engine.rules import Rule
from sightglass_detect.engine.words import loose_expression
from sightglass_detect.shapes import shapes_expression

_POINT_OR_HYPHEN: Final = b".-"


class Group(Protocol):
    """Expressions, compiled."""

    def places(self, data: bytes) -> Iterator[Place]:
        """Where rules may start, in any order."""
        ...


class Expressions:
    """Expressions, each of which says where some rules may start: so far from its end at first and at last."""

    def __init__(self) -> None:
        self._leads: dict[str, list[Place]] = {}

    def __bool__(self) -> bool:
        return bool(self._leads)

    def compiled(self, folder: Path) -> Group:
        """Ready to be looked for."""
        return _Compiled(Database(list(self._leads), folder), list(self._leads.values()))

    def compiled_apart(self, folder: Path) -> list[Group]:
        """Each by itself: a literal alone is found ten times as fast as two together."""
        return [_Compiled(Database([expression], folder), [leads]) for expression, leads in self._leads.items()]

    def add_pattern(self, number: int, form: Form) -> None:
        """Look for a form."""
        if form.core is None:
            expression, least, most = fenced(form)
            self._add(expression, number, -most, -least)
        else:
            width = widths(form.core)[1]
            self._add(fenced_core(form, form.core), number, -width - form.lead, -width)

    def add_core(self, number: int, form: Form, shapes: Iterable[str]) -> None:
        """Look for the shapes of a form's core."""
        for shape in shapes:
            self._add(re.escape(shape), number, -len(shape) - form.lead, -len(shape))

    def add_words(self, number: int, rule: Rule) -> None:
        """Look for what is context to a rule."""
        before, after = rule.detector.window
        for word in rule.detector.context:
            # One byte of the expression stands behind the word.
            self._add(loose_expression(word), number, -1 - after - rule.most, before)
        for part, within in rule.beside_patterns:
            self._add(cut_short(part), number, -within - rule.most, within)

    def _add(self, expression: str, number: int, first: int, last: int) -> None:
        self._leads.setdefault(expression, []).append((number, first, last))


class _Compiled:
    def __init__(self, database: Database, leads: Sequence[Sequence[Place]]) -> None:
        self._database = database
        self._leads = leads

    def places(self, data: bytes) -> Iterator[Place]:
        for expression, end in self._database.hits(data):
            for number, first, last in self._leads[expression]:
                yield number, end + first, end + last


class Shapes:
    """Shapes: one expression for all tells where one ends, the bytes before it which."""

    def __init__(self) -> None:
        self._rules: dict[bytes, list[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(self, number: int, shape: str) -> None:
        """Look for a shape among classes of bytes."""
        self._rules.setdefault(shape.encode(), []).append(number)

    def compiled(self, folder: Path) -> Group:
        """Ready to be looked for."""
        expression = shapes_expression(shape.decode() for shape in self._rules)
        return _CompiledShapes(Database([expression], folder), self._rules)


class _CompiledShapes:
    def __init__(self, database: Database, rules: dict[bytes, list[int]]) -> None:
        self._database = database
        self._rules = rules
        self._lengths = sorted({len(shape) for shape in rules})

    def places(self, data: bytes) -> Iterator[Place]:
        for _, end in self._database.hits(data):
            yield from self._ending(data, end - 1)
            if data[end - 2] in _POINT_OR_HYPHEN:
                yield from self._ending(data, end - 2)

    def _ending(self, data: bytes, end: int) -> Iterator[Place]:
        for length in self._lengths:
            start = end - length
            for number in self._rules.get(data[max(start, 0) : end], ()):
                yield number, start, start
