"""Patterns by what they begin with: kinds of bytes first, in planes, then the very bytes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from sightglass_detect.engine.heads import Head, Leads, kinds_of, share_of
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.narrowing import MOST, Narrowing
from sightglass_detect.engine.planes import Kind, Plane, Planes, ahead, behind, places_in
from sightglass_detect.engine.runs import Runs, first_run

# In so few words of a plane nothing more is asked of planes.
_FEW: Final = 256
# Kinds of bytes, how many in a row, and after how many others.
_Step = tuple[int, int, int]
_Heads = dict[Head, Leads]


class Beginnings:
    """Takes heads, and the rules that may start where they stand, or so far before."""

    def __init__(self) -> None:
        # By whether a word may go on to the left of it.
        self._heads: dict[bool, _Heads] = {True: {}, False: {}}

    def __bool__(self) -> bool:
        return any(self._heads.values())

    def add(self, number: int, heads: Iterable[Head], *, lead: int, fenced: bool) -> None:
        """Look for heads. lead: how many bytes of a match may stand before. fenced: and no word there goes on."""
        for head in heads:
            self._heads[fenced].setdefault(head, []).append((number, -lead, 0))

    def compiled(self) -> "CompiledBeginnings":
        """Ready to be looked for."""
        return CompiledBeginnings(self._heads)


class CompiledBeginnings:
    """Finds heads."""

    def __init__(self, heads: dict[bool, _Heads]) -> None:
        fenced = list(heads[True].items())
        self._runs = Runs([item for item in fenced if first_run(item[0]) is not None])
        self._fenced = _parts([item for item in fenced if first_run(item[0]) is None], fenced=True)
        self._others = _parts(list(heads[False].items()), fenced=False)

    def places(self, planes: Planes) -> Iterator[Place]:
        """Where rules may start."""
        yield from self._runs.places(planes)
        fence = planes.own & ~behind(planes.words, 1)
        for parts, found in ((self._fenced, fence), (self._others, planes.own)):
            for root, narrowing in parts:
                wanted = np.zeros_like(found)
                root.find(planes, found, wanted)
                at = places_in(wanted)
                yield from narrowing.places(planes, at, np.full(len(at), ~np.uint64(0)))


class _Node:
    """What heads begin with alike, and by what else is asked of them how it goes on."""

    def __init__(self) -> None:
        self._next: dict[_Step, _Node] = {}

    def add(self, steps: Iterable[_Step]) -> None:
        node = self
        for step in steps:
            node = node._next.setdefault(step, _Node())

    def find(self, planes: Planes, found: Plane, wanted: Plane) -> None:
        """Put into `wanted` where one of the heads may stand. found: where what they have alike does."""
        if not self._next or np.count_nonzero(found) <= _FEW:
            np.bitwise_or(wanted, found, out=wanted)
            return
        for (kinds, count, offset), node in self._next.items():
            node.find(planes, found & ahead(planes.run(kinds, count), offset), wanted)


def _parts(heads: Sequence[tuple[Head, Leads]], *, fenced: bool) -> list[tuple[_Node, Narrowing]]:
    found: list[tuple[_Node, Narrowing]] = []
    for n in range(0, len(heads), MOST):
        part, root = heads[n : n + MOST], _Node()
        for head, _ in part:
            root.add(_steps(head))
        found.append((root, Narrowing(part, [0] * len(part), fenced=fenced)))
    return found


def _steps(head: Head) -> list[_Step]:
    """What is asked of a head: two capitals at its beginning first, then what is rare."""
    steps: list[tuple[float, _Step]] = []
    offset = 2 if all(kinds_of(some) == Kind.CAPITAL for some in head[:2]) else 0
    first: list[_Step] = [(Kind.CAPITAL, offset, 0)] if offset else []
    for kinds, some in groupby(head[offset:], key=kinds_of):
        count = len(list(some))
        steps.append((share_of(kinds) ** count, (kinds, count, offset)))
        offset += count
    return first + [step for _, step in sorted(steps)]
