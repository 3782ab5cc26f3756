"""Shapes of numbers in groups, `999-99-9999`: all of them in one pass over the planes of a text."""

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_detect.engine.matcher import Place
from sightglass_detect.engine.planes import (
    MARKS,
    Bytes,
    Kind,
    Places,
    Plane,
    Planes,
    places_in,
    where,
    windows_at,
)
from sightglass_detect.shapes import TABLE, classes_of

_OF_NUMBERS: Final = Kind.NUMBER | Kind.MARK
# A number begins with so many digits and marks; with one less when its first digit is a zero.
_LEAST: Final = 11
# So many bytes of it are known by which of them are digits.
_KNOWN: Final = 16
# Two bytes behind a number say whether it ends there.
_GUARD: Final = 2
# So many places are looked at in detail at a time.
_ROWS: Final = 4096
_HASH_BITS: Final = 18
# An odd number, of which the high bits of products are well mixed: 2 ** 64 by the golden ratio.
_MIXER: Final = np.uint64(0x9E3779B97F4A7C15)

_CLASSES: Final[Bytes] = np.frombuffer(TABLE, np.uint8)
_NUMBER: Final = frozenset("9") | frozenset(MARKS.decode())
_OF_NUMBER: Final = b"9" + MARKS
_WORD: Final = "9Aa_"
# What the first digit of a number may be, a bit each.
_ANY: Final = (1 << 10) - 1
# What a shape is before its first digit, the rule, and what that digit may be.
_Lead = tuple[bytes, int, int]


def _members(signs: str) -> NDArray[np.bool_]:
    return np.isin(np.arange(256), np.frombuffer(signs.encode(), np.uint8))


# Marks that tell shapes apart, each by a number above the bits of digits.
_MARKS: Final = b".- /)"
_MARK_BITS: Final = np.array([(_MARKS.find(byte) + 1) << _KNOWN for byte in range(256)], np.uint32)
_IN_WORDS: Final = _members(_WORD)
_JOINS_BEFORE: Final = _members("-./")
_JOINS_BEHIND: Final = _members("-.")


class Numbers:
    """Takes shapes that begin with digits and marks, enough of them from the first digit on."""

    def __init__(self) -> None:
        # By what a shape is from its first digit on.
        self._tails: dict[bytes, list[_Lead]] = {}

    def __bool__(self) -> bool:
        return bool(self._tails)

    def takes(self, shape: str, first: str | None) -> bool:
        """Whether a shape is one of such a number. first: what its first digit may be; None: any."""
        at = shape.find("9")
        head, tail = shape[:at], shape[at:]
        least = _LEAST - (first == "0")
        begins = len(tail) >= least and _NUMBER.issuperset(tail[:least])
        return at >= 0 and begins and tail[-1] in "9Aa" and (not head or head[-1] not in "Aa_-./")

    def add(self, number: int, shape: str, first: str | None) -> None:
        """Look for a shape that it takes. first: as there."""
        at = shape.index("9")
        digits = _ANY if first is None else sum(1 << int(digit) for digit in set(first))
        self._tails.setdefault(shape[at:].encode(), []).append((shape[:at].encode(), number, digits))

    def compiled(self) -> "CompiledNumbers":
        """Ready to be looked for."""
        return CompiledNumbers(self._tails)


