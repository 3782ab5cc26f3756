"""Heads that hold a run of digits: all of them in one pass over where such runs begin."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from sightglass_detect.engine.heads import DIGITS, Head, Leads, kinds_of
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.narrowing import MOST, Bits, Narrowing, set_before
from sightglass_detect.engine.planes import Kind, Planes, behind, places_in, windows_at

# So many digits at least.
_LEAST: Final = 6
# So many bytes from the first digit on are known by which of them are digits.
_KNOWN: Final = 16


def first_run(head: Head) -> int | None:
    """Where the first run of digits begins in a head, when nothing else may be there; None when it is too short."""
    first = next((n for n, some in enumerate(head) if some & DIGITS), len(head))
    run = head[first : first + _LEAST]
    return first if len(run) == _LEAST and all(some <= DIGITS for some in run) else None


class Runs:
    """Finds heads that have a `first_run`, where no word goes on to the left of them."""

    def __init__(self, heads: Sequence[tuple[Head, Leads]]) -> None:
        parts = [heads[n : n + MOST] for n in range(0, len(heads), MOST)]
        self._parts = [_prepared(part) for part in parts]
        # What may stand before the first digit: in hashes it is a small letter mostly.
        self._before = 0
        for head, _ in heads:
            self._before |= kinds_of(set_before(head, first_run(head) or 0, fenced=True))

    def places(self, planes: Planes) -> Iterator[Place]:
        """Where rules may start."""
        if not self._parts:
            return
        begins = behind(planes.kind(self._before & ~Kind.NUMBER), 1) & planes.run(Kind.NUMBER, _LEAST)
        at = places_in(planes.own & begins)
        if len(at):
            digits = windows_at(planes.digits, at)
            for by_digits, narrowing in self._parts:
                yield from narrowing.places(planes, at, by_digits.take(digits))


def _prepared(heads: Sequence[tuple[Head, Leads]]) -> tuple[Bits, Narrowing]:
    """Which heads are possible by which bytes from the first digit on are digits, and how the other bytes tell."""
    firsts = [first_run(head) or 0 for head, _ in heads]
    by_digits = np.zeros(1 << _KNOWN, np.uint64)
    every = np.arange(1 << _KNOWN, dtype=np.uint32)
    for n, ((head, _), first) in enumerate(zip(heads, firsts, strict=True)):
        tail = head[first : first + _KNOWN]
        digits = sum(1 << at for at, some in enumerate(tail) if some <= DIGITS)
        known = digits | sum(1 << at for at, some in enumerate(tail) if not some & DIGITS)
        by_digits[(every & np.uint32(known)) == digits] |= np.uint64(1 << n)
    return by_digits, Narrowing(heads, firsts, fenced=True)
