"""Which of many heads stand at a place: each byte rules some out, for all of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_detect.engine.covers import Anchored, commonness
from sightglass_detect.engine.heads import NO_WORD, Head, Set
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.planes import Places, Planes, where

# A number has so many bits, of which each stands for a head.
MOST: Final = 64
# So few places are looked at one by one.
_FEW: Final = 16
# Which heads are still possible, by place.
Bits = NDArray[np.uint64]

_ALL: Final = frozenset(range(256))


class Narrowing:
    """Heads, 64 at most. fenced: no word goes on to the left of one."""

    def __init__(self, heads: Sequence[Anchored], *, fenced: bool) -> None:
        self._leads = [
            [(number, first - each.anchor, last - each.anchor) for number, first, last in each.leads] for each in heads
        ]
        last = max(len(each.head) - each.anchor for each in heads)
        furthest = max(each.anchor for each in heads)
        every = {
            offset: [_at(each.head, each.anchor + offset, fenced=fenced) for each in heads]
            for offset in range(-furthest - fenced, last)
        }
        # What rules out most comes first.
        offsets = sorted(every, key=lambda offset: sum(map(commonness, every[offset])))
        self._tables = [(offset, _bits_by_byte(every[offset])) for offset in offsets]
        self._by_byte = [(offset, table.tolist()) for offset, table in self._tables]

    def places(self, planes: Planes, at: Places) -> Iterator[Place]:
        """Where rules may start. at: anchors at which there may be heads."""
        if not len(at):
            return
        bits = np.full(len(at), ~np.uint64(0))
        left, looked_at = len(at), 0
        for offset, table in self._tables:
            if left <= _FEW:
                break
            bits &= table.take(planes.bytes.take(at + offset))
            left, looked_at = np.count_nonzero(bits), looked_at + 1
            if 2 * left < len(at):
                some = where(bits != 0)
                at, bits = at.take(some), bits.take(some)
        rest = self._by_byte[looked_at:]
        for place, possible in zip(at.tolist(), bits.tolist(), strict=True):
            left = _left(rest, planes, place, possible)
            while left:
                n = left.bit_length() - 1
                left -= 1 << n
                for number, first, last in self._leads[n]:
                    yield number, planes.offset + place + first, planes.offset + place + last


def _left(by_byte: Iterable[tuple[int, list[int]]], planes: Planes, place: int, bits: int) -> int:
    for offset, table in by_byte:
        bits &= table[planes.data[place + offset]]
        if not bits:
            break
    return bits


def _at(head: Head, at: int, *, fenced: bool) -> Set:
    if at == -1 and fenced:
        return NO_WORD
    return head[at] if 0 <= at < len(head) else _ALL


def _bits_by_byte(sets: Sequence[Set]) -> Bits:
    found = np.zeros(256, np.uint64)
    for n, some in enumerate(sets):
        found[list(some)] |= np.uint64(1 << n)
    return found
