"""Planes: of what kind each byte of a text is, one bit a byte, so that 64 places are asked in one step.

A plane is an array of words of 64 bits; bit n of word m stands for the byte at 64 * m + n.
"""

from collections.abc import Iterator
from functools import cached_property, reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

WORD_BITS: Final = 64
# So many bytes are looked at in one go: their planes stay in the cache, and are not asked of the system each time.
_PART: Final = 5 << 19
# So many bytes are read at a time to make planes of: what is read several times stays in the nearest cache.
_CHUNK: Final = 1 << 17
# What stands before and behind a part is seen as well.
_BEFORE: Final = WORD_BITS
_BEHIND: Final = 2 * WORD_BITS


# What is that long is looked for by bytes of planes: wherever it begins, two of them are all of it.
LONG: Final = 24
# Of more than this share of a text, all is looked at: taking it costs as much as it saves.
_MOST_OF_IT: Final = 0.6
# Of so few words all bits are taken at once.
_FEW_WORDS: Final = 256
# What is in one word of so many says how common kinds are.
_SAMPLED: Final = 16


class Kind:
    """Kinds of bytes, one bit each: plain numbers, which are quick to look up.

    DIGIT: but 0. MARK: what stands between digits that belong together. OTHER: all else.
    """

    DIGIT: Final = 1
    ZERO: Final = 2
    CAPITAL: Final = 4
    SMALL: Final = 8
    MARK: Final = 16
    OTHER: Final = 32
    NUMBER: Final = DIGIT | ZERO
    ALL: Final = (DIGIT, ZERO, CAPITAL, SMALL, MARK, OTHER)
    EVERY: Final = DIGIT | ZERO | CAPITAL | SMALL | MARK | OTHER


MARKS: Final = b" ()*+-./"


class Planes:
    """Planes of the kinds in some bytes, and of what is asked of them.

    data: a whole number of words. offset: where it stands in what it is a part of. own: the places that are asked for;
    what is beside them is there to be seen.
    """

    def __init__(self, data: Bytes, offset: int, own: Plane, kinds: dict[int, Plane]) -> None:
        self.bytes = data
        self.data = data.data
        self.offset = offset
        self.own = own
        self._kinds = kinds
        self._runs: dict[tuple[int, int], Plane] = {}
        # The planes of which these are some words, by kinds, and which words they are.
        self._whole = kinds
        self._words: Places | None = None

    @property
    def digits(self) -> Plane:
        """Where there are digits."""
        return self.kind(Kind.NUMBER)

    @property
    def words(self) -> Plane:
        """Where there are digits and letters."""
        return self.kind(Kind.NUMBER | Kind.CAPITAL | Kind.SMALL)

    @cached_property
    def fence(self) -> Plane:
        """The places that are asked for at which no word goes on from before."""
        return self.own & ~behind(self.words, 1)

    @property
    def near_digits(self) -> "Planes":
        """Only the words of 64 bytes in which there are digits, and those beside them.

        What holds a digit and is no longer than a word stands there as it does in the text. All of them, where these
        are most.
        """
        return self._near_digits or self

    @cached_property
    def _near_digits(self) -> "Planes | None":
        near = self.digits != 0
        near[1:] |= self.digits[:-1] != 0
        near[:-1] |= self.digits[1:] != 0
        kept = where(near)
        if len(kept) > _MOST_OF_IT * len(near):
            return None
        found = Planes(self.bytes, self.offset, self.own.take(kept), {})
        found._whole, found._words = self._kinds, kept
        return found

    def places(self, plane: Plane) -> Places:
        """Where in `bytes` the bits of a plane are, in no order."""
        return self.placed(places_in(plane))

    def placed(self, at: Places) -> Places:
        """Where in `bytes` is what is at some places of the planes."""
        return at if self._words is None else (self._words.take(at >> 6) << 6) + (at & 63)

    def kind(self, kinds: int) -> Plane:
        """Where a byte is of one of some kinds."""
        found = self._kinds.get(kinds)
        if found is None:
            found = self._kinds[kinds] = self._taken(kinds)
        return found

    def _taken(self, kinds: int) -> Plane:
        if self._words is not None and kinds in self._whole:
            return self._whole[kinds].take(self._words)
        first, *others = (self.kind(kind) for kind in Kind.ALL if kind & kinds)
        return reduce(np.bitwise_or, others, first)

    @cached_property
    def rare(self) -> tuple[int, ...]:
        """The kinds, those that are rare in this text first."""
        return tuple(sorted(Kind.ALL, key=lambda kind: int(np.bitwise_count(self._whole[kind][::_SAMPLED]).sum())))

    def run(self, kinds: int, length: int) -> Plane:
        """Where so many bytes of some kinds begin. Of a long run, the places of all the eight among which it begins."""
        if length == 1:
            return self.kind(kinds)
        found = self._runs.get((kinds, length))
        if found is None:
            found = self._runs[kinds, length] = self._run(kinds, length)
        return found

    def _run(self, kinds: int, length: int) -> Plane:
        if length < LONG:
            half = 1 << (length - 1).bit_length() - 1
            run = self.run(kinds, half)
            return run & ahead(run, length - half)
        # Wherever it begins, the next two times eight are all of it.
        whole = self.kind(kinds).view(np.uint8) == 0xFF
        found = np.zeros(len(whole), np.bool_)
        np.logical_and(whole[1:-1], whole[2:], out=found[:-2])
        return (found.view(np.uint8) * np.uint8(0xFF)).view(np.uint64)

    def mark(self, plane: Plane, words: NDArray[np.bool_]) -> None:
        """Say in `words`, of all the text, in which 64 bytes of the own ones there is a bit of a plane."""
        own = where(self.own)
        first, last = int(own[0]), int(own[-1]) + 1
        at = self.offset // WORD_BITS
        words[at + first : at + last] = plane[first:last] != 0


