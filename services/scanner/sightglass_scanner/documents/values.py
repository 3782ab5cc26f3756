"""The values that were flagged anywhere in a document, and every place of a text of it where one stands: pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sightglass_detect import Finding, Severity
from sightglass_detect.engine.words import BARRIER
from sightglass_detect.normalise import normalised
from sightglass_scanner.documents.line_ends import unwrapped

# A value that is shorter is one only as a word by itself: its digits also stand in numbers that are no such value.
_LONG_BYTES: Final = 8
# Up to so many are looked for one by one, which costs less than what it takes to look for all at once.
_FEW: Final = 8
_OF_WORDS: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") | frozenset(
    range(0x80, 0x100)
)


class FlaggedValues:
    """Values by what they are, without regard to case.

    They are found as they stand, and where the text means them: with characters that look alike or are not seen, with
    other separators between digits, over the ends of lines, or in base64, hex or URL encoding.
    """

    def __init__(self) -> None:
        self._words: dict[bytes, str] = {}
        self._runs: dict[bytes, str] = {}
        self._finder: _Finder | None = None
        self.longest = 0  # bytes of the longest value

    def __len__(self) -> int:
        return len(self._words) + len(self._runs)

    def add(self, data: bytes, finding: Finding) -> None:
        """Take the value of a finding in some bytes, in all of its forms."""
        value = data[finding.start : finding.end].lower()
        if value in self._words or value in self._runs:
            return
        self._finder = None
        self.longest = max(self.longest, len(value))
        word = len(value) < _LONG_BYTES and _is_word(data, finding.start, finding.end)
        (self._words if word else self._runs).setdefault(value, finding.detector)
        for view in normalised(value):
            for meant in view.data.split(BARRIER):
                if len(meant) >= _LONG_BYTES:
                    self._runs.setdefault(meant, finding.detector)

    def places(self, data: bytes) -> list[Finding]:
        """Where values stand in some bytes, overlapping ones too; in order of their starts."""
        if not self._words and not self._runs:
            return []
        if self._finder is None:
            self._finder = _Finder(self._words, self._runs)
        found = self._finder.meant(data)
        lines = unwrapped(data, doubtful=False)
        if lines is not None:
            found += [placed for one in self._finder.meant(lines.data) if (placed := lines.placed(one)) is not None]
        return sorted(found)


class _Finder:
    def __init__(self, words: Mapping[bytes, str], runs: Mapping[bytes, str]) -> None:
        self._words, self._runs = _table(words), _table(runs)

    def meant(self, data: bytes) -> list[Finding]:
        """Where values stand, or are meant."""
        found = list(self.find(data))
        for view in normalised(data):
            found += [placed for one in self.find(view.data) if (placed := view.placed(one)) is not None]
        return found

    def find(self, data: bytes) -> Iterator[Finding]:
        """Where values stand."""
        lowered = data.lower()
        for start, end, detector in self._words.find(lowered):
            if _is_word(lowered, start, end):
                yield _found(start, end, detector)
        for start, end, detector in self._runs.find(lowered):
            yield _found(start, end, detector)


class _Few:
    def __init__(self, values: Mapping[bytes, str]) -> None:
        self._values = values

    def find(self, data: bytes) -> Iterator[tuple[int, int, str]]:
        for value, detector in self._values.items():
            at = data.find(value)
            while at >= 0:
                yield at, at + len(value), detector
                at = data.find(value, at + 1)


class _Many:
    """One expression finds where the first bytes of any value may be, and a look at a table what is there."""

    def __init__(self, values: Mapping[bytes, str]) -> None:
        self._values = values
        self._head = min(_LONG_BYTES, *map(len, values))
        lengths: defaultdict[bytes, set[int]] = defaultdict(set)
        for value in values:
            lengths[value[: self._head]].add(len(value))
        self._lengths = {head: sorted(some, reverse=True) for head, some in lengths.items()}
        signs = (sorted({head[i] for head in lengths}) for i in range(self._head))
        self._maybe = re.compile(b"(?=" + b"".join(map(_any_of, signs)) + b")")

    def find(self, data: bytes) -> Iterator[tuple[int, int, str]]:
        lengths, head = self._lengths, self._head
        for match in self._maybe.finditer(data):
            start = match.start()
            for length in lengths.get(data[start : start + head], ()):
                detector = self._values.get(data[start : start + length])
                if detector is not None and start + length <= len(data):
                    yield start, start + length, detector
                    break  # what is shorter lies within


def _table(values: Mapping[bytes, str]) -> _Few | _Many:
    return _Few(values) if len(values) <= _FEW else _Many(values)


def _any_of(signs: Iterable[int]) -> bytes:
    return b"[" + b"".join(b"\\x%02x" % sign for sign in signs) + b"]"


def _is_word(data: bytes, start: int, end: int) -> bool:
    """Whether no letter or digit stands beside a value."""
    before = start > 0 and data[start - 1] in _OF_WORDS
    return not before and not (end < len(data) and data[end] in _OF_WORDS)


def _found(start: int, end: int, detector: str) -> Finding:
    return Finding(start, end, detector, 1.0, Severity.HIGH)


def whole_characters(data: bytes, places: Iterable[Finding]) -> list[tuple[int, int, str]]:
    """Start, end and detector in order, each moved outwards to where characters of UTF-8 begin and end."""
    moved: list[tuple[int, int, str]] = []
    for place in places:
        start, end = place.start, place.end
        while start > 0 and _goes_on(data, start):
            start -= 1
        while end < len(data) and _goes_on(data, end):
            end += 1
        moved.append((start, end, place.detector))
    return moved


def _goes_on(data: bytes, at: int) -> bool:
    return data[at] & 0xC0 == 0x80
