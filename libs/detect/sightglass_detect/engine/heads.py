"""What patterns begin with: for each byte of it, the bytes that it may be."""

import re
from math import prod
from typing import Any, Final

from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.pattern import WORD, bytes_of_set, parsed
from sightglass_detect.engine.planes import MARKS, Kind

# A byte of a pattern, and all of one way to write its beginning.
Set = frozenset[int]
Head = tuple[Set, ...]
# Rules, each with the first and the last place at which a match may start, from where a head of it stands.
Leads = list[Place]

# So many ways to write a beginning at most, of so many bytes: planes are looked ahead in within a word.
_HEADS: Final = 64
_LONGEST: Final = 40
# How often a byte of a log is of a kind, at most.
_SHARE: Final = {
    Kind.DIGIT: 0.22,
    Kind.ZERO: 0.03,
    Kind.CAPITAL: 0.1,
    Kind.SMALL: 0.5,
    Kind.MARK: 0.15,
    Kind.OTHER: 0.2,
}
# A head is looked for in planes when it is by chance at fewer places than this.
_RARE: Final = 0.005

DIGITS: Final = frozenset(range(ord("0"), ord("9") + 1))
_CAPITALS: Final = frozenset(range(ord("A"), ord("Z") + 1))
_SMALL: Final = frozenset(range(ord("a"), ord("z") + 1))
_MARKS: Final = frozenset(MARKS)
_ZERO: Final = frozenset(b"0")
_MEMBERS: Final = {
    Kind.DIGIT: DIGITS - _ZERO,
    Kind.ZERO: _ZERO,
    Kind.CAPITAL: _CAPITALS,
    Kind.SMALL: _SMALL,
    Kind.MARK: _MARKS,
}
_ALL: Final = frozenset(range(256))
NO_WORD: Final = _ALL - WORD
_OF_CLASS: Final = {"9": DIGITS, "A": _CAPITALS, "a": _SMALL}


def heads_for_planes(pattern: str, *, bounded: bool = False) -> list[Head]:
    """The heads of a pattern; none when planes are not the way to look for it. bounded: as of `heads_of`."""
    found = heads_of(pattern, bounded=bounded)
    return found if found and all(suits(head) for head in found) else []


def suits(head: Head) -> bool:
    """Whether planes are the way to look for a head.

    They are when it is rare by the kinds of its bytes alone, and begins with a digit, or any capital letter: what
    begins with certain letters, Hyperscan finds as fast.
    """
    first = head[0] if head else _ALL
    begins = first <= DIGITS or (first <= WORD and (first >= DIGITS or first >= _CAPITALS))
    return begins and prod(share_of(kinds_of(some)) for some in head) < _RARE


def kinds_of(some: Set) -> int:
    """The kinds of which some bytes are."""
    found = 0
    for kind, members in _MEMBERS.items():
        if some & members:
            found |= kind
    rest = some - DIGITS - _CAPITALS - _SMALL - _MARKS
    return found | Kind.OTHER if rest else found


def share_of(kinds: int) -> float:
    """How often a byte of a log is of one of some kinds, about."""
    return sum(share for kind, share in _SHARE.items() if kind & kinds)


def head_of_shape(shape: str) -> Head:
    """The head that a shape is, as a whole."""
    return tuple(_OF_CLASS.get(sign) or frozenset({ord(sign)}) for sign in shape)


def heads_of(pattern: str, *, bounded: bool = False) -> list[Head]:
    """All ways in which a match of a pattern may begin, as far as it is of fixed width; empty if it is not simple.

    bounded: where that is all of it, and ends with a word, a byte behind it belongs to it: that is of no word.
    """
    if re.match(r"\(\?[a-z]", pattern):
        return []
    found = _heads(parsed(pattern))
    closed = (closed_head(head) if bounded and whole else head for head, whole in found or ())
    return sorted({head[:_LONGEST] for head in closed}, key=repr)


def closed_head(head: Head) -> Head:
    """A head that is all of a match, and behind a word what ends that."""
    return (*head, NO_WORD) if head and head[-1] <= WORD else head


def begun(head: Head, first: str) -> Head:
    """A head of which the first digit is one of some."""
    at = head.index(DIGITS)
    return (*head[:at], frozenset(first.encode()), *head[at + 1 :])


def _heads(nodes: Any) -> list[tuple[Head, bool]] | None:
    """Heads, and whether each is all of the match."""
    found: list[tuple[Head, bool]] = [((), True)]
    for node in nodes:
        if not any(whole for _, whole in found):
            break
        inner = _of_node(node)
        if inner is None or len(found) * len(inner) > _HEADS:
            return None
        longer: list[tuple[Head, bool]] = []
        for head, whole in found:
            longer += [(head + more, ends) for more, ends in inner] if whole else [(head, False)]
        found = longer
    return found


def _of_node(node: Any) -> list[tuple[Head, bool]] | None:
    kind, value = str(node[0]), node[1]
    if kind == "LITERAL":
        return [((frozenset({int(value)}),), True)]
    if kind == "IN":
        return [((bytes_of_set(value),), True)]
    if kind == "SUBPATTERN":
        return _heads(value[-1])
    if kind == "BRANCH":
        each = [_heads(branch) for branch in value[1]]
        return None if None in each else [head for heads in each for head in heads or ()]
    if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
        least = min(int(value[0]), _LONGEST)
        heads = _heads(list(value[2]) * least)
        return None if heads is None else [(head, ends and least == value[1]) for head, ends in heads]
    return [((), False)]
