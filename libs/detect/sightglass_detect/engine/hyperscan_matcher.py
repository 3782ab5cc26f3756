"""The matcher that is fast: Hyperscan and planes of bits tell the few places at which a rule may match.

What begins with any digit or capital letter is looked for in planes: Hyperscan would look at each byte of a number in
turn, for each such form. It finds all else in one pass, as none of that is led by digits. The words without which a
weak form of a number is not looked for are wanted near digits alone. The start of a match is not asked for, which would
be slow: it follows from end and width.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_detect.detector import Form, Strength
from sightglass_detect.engine.beginnings import Beginnings
from sightglass_detect.engine.databases import default_folder
from sightglass_detect.engine.groups import Expressions
from sightglass_detect.engine.heads import begun, closed_head, head_of_shape, heads_for_planes, suits
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.numbers import Numbers
from sightglass_detect.engine.planes import WORD_BITS, Kind, planes_of
from sightglass_detect.engine.prefilter import RARE, digits_in_row, rare_bytes, shapes_of
from sightglass_detect.engine.regions import Regions
from sightglass_detect.engine.rules import Rule

# Around what is scanned, so that each place has a byte before it and one behind.
_EDGE: Final = b"\n"
# What holds so many bytes in a row as they are is rarer than the words near it.
_RARER_THAN_WORDS: Final = 4
# So much is looked through at a time: what is read several times stays in the cache.
_BLOCK_BYTES: Final = 1 << 21
# More than what is held for a block. glibc gives the system back what is free behind all that is held, when it is more
# than twice the largest piece that was given back by itself; each block would have its memory zeroed anew.
_KEPT_BYTES: Final = 1 << 24
# What is looked for in planes is not longer than this, with what stands beside it.
_PLANES_REACH: Final = 256
# Words of what holds so many digits in a row are looked for near such digits alone.
_DIGITS: Final = 2


class _Planes:
    """Groups to be looked for in the kinds of bytes."""

    def __init__(self) -> None:
        self.numbers, self.beginnings = Numbers(), Beginnings()

    def took(self, number: int, form: Form) -> bool:
        """Take a form, when it can be looked for here and there is nothing rare in it."""
        pattern = form.core or form.pattern
        if rare_bytes(pattern) >= RARE:
            return False
        fenced = form.lead == 0 and form.bounded
        shapes = shapes_of(pattern) if fenced and form.core is None else []
        if shapes and all(self.numbers.takes(shape, form.first) for shape in shapes):
            for shape in shapes:
                self.numbers.add(number, shape, form.first)
            return True
        of_shapes = [closed_head(head_of_shape(shape)) for shape in shapes]
        bounded = form.bounded and form.core is None
        heads = heads_for_planes(pattern, bounded=bounded) or (of_shapes if all(map(suits, of_shapes)) else [])
        heads = [begun(head, form.first) for head in heads] if form.first else heads
        self.beginnings.add(number, heads, lead=form.lead, fenced=fenced)
        return bool(heads)


class HyperscanMatcher:
    """Finds places by Hyperscan.

    cache: folder of compiled databases; None: the user's. Raises hyperscan.error where it cannot compile the pattern
    of a rule.
    """

    def __init__(self, rules: Sequence[Rule], cache: Path | None) -> None:
        folder = cache or default_folder()
        np.empty(_KEPT_BYTES, np.uint8)
        patterns, words = Expressions(), Expressions()
        planes = _Planes()
        of_numbers: list[int] = []
        for number, rule in enumerate(rules):
            rare = rare_bytes(rule.form.core or rule.form.pattern)
            if rule.form.strength is not Strength.WEAK or rare >= _RARER_THAN_WORDS:
                if not planes.took(number, rule.form):
                    patterns.add_pattern(number, rule.form)
            elif digits_in_row(rule.form.pattern) >= _DIGITS:
                of_numbers.append(number)
            else:
                patterns.add_words(number, rule)
        self._numbers = planes.numbers.compiled() if planes.numbers else None
        self._beginnings = planes.beginnings.compiled() if planes.beginnings else None
        for number in of_numbers:
            # Without planes nobody knows where digits are.
            if self._numbers or self._beginnings:
                words.add_words(number, rules[number], near_digits=True)
            else:
                patterns.add_words(number, rules[number])
        self._margin = max((rules[number].reach + rules[number].most for number in of_numbers), default=0)
        self._patterns = patterns.compiled(folder) if patterns else None
        self._words = words.compiled(folder) if words else None
        self._all = (patterns + words).compiled(folder) if words else None
        # A byte before what is looked for says that no word goes on there.
        self._reach = max(_PLANES_REACH, (patterns + words).reach + 1) + self._margin

    def places(self, data: bytes) -> Iterator[Place]:
        """Places, by rule and start in each block; those near the border of two blocks perhaps twice."""
        if len(data) <= _BLOCK_BYTES:
            yield from self._places(data)
            return
        whole = memoryview(data)
        for at in range(0, len(data), _BLOCK_BYTES):
            start, end = max(0, at - self._reach), at + _BLOCK_BYTES + self._reach
            between = start > 0 and end < len(data)
            for number, first, last in self._places(whole[start:end], between=between):
                yield number, start + first, start + last

    def _places(self, data: bytes | memoryview, *, between: bool = False) -> Iterator[Place]:
        """between: there is more of it on both sides, which need no edge where nothing is looked for in planes."""
        if between and self._patterns and not self._numbers and not self._beginnings:
            yield from _joined(sorted(self._patterns.places(data, b"")), edge=0)
            return
        padded = b"".join((_EDGE, data, _EDGE * (3 * WORD_BITS - (len(data) + 1) % WORD_BITS)))
        found, digits = self._in_planes(padded)
        have_digits = digits.tobytes()
        patterns = self._patterns
        if self._words and self._all:
            regions = Regions(padded, digits, self._margin)
            if regions.whole:
                patterns = self._all
            else:
                found += self._words.places_in(regions, padded, have_digits)
        if patterns:
            found += patterns.places(padded, have_digits)
        found.sort()
        yield from _joined(found, edge=len(_EDGE))

    def _in_planes(self, padded: bytes) -> tuple[list[Place], NDArray[np.bool_]]:
        """What is found in planes, and in which 64 bytes there are digits."""
        found: list[Place] = []
        digits = np.zeros(len(padded) // WORD_BITS, np.bool_)
        if not self._numbers and not self._beginnings:
            return found, digits
        for planes in planes_of(padded):
            if self._numbers:
                found += self._numbers.places(planes)
            if self._beginnings:
                found += self._beginnings.places(planes)
            planes.mark(planes.run(Kind.NUMBER, _DIGITS), digits)
        return found, digits


def _joined(places: Iterable[Place], edge: int) -> Iterator[Place]:
    """The same places, without the edge, each once: of two that overlap, the later begins where the other ends."""
    rule, done = -1, -1
    for number, first, last in places:
        if number != rule:
            rule, done = number, -1
        if last > done:
            yield number, max(first, done + 1) - edge, last - edge
            done = last
