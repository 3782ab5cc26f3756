"""Canaries: sensitive values of the shipped detectors, each one of its own, that the engine is known to flag."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

from tests.unit.detect.draw import drawn
from tests.unit.detect.examples import expand

from sightglass_detect import Detector, Passage, Settings, detectors, scan, scan_each
from sightglass_detect.checks import CHECKS
from sightglass_detect.detector import Form

# As documents and questions are looked through where a tenant has set nothing.
_PLAIN: Final = Settings(min_confidence=0.5)
SHIPPED: Final = Settings(normalise=True, min_confidence=0.5)
# Less is in any dump by chance, as part of a number.
LEAST_SIGNS: Final = 8
_TRIES: Final = 400
# More would have to be tried for each value than is worth it; such detectors have examples.
_RAREST: Final = 150
# Stands in the names of tokens, too.
_WORD: Final = re.compile(r"[a-z_]+")
_MARKS: Final = re.compile(r"‹(.*?)›", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Canary:
    """A value with the words before and after it that make it likely, on one line."""

    detector: str
    value: str
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """As it is written in a document."""
        return f"{self.before}{self.value}{self.after}"


def is_flagged(text: str, value: str) -> bool:
    """Whether the engine finds all of a value in a text as it is read, as something or other."""
    start = text.index(value)
    places = {place for found in scan(text, settings=SHIPPED) for place in range(found.start, found.end)}
    return places.issuperset(range(start, start + len(value)))


def canaries(each: int, seed: int = 0) -> list[Canary]:
    """So many of each detector as can be had: the same ones for the same seed, and no value twice."""
    rng, known = random.Random(f"canaries/{seed}"), set[str]()
    return [canary for detector in detectors() for canary in islice(_new(rng, detector, known, each), each)]


def _new(rng: random.Random, detector: Detector, known: set[str], each: int) -> Iterator[Canary]:
    """Those of a detector that are flagged, and whose values, without separators, are not known yet."""
    tried: dict[str, Canary] = {}
    for canary in islice(_candidates(rng, detector), 3 * each + 12):
        signs = "".join(filter(str.isalnum, canary.value)).casefold()
        new = len(signs) >= LEAST_SIGNS and not _WORD.fullmatch(canary.value) and signs not in known
        if new and not any(signs in one or one in signs for one in tried):
            tried[signs] = canary
    for signs, canary in zip(tried, _flagged(list(tried.values())), strict=True):
        if canary is not None:
            known.add(signs)
            yield canary


def _flagged(some: Sequence[Canary]) -> Iterator[Canary | None]:
    """Each, or None for one that the engine does not find as a whole."""
    passages = [Passage(canary.text.encode()) for canary in some]
    for canary, found in zip(some, scan_each(passages, settings=_PLAIN), strict=True):
        start = len(canary.before.encode())
        end = start + len(canary.value.encode())
        yield canary if any(one.start <= start and end <= one.end for one in found) else None


def _candidates(rng: random.Random, detector: Detector) -> Iterator[Canary]:
    """Its examples as they stand; then those with other values in them, or values of its forms."""
    for example in detector.finds:
        yield from _of_example(detector, expand(example))
    made = [example for example in detector.finds if "{" in example]
    words = detector.context or ("it is",)
    for number in range(_TRIES):
        if made:
            yield from _of_example(detector, expand(made[number % len(made)], seed=rng.randrange(1 << 30)))
            continue
        values = [value for form in detector.forms if form.odds <= _RAREST and (value := _passing(rng, form))]
        if not values:
            return
        for value in values:
            yield Canary(detector.id, value, f"{words[number % len(words)]} ")


def _of_example(detector: Detector, example: str) -> Iterator[Canary]:
    """An example that is on one line. Its value is what is marked, or all of it."""
    marked = _MARKS.search(example)
    if "\n" in example or "\r" in example:
        return
    if marked is None:
        yield Canary(detector.id, example)
    else:
        yield Canary(detector.id, marked[1], example[: marked.start()], example[marked.end() :])


def _passing(rng: random.Random, form: Form) -> str | None:
    """A value of a form that passes its check, or None where none was drawn."""
    check = CHECKS[form.check] if form.check else None
    for _ in range(_TRIES):
        match = _compiled(form.pattern).search(drawn(rng, form))
        value = b"" if match is None else match[match.lastindex or 0]
        if value and value.isascii() and b"\n" not in value and (check is None or check(value)):
            return value.decode()
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())