def planes_of(data: bytes) -> Iterator[Planes]:
    """Planes of a text, part after part. data: a whole number of words, of which the last two are no one's."""
    whole = np.frombuffer(data, np.uint8)
    own = len(whole) - _BEHIND
    parts = -(-own // _PART)
    size = -(-own // parts // WORD_BITS) * WORD_BITS
    for at in range(0, own, size):
        first, last = max(0, at - _BEFORE), min(at + size, own)
        part = whole[first : last + _BEHIND]
        asked = np.zeros(len(part) // WORD_BITS, np.uint64)
        asked[(at - first) // WORD_BITS : (last - first) // WORD_BITS] = ~np.uint64(0)
        yield Planes(part, first, asked, _kinds_in(part))


def _kinds_in(data: Bytes) -> dict[int, Plane]:
    digits, zeros, numbers, letters, low = (np.empty(len(data) // WORD_BITS, np.uint64) for _ in range(5))
    chunk = min(_CHUNK, len(data))
    kinds, inside = np.empty(chunk, np.uint8), np.empty((2, chunk), np.bool_)
    for at in range(0, len(data), _CHUNK):
        part = data[at : at + _CHUNK]
        own = slice(at // WORD_BITS, (at + len(part)) // WORD_BITS)
        kind, some, more = kinds[: len(part)], inside[0, : len(part)], inside[1, : len(part)]
        np.subtract(part, ord("0"), out=kind)
        digits[own] = _packed(np.less(kind, 10, out=some))
        zeros[own] = _packed(np.equal(kind, 0, out=some))
        # From the first parenthesis to 9, a comma apart, and spaces.
        np.subtract(part, ord("("), out=kind)
        np.less(kind, 18, out=some)
        some &= np.not_equal(part, ord(","), out=more)
        some |= np.equal(part, ord(" "), out=more)
        numbers[own] = _packed(some)
        np.bitwise_or(part, 0x20, out=kind)
        np.subtract(kind, ord("a"), out=kind)
        letters[own] = _packed(np.less(kind, 26, out=some))
        low[own] = _packed(np.bitwise_and(part, 0x20, out=kind))
    return {
        Kind.DIGIT: digits & ~zeros,
        Kind.ZERO: zeros,
        Kind.CAPITAL: letters & ~low,
        Kind.SMALL: letters & low,
        Kind.MARK: numbers & ~digits,
        Kind.OTHER: ~(numbers | letters),
        Kind.NUMBER: digits,
        Kind.NUMBER | Kind.MARK: numbers,
        Kind.NUMBER | Kind.CAPITAL | Kind.SMALL: digits | letters,
    }


def ahead(plane: Plane, places: int) -> Plane:
    """Where a bit stands so many places further on: 0 to 63."""
    if places == 0:
        return plane
    found = plane >> np.uint64(places)
    found[:-1] |= plane[1:] << np.uint64(WORD_BITS - places)
    return found


def behind(plane: Plane, places: int) -> Plane:
    """Where a bit stands so many places before: 1 to 63."""
    found = plane << np.uint64(places)
    found[1:] |= plane[:-1] >> np.uint64(WORD_BITS - places)
    return found


def both(found: Plane, plane: Plane, places: int) -> Plane:
    """Where a bit stands in `found`, and in the other so many places further on; or before, for less than 0."""
    if places == 0:
        return found & plane
    moved = ahead(plane, places) if places > 0 else behind(plane, -places)
    moved &= found
    return moved


def places_in(plane: Plane) -> Places:
    """Where the bits are, in no order."""
    words = where(plane != 0)
    bits, at = plane.take(words), words << 6
    found: list[Places] = []
    # The lowest bit of each word in turn: most have one, and some have all.
    while len(at) > _FEW_WORDS:
        lowest = bits & -bits
        found.append(at + np.bitwise_count(lowest - np.uint64(1)))
        bits ^= lowest
        more = where(bits != 0)
        at, bits = at.take(more), bits.take(more)
    inside = where(np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_))
    found.append(at.take(inside >> 6) + (inside & 63))
    return np.concatenate(found) if len(found) > 1 else found[0]


def where(found: NDArray[Any]) -> Places:
    """Where something is true, or not 0: as numpy's `flatnonzero`, which takes twice as long for little."""
    return found.nonzero()[0]


def windows_at(plane: Plane, places: Places) -> NDArray[np.uint32]:
    """The 16 bits from each place on."""
    parts, at = plane.view(np.uint8), places >> 3
    found = parts.take(at).astype(np.uint32)
    found |= parts.take(at + 1).astype(np.uint32) << np.uint32(8)
    found |= parts.take(at + 2).astype(np.uint32) << np.uint32(16)
    found >>= (places & 7).astype(np.uint32)
    found &= np.uint32(0xFFFF)
    return found


def _packed(bits: NDArray[np.bool_] | Bytes) -> Plane:
    return np.packbits(bits, bitorder="little").view(np.uint64)