class CompiledNumbers:
    """Finds where a shape stands with nothing beside it that it would go on with."""

    def __init__(self, tails: dict[bytes, list[_Lead]]) -> None:
        self._tails = tails
        self._begins_with_zero = any(map(_is_short, tails))
        self._lengths = np.array(sorted({len(tail) for tail in tails}))
        self._width = int(self._lengths[-1]) + _GUARD
        self._tables = _Tables(tails)
        self._hashes = np.zeros(1 << _HASH_BITS, np.bool_)
        self._weights = np.cumprod(np.full(self._width, _MIXER))
        for tail in tails:
            row = np.frombuffer(tail, np.uint8).astype(np.uint64)
            self._hashes[_hash(np.cumsum(row * self._weights[: len(tail)], dtype=np.uint64)[-1:])] = True

    def places(self, planes: Planes) -> Iterator[Place]:
        """Where rules may start, each at one place."""
        planes = planes.near_digits
        at = places_in(self._begin(planes))
        if not len(at):
            return
        digits, found = windows_at(planes.digits, at), planes.placed(at)
        first = planes.bytes.take(found) & np.uint8(15)
        possible = where((self._tables.firsts.take(digits) >> first) & np.uint16(1))
        at, found, digits = at.take(possible), found.take(possible), digits.take(possible)
        mark = planes.bytes.take(found + self._tables.runs.take(digits))
        keys = digits | _MARK_BITS.take(mark)
        needs = self._tables.needs.take(keys)
        found_numbers = windows_at(planes.kind(_OF_NUMBERS), at)
        possible = where((needs != 0) & ((found_numbers & needs) == needs))
        found, keys = found.take(possible), keys.take(possible)
        goes_on = _JOINS_BEFORE.take(planes.bytes.take(found - 1)) & _is_digit(planes.bytes.take(found - 2))
        ends = found + self._tables.ends.take(keys)
        goes_on |= _JOINS_BEHIND.take(planes.bytes.take(ends)) & _is_digit(planes.bytes.take(ends + 1))
        found = found.take(where(~goes_on))
        for at in range(0, len(found), _ROWS):
            yield from self._exactly(planes.bytes, planes.offset, found[at : at + _ROWS])

    def _begin(self, planes: Planes) -> Plane:
        """Where a number may begin."""
        found = planes.run(_OF_NUMBERS, _LEAST)
        if self._begins_with_zero:
            found = found | (planes.run(_OF_NUMBERS, _LEAST - 1) & planes.kind(Kind.ZERO))
        return planes.fence & planes.digits & found

    def _exactly(self, data: Bytes, offset: int, starts: Places) -> Iterator[Place]:
        rows = _CLASSES.take(data.take(starts[:, None] + np.arange(self._width)))
        sums = np.cumsum(rows * self._weights, axis=1, dtype=np.uint64)
        row, column = np.nonzero(self._hashes.take(_hash(sums[:, self._lengths - 1])))
        length = self._lengths[column]
        next_byte, one_more = rows[row, length], rows[row, length + 1]
        goes_on = _JOINS_BEHIND.take(next_byte) & (one_more == ord("9")) & (rows[row, length - 1] == ord("9"))
        ends = ~_IN_WORDS.take(next_byte) & ~goes_on
        for n, size in zip(row[ends].tolist(), length[ends].tolist(), strict=True):
            start = int(starts[n])
            for head, number, digits in self._tails.get(rows[n, :size].tobytes(), ()):
                first = start - len(head)
                if not digits >> (int(data[start]) & 15) & 1:
                    continue
                if not head or (first >= 0 and classes_of(data[first:start].tobytes()) == head):
                    yield number, offset + first, offset + first


class _Tables:
    """What the first bytes of a number tell.

    By which of them are digits: runs, how many digits come first; firsts, what the first of them may be, 0 when no
    shape is like that. By that and by the mark behind those: needs, which bytes are digits or marks, 0 when no shape is
    like that; ends, where all the shapes that are like that end, 0 when there are several such places.
    """

    def __init__(self, tails: dict[bytes, list[_Lead]]) -> None:
        self.runs = np.zeros(1 << _KNOWN, np.int64)
        self.firsts = np.zeros(1 << _KNOWN, np.uint16)
        self.needs = np.zeros((len(_MARKS) + 1) << _KNOWN, np.uint32)
        self.ends = np.zeros((len(_MARKS) + 1) << _KNOWN, np.int64)
        for tail, leads in tails.items():
            text = tail.decode()
            signs = (text + "\0")[:_KNOWN]
            digits = sum(1 << n for n, sign in enumerate(signs) if sign == "9")
            # All that have these as their lowest bits.
            like = np.arange(digits, 1 << _KNOWN, 1 << len(signs), dtype=np.uint32)
            run = min(len(text) - len(text.lstrip("9")), _KNOWN)
            self.runs[like] = run
            self.firsts[like] |= np.uint16(_firsts(leads))
            needs = sum(1 << n for n, sign in enumerate(signs) if sign in _NUMBER)
            end = len(text) if text[-1] == "9" else 0
            for mark in {_MARK_BITS[ord(text[run])]} if run < len(text) else set(_MARK_BITS):
                keys = like | mark
                known = self.needs[keys] != 0
                self.ends[keys] = np.where(known & (self.ends[keys] != end), 0, end)
                self.needs[keys] = np.where(known, self.needs[keys] & needs, needs)


def _is_short(tail: bytes) -> bool:
    return len(tail) - len(tail.lstrip(_OF_NUMBER)) < _LEAST


def _firsts(leads: Iterable[_Lead]) -> int:
    return reduce(int.__or__, (digits for _, _, digits in leads))


def _hash(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (sums * _MIXER) >> np.uint64(64 - _HASH_BITS)


def _is_digit(data: Bytes) -> NDArray[np.bool_]:
    return _CLASSES.take(data) == ord("9")
