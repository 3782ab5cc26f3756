"""Patterns by what they begin with: kinds of bytes first, in planes, then the very bytes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from sightglass_detect.engine.heads import DIGITS, Head, Leads, Set, kinds_of
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.narrowing import MOST, Narrowing
from sightglass_detect.engine.planes import Kind, Plane, Planes, behind, both, places_in

# In so few words of a plane, or one in so many, nothing more is asked of planes: to look at their bytes costs no more.
_FEW: Final = 256
_ONE_IN: Final = 16
# Heads with so many digits in a row, and no other choice there, are looked for where such runs begin.
_RUN: Final = 6
# What stands before the first digit of such a head: in hashes it is a small letter mostly.
_BEFORE_RUN: Final = Kind.CAPITAL | Kind.MARK | Kind.OTHER
# In a longer run no more is asked.
_LONGEST_RUN: Final = 32
# Kinds of bytes, how many in a row, and how far from the anchor.
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
        fenced, others = list(heads[True].items()), list(heads[False].items())
        with_run = [item for item in fenced if first_run(item[0]) is not None]
        without = [item for item in fenced if first_run(item[0]) is None]
        self._of_runs = _parts(with_run, fenced=True)
        self._fenced = _parts(without, fenced=True)
        self._others = _parts(others, fenced=False)

    def places(self, planes: Planes) -> Iterator[Place]:
        """Where rules may start."""
        runs = planes.own & behind(planes.kind(_BEFORE_RUN), 1) & planes.run(Kind.NUMBER, _RUN)
        fence = planes.own & ~behind(planes.words, 1)
        for parts, found in ((self._of_runs, runs), (self._fenced, fence), (self._others, planes.own)):
            for part in parts:
                yield from part.places(planes, found)


class _Part:
    """So many heads as are looked for at a time."""

    def __init__(self, heads: Sequence[tuple[Head, Leads]], *, fenced: bool) -> None:
        # The byte from which a head is seen: its first digit where it has such a run, or its first.
        anchors = [(first_run(head) or 0) if fenced else 0 for head, _ in heads]
        self._narrowing = Narrowing(heads, anchors, fenced=fenced)
        self._steps = [_steps(head, anchor) for (head, _), anchor in zip(heads, anchors, strict=True)]
        # By the kinds of bytes, the rare ones of a text first.
        self._roots: dict[tuple[int, ...], _Node] = {}

    def places(self, planes: Planes, found: Plane) -> Iterator[Place]:
        """Where rules may start. found: where there may be anchors."""
        if not _are_few(found):
            found, every = np.zeros_like(found), found
            self._root(planes.rare).find(planes, every, found)
        return self._narrowing.places(planes, places_in(found))

    def _root(self, rare: tuple[int, ...]) -> "_Node":
        root = self._roots.get(rare)
        if root is None:
            root = self._roots[rare] = _Node()
            for steps in self._steps:
                root.add(sorted(steps, key=lambda step: (_commonness(step[0], rare), -step[1], step[2])))
        return root


class _Node:
    """What heads have alike, and by what else is asked of them how it goes on."""

    def __init__(self) -> None:
        self._next: dict[_Step, _Node] = {}

    def add(self, steps: Iterable[_Step]) -> None:
        node = self
        for step in steps:
            node = node._next.setdefault(step, _Node())

    def find(self, planes: Planes, found: Plane, wanted: Plane) -> None:
        """Put into `wanted` where one of the heads may stand. found: where what they have alike does."""
        if not self._next or _are_few(found):
            np.bitwise_or(wanted, found, out=wanted)
            return
        for (kinds, count, offset), node in self._next.items():
            node.find(planes, both(found, planes.run(kinds, count), offset), wanted)


def first_run(head: Head) -> int | None:
    """Where the first run of digits begins in a head, when nothing else may be there; None when it is too short."""
    first = next((n for n, some in enumerate(head) if some & DIGITS), len(head))
    run = head[first : first + _RUN]
    return first if len(run) == _RUN and all(some <= DIGITS for some in run) else None


def _are_few(found: Plane) -> bool:
    return bool(np.count_nonzero(found) <= max(_FEW, len(found) // _ONE_IN))


def _parts(heads: Sequence[tuple[Head, Leads]], *, fenced: bool) -> list[_Part]:
    return [_Part(heads[n : n + MOST], fenced=fenced) for n in range(0, len(heads), MOST)]


def _steps(head: Head, anchor: int) -> list[_Step]:
    """What is asked of a head, from its anchor on."""
    steps: list[_Step] = []
    offset = 0
    for kinds, some in groupby(head, key=_asked):
        count = len(list(some))
        steps.append((kinds, min(count, _LONGEST_RUN), offset - anchor))
        offset += count
    return steps


def _asked(some: Set) -> int:
    """Kinds of bytes, the finest of which are not told apart, so that more heads are looked for together."""
    kinds = kinds_of(some)
    signs = Kind.MARK | Kind.OTHER
    return Kind.NUMBER if kinds == Kind.DIGIT else kinds | signs if kinds & signs else kinds


def _commonness(kinds: int, rare: tuple[int, ...]) -> int:
    """Of kinds of bytes, by how common they are in a text: the commonest decides."""
    return sum(1 << n for n, kind in enumerate(rare) if kind & kinds)
