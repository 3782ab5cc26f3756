"""Patterns by what they begin with: kinds of bytes first, in planes, then the very bytes."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Final

import numpy as np

from sightglass_detect.engine.covers import Anchored, Cover, Step, covers
from sightglass_detect.engine.heads import DIGITS, Head, Leads
from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.narrowing import MOST, Narrowing
from sightglass_detect.engine.planes import LONG, Kind, Plane, Planes, behind, both

# In so few words of a plane, or one in so many, nothing more is asked of planes: to look at their bytes costs no more.
_FEW: Final = 32
_ONE_IN: Final = 16
# So many words of a text say what to ask first of it, as long as that leaves no more than such a share. What leaves
# more is asked where there is something in more than one word in so many.
_SAMPLED: Final = 4096
_MOST_LEFT: Final = 0.8
_MANY_ONE_IN: Final = 8
# Heads with so many digits in a row, and no other choice there, are looked for where such runs begin.
_RUN: Final = 6
# What stands before the first digit of such a head: in hashes it is a small letter mostly.
_BEFORE_RUN: Final = Kind.CAPITAL | Kind.MARK | Kind.OTHER
# What is asked of all such runs, and of all words.
_OF_RUNS: Final = ((_BEFORE_RUN, 1, -1), (Kind.NUMBER, _RUN, 0))
_OF_FENCES: Final = ((Kind.MARK | Kind.OTHER, 1, -1),)
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
        self._near_digits = _Parts(
            [item for item in fenced if _has_digit(item[0])], [item for item in others if _has_digit(item[0])]
        )
        self._anywhere = _Parts(
            [item for item in fenced if not _has_digit(item[0])], [item for item in others if not _has_digit(item[0])]
        )

    def places(self, planes: Planes) -> Iterator[Place]:
        """Where rules may start."""
        yield from self._near_digits.places(planes.near_digits)
        yield from self._anywhere.places(planes)


class _Parts:
    """Heads of one sort. fenced: those to the left of which no word goes on."""

    def __init__(self, fenced: Sequence[tuple[Head, Leads]], others: Sequence[tuple[Head, Leads]]) -> None:
        # A head is seen from its first digit where it has such a run, or from its first byte.
        runs = [Anchored(head, leads, at) for head, leads in fenced if (at := first_run(head)) is not None]
        self._of_runs = _parts(runs, _OF_RUNS, fenced=True)
        words = [Anchored(head, leads) for head, leads in fenced if first_run(head) is None]
        self._fenced = _parts(words, _OF_FENCES, fenced=True)
        self._others = _parts([Anchored(*item) for item in others], (), fenced=False)

    def places(self, planes: Planes) -> Iterator[Place]:
        """Where rules may start."""
        if self._of_runs:
            runs = planes.own & behind(planes.kind(_BEFORE_RUN), 1) & planes.run(Kind.NUMBER, _RUN)
            yield from _places(self._of_runs, planes, runs)
        if self._fenced:
            yield from _places(self._fenced, planes, planes.fence)
        yield from _places(self._others, planes, planes.own)


class _Part:
    """Heads of which the bytes are looked at together."""

    def __init__(self, heads: Sequence[Anchored], asked: Sequence[Step], *, fenced: bool) -> None:
        self._asked = [_Asked(cover, fenced=fenced) for cover in covers(heads, asked)]
        self._narrowing = Narrowing(heads, fenced=fenced)

    def places(self, planes: Planes, found: Plane) -> Iterator[Place]:
        """Where rules may start. found: where there may be anchors."""
        wanted = reduce(np.bitwise_or, (asked.left(planes, found) for asked in self._asked))
        return self._narrowing.places(planes, planes.places(wanted))


class _Asked:
    """What is asked of planes for some heads."""

    def __init__(self, cover: Cover, *, fenced: bool) -> None:
        self._steps = cover.steps
        self._fenced = fenced
        # In turn, by the kinds of bytes that are rare in a text: what tells most, and the others.
        self._ordered: dict[tuple[int, ...], tuple[list[Step], list[Step]]] = {}

    def left(self, planes: Planes, found: Plane) -> Plane:
        """Where there may be anchors, of `found`."""
        # Without a fence, all places are asked for.
        if not self._fenced or not _are_few(found):
            for steps, one_in in zip(self._in_order(planes, found), (_ONE_IN, _MANY_ONE_IN), strict=True):
                for kinds, count, offset in steps:
                    found = both(found, planes.run(kinds, count), offset)
                    if _are_few(found, one_in):
                        return found
        return found

    def _in_order(self, planes: Planes, found: Plane) -> tuple[list[Step], list[Step]]:
        steps = self._ordered.get(planes.rare)
        if steps is None:
            steps = self._ordered[planes.rare] = _best_order(self._steps, planes, found)
        return steps


def _best_order(steps: Iterable[Step], planes: Planes, found: Plane) -> tuple[list[Step], list[Step]]:
    """Steps that leave less and less in the first part of a text, those first that leave least; and the others."""
    order: list[Step] = []
    part, others = found[:_SAMPLED], set(steps)
    while others and not _are_few(part):
        left = {step: both(part, planes.run(*step[:2])[:_SAMPLED], step[2]) for step in others}
        count, best = min((_count(plane), step) for step, plane in left.items())
        if count > _MOST_LEFT * _count(part):
            break
        part = left[best]
        order.append(best)
        others.remove(best)
    return order, sorted(others)


def _count(plane: Plane) -> int:
    return int(np.bitwise_count(plane).sum())


def _parts(heads: Sequence[Anchored], asked: Sequence[Step], *, fenced: bool) -> list[_Part]:
    # Long ones are of tokens: of their first bytes, all that are near would let pass any.
    some = [[each for each in heads if (len(each.head) > LONG) == long] for long in (False, True)]
    return [_Part(each[n : n + MOST], asked, fenced=fenced) for each in some for n in range(0, len(each), MOST)]


def _places(parts: Sequence[_Part], planes: Planes, found: Plane) -> Iterator[Place]:
    for part in parts:
        yield from part.places(planes, found)


def first_run(head: Head) -> int | None:
    """Where the first run of digits begins in a head, when nothing else may be there; None when it is too short."""
    first = next((n for n, some in enumerate(head) if some & DIGITS), len(head))
    run = head[first : first + _RUN]
    return first if len(run) == _RUN and all(some <= DIGITS for some in run) else None


def _has_digit(head: Head) -> bool:
    return any(some <= DIGITS for some in head)


def _are_few(found: Plane, one_in: int = _ONE_IN) -> bool:
    return bool(np.count_nonzero(found) <= max(_FEW, len(found) // one_in))
