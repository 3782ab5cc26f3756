"""The matcher that is fast: Hyperscan tells the few places at which a rule may match.

One database for all rules is slow, so there are five: what holds a rare literal; shapes, and cores that are shapes,
both looked for in the classes of bytes instead of the bytes; other patterns; and the words without which a weak form is
not looked for. The start of a match is not asked for, which would be slow as well: it follows from end and width.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sightglass_detect.detector import Form, Strength
from sightglass_detect.engine.databases import default_folder
from sightglass_detect.engine.groups import Expressions, Shapes
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.prefilter import RARE, rare_bytes, shapes_of
from sightglass_detect.engine.rules import Rule
from sightglass_detect.shapes import ENDS, classes_of

# Around what is scanned, so that each place has a byte before it and one behind.
_EDGE: Final = b"\n"
# So many shapes of a core are looked for one by one at most.
_FEW: Final = 8
# What holds so many bytes in a row as they are is rarer than the words near it.
_RARER_THAN_WORDS: Final = 4
# Hyperscan looks for the last so many bytes of a literal; all digits, they would be in every long number.
_LITERAL: Final = 8


class _Raw:
    """Groups to be looked for in the bytes as they are."""

    def __init__(self) -> None:
        self.literals, self.patterns, self.words = Expressions(), Expressions(), Expressions()


class _Classes:
    """Groups to be looked for in the classes of bytes."""

    def __init__(self) -> None:
        self.shapes, self.cores = Shapes(), Expressions()

    def took(self, number: int, form: Form) -> bool:
        """Take a form, when it can be looked for here and there is nothing rare in it."""
        if rare_bytes(form.core or form.pattern) >= RARE:
            return False
        shapes = shapes_of(form.core or form.pattern)
        if form.core is not None:
            if 0 < len(shapes) <= _FEW and all(shape[-_LITERAL:].strip("9") for shape in shapes):
                self.cores.add_core(number, form, shapes)
                return True
            return False
        if not form.bounded or any(shape[-1] not in ENDS for shape in shapes):
            return False
        for shape in shapes:
            self.shapes.add(number, shape)
        return bool(shapes)


class HyperscanMatcher:
    """Finds places by Hyperscan.

    cache: folder of compiled databases; None: the user's. Raises hyperscan.error where it cannot compile the pattern
    of a rule.
    """

    def __init__(self, rules: Sequence[Rule], cache: Path | None) -> None:
        folder = cache or default_folder()
        raw = _Raw()
        classes = _Classes()
        for number, rule in enumerate(rules):
            rare = rare_bytes(rule.form.core or rule.form.pattern)
            if rule.form.strength is Strength.WEAK and rare < _RARER_THAN_WORDS:
                raw.words.add_words(number, rule)
            elif not classes.took(number, rule.form):
                (raw.literals if rare >= RARE else raw.patterns).add_pattern(number, rule.form)
        self._raw = [group.compiled(folder) for group in (raw.literals, raw.patterns, raw.words) if group]
        self._classes = classes.cores.compiled_apart(folder)
        if classes.shapes:
            self._classes.append(classes.shapes.compiled(folder))

    def places(self, data: bytes) -> Iterable[Place]:
        """Places, by rule and start."""
        padded = b"".join((_EDGE, data, _EDGE))
        found = [place for group in self._raw for place in group.places(padded)]
        if self._classes:
            classes = classes_of(padded)
            found += [place for group in self._classes for place in group.places(classes)]
        found.sort()
        return _joined(found)


def _joined(places: Iterable[Place]) -> Iterable[Place]:
    """The same places, without the edge, each once: of two that overlap, the later begins where the other ends."""
    rule, done = -1, -1
    for number, first, last in places:
        if number != rule:
            rule, done = number, -1
        if last > done:
            yield number, max(first, done + 1) - len(_EDGE), last - len(_EDGE)
            done = last
