"""Heads that are looked for together: by what all of them have in common.

To ask planes for one thing more costs as much as to look at the bytes of some hundred places of a MB. What is asked is
chosen by counting, in a few lines as logs and tables have them, at how many places it leaves something to be looked at.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from typing import Final

from sightglass_detect.engine.heads import Head, Leads, Set, kinds_of
from sightglass_detect.engine.planes import LONG, Kind

# Kinds of bytes, how many in a row, and how far from the anchor.
Step = tuple[int, int, int]

# What it costs to look for heads at all, to ask planes for one thing more, to make a plane of a run of twice as many
# bytes, and to look at the bytes of one place in a hundred: milliseconds a MB.
_COST: Final = 0.04
_COST_OF_STEP: Final = 0.025
_COST_OF_RUN: Final = 0.02
_COST_OF_PLACES: Final = 1.5
_SAMPLE: Final = b"""
2026-11-05T10:11:12.345Z INFO [worker-7] 10.120.13.4 job=803456712 request=0b1c2d3e-4f50-4617-a819-2a3b4c5d6e7f
GET /v1/items/480913 200 4120ms trace=5e884898da28047151d0e56f8dc62927
93.184.216.34 - - [05/Nov/2026:10:11:12 +0000] "GET /index.html?id=42 HTTP/1.1" 200 5123 "-" "Mozilla/5.0 (X11; Linux)"
4817250,these are of words,823.45,2026-01-17,Value,1284
902713,Identifiers Objects And,17.20,2026-10-30,expression,93
{"id": 715620938114, "sha": "3a52ce780950d4d969792a2559cd519d7ee8c727", "at": 1790417206123, "text": "To be seen"}
{"id": 81473, "key": "19f2a0c34e77d810b5692f3c1a0e8d7b46f5c2a9", "is": true, "Name": "Exceptions", "size": 20480}
    raise ValueError("%s is not in range(0x%04X)" % (name, LIMIT_2))  # See RFC 2045, section 6.8
"""


@dataclass(frozen=True, eq=False)
class Anchored:
    """A head, seen from a byte of its own: `anchor`. leads: the rules that may start where it stands."""

    head: Head
    leads: Leads
    anchor: int = 0

    @cached_property
    def kinds(self) -> dict[int, int]:
        """The kinds that its bytes may be of, by how far they are from the anchor."""
        return {at - self.anchor: _asked(some) for at, some in enumerate(self.head)}


class Cover:
    """Heads, and what they have in common. asked: what is asked of their anchors before."""

    def __init__(self, heads: Sequence[Anchored], kinds: Mapping[int, int], asked: Sequence[Step]) -> None:
        self.heads = heads
        known = _all_in_sample(asked)
        steps = [(left, step) for step in _steps(kinds) if (left := known & _in_sample(step)) != known]
        self.steps = tuple(step for _, step in steps)
        self.cost = _cost(known, sorted(steps, key=lambda step: step[0].bit_count()))
        self._kinds = kinds
        self._before = asked

    def with_(self, other: Anchored) -> "Cover":
        """The same, and one head more."""
        common = {at: kinds | other.kinds[at] for at, kinds in self._kinds.items() if at in other.kinds}
        return Cover([*self.heads, other], common, self._before)


def covers(heads: Iterable[Anchored], asked: Sequence[Step]) -> list[Cover]:
    """All heads, each in the cover in which it costs least. asked: as of `Cover`."""
    found: list[Cover] = []
    for head in heads:
        alone = Cover([head], head.kinds, asked)
        best, at, more = alone, len(found), alone.cost
        for n, cover in enumerate(found):
            if (both := cover.with_(head)).cost - cover.cost < more:
                best, at, more = both, n, both.cost - cover.cost
        found[at : at + 1] = [best]
    return found


def _steps(kinds: Mapping[int, int]) -> Iterator[Step]:
    run: Step = (Kind.EVERY, 0, 0)
    for at, one in sorted(kinds.items()):
        same, count, first = run
        if one == same and at == first + count and count < LONG:
            run = same, count + 1, first
            continue
        if same != Kind.EVERY:
            yield run
        run = one, 1, at
    if run[0] != Kind.EVERY:
        yield run


def _cost(left: int, steps: Iterable[tuple[int, Step]]) -> float:
    """At least. left: the places of the sample at which something is to be looked at, without any of the steps."""
    each = 100 * _COST_OF_PLACES / len(_SAMPLE)
    asked, best = 0.0, each * left.bit_count()
    for places, (_, count, _) in steps:
        left, asked = (
            left & places,
            asked + _COST_OF_STEP + (_COST_OF_RUN * (count - 1).bit_length() if count < LONG else 0),
        )
        best = min(best, asked + each * left.bit_count())
    return _COST + best


def _all_in_sample(steps: Iterable[Step]) -> int:
    found = (1 << len(_SAMPLE)) - 1
    for step in steps:
        found &= _in_sample(step)
    return found


@cache
def commonness(some: Set) -> float:
    """How often a byte of the sample is one of some."""
    return sum(byte in some for byte in _SAMPLE) / len(_SAMPLE)


@cache
def _in_sample(step: Step) -> int:
    """The places of the sample at which what a step asks is so, a bit each."""
    kinds, count, offset = step
    found = one = reduce(int.__or__, (places for kind, places in _sampled() if kind & kinds))
    for _ in range(count - 1):
        found = one & (found >> 1)
    return found >> offset if offset >= 0 else found << -offset


@cache
def _sampled() -> list[tuple[int, int]]:
    """Each kind, and the places of the sample at which it is."""
    each = [kinds_of(frozenset((byte,))) for byte in _SAMPLE]
    return [(kind, sum(1 << at for at, kinds in enumerate(each) if kinds == kind)) for kind in Kind.ALL]


def _asked(some: Set) -> int:
    """Kinds of bytes, the finest of which are not told apart, so that heads have more in common."""
    kinds = kinds_of(some)
    signs = Kind.MARK | Kind.OTHER
    if kinds & Kind.NUMBER and kinds != Kind.ZERO:
        kinds |= Kind.NUMBER
    return kinds | signs if kinds & signs else kinds
