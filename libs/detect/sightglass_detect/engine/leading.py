"""What matches begin with, up to the first sign that each of them has: `ann.lee` of `ann.lee@example.com`.

Where that sign is known, so is where a match may start: no further before it than there are bytes of such a kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sightglass_detect.engine.pattern import WORD, bytes_of_set, parsed, split_flags

_ALL: Final = frozenset(range(256))


@dataclass(frozen=True, slots=True)
class Leading:
    """sign: the byte. others: 1 for each byte that may stand before it in a match, and 0 for all else."""

    sign: bytes
    others: bytes

    def spans(self, data: bytes, first: int, last: int, end: int) -> Iterator[tuple[int, int]]:
        """Where matches may start, from `first` to `last`: first and last places. end: of where a sign may be."""
        while first <= last and (sign := data.find(self.sign, first, end)) >= 0:
            start = first + data[first:sign].translate(self.others).rfind(0) + 1
            if start <= last:
                yield start, min(sign, last)
            first = sign + 1


@cache
def leading_of(pattern: str) -> Leading | None:
    """What a pattern's matches begin with; None where it is not that simple."""
    flags, body = split_flags(pattern)
    if flags:
        return None
    before: frozenset[int] = frozenset()
    for node in parsed(body):
        kind, value = str(node[0]), node[1]
        if kind == "LITERAL" and value not in WORD:
            usable = before and value not in before
            return Leading(bytes((value,)), bytes(byte in before for byte in range(256))) if usable else None
        before |= _bytes_in(node)
    return None


def _bytes_in(node: Any) -> frozenset[int]:
    kind, value = str(node[0]), node[1]
    if kind == "LITERAL":
        return frozenset((int(value),))
    if kind == "IN":
        return bytes_of_set(value)
    if kind == "SUBPATTERN":
        return _all_of(value[-1])
    if kind == "BRANCH":
        return frozenset[int]().union(*map(_all_of, value[1]))
    if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
        return _all_of(value[2])
    return _ALL


def _all_of(nodes: Any) -> frozenset[int]:
    return frozenset[int]().union(*map(_bytes_in, nodes))
