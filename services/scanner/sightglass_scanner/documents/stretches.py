"""A stretch of text that is held until all values of its document are known, then cut and redacted."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sightglass_scanner.asked import located
from sightglass_scanner.documents.cutting import cut_after
from sightglass_scanner.documents.values import FlaggedValues, whole_characters
from sightglass_scanner.readers.reading import Text

# What is looked through for values at once, and the least that two such windows share.
_WINDOW_BYTES: Final = 256 * 1024
_SHARED_BYTES: Final = 8192

# Start, end and detector of what is to be replaced, in bytes.
Span: TypeAlias = tuple[int, int, str]
# A place in the object, as `Locator.as_json` gives it.
Place: TypeAlias = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Raw:
    """A passage before it is redacted. spans: in bytes of `data`, none of which overlap."""

    data: bytes
    spans: Sequence[Span]
    place: Place


class Stretch:
    """Pieces in order. Where a passage may begin is told while the reader still knows the place of it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._offsets: list[int] = []
        self._size = 0
        self._starts: list[int] = []
        self._places: list[Place] = []
        self._rest = b""
        self._last: Text | None = None

    def take(self, text: Text) -> Sequence[Place]:
        """Go on with the next piece; the places of the passages that begin by now."""
        self._pieces.append(text.data)
        self._offsets.append(self._size)
        self._size += len(text.data)
        self._last = text
        return self._cut(self._rest + text.data, final=False)

    def end(self) -> Sequence[Place]:
        """There are no more pieces; the places of the last passages."""
        begun = self._cut(self._rest, final=True)
        self._last = None
        return begun

    def _cut(self, data: bytes, *, final: bool) -> Sequence[Place]:
        known, base, at = len(self._places), self._size - len(data), 0
        while (end := cut_after(data, at, final=final)) is not None:
            self._begin(data, at, end, base)
            at = end
        if final and at < len(data):
            self._begin(data, at, len(data), base)
        self._rest = b"" if final else data[at:]
        return self._places[known:]

    def _begin(self, data: bytes, at: int, end: int, base: int) -> None:
        blank = end - at - len(data[at:end].lstrip())
        if self._last is not None and blank < end - at:
            start = base + at + blank
            self._starts.append(start)
            self._places.append(located(self._last.locate, start, start + 1).as_json())

    def passages(self, values: FlaggedValues) -> Iterator[Raw]:
        """The passages, with what is to be replaced in them. One that would end within a value goes on behind it."""
        spans = self._spans(values)
        ahead = next(spans, None)
        within: list[Span] = []
        first = 0
        for number in range(len(self._starts)):
            last = number + 1 == len(self._starts)
            end = self._size if last else self._starts[number + 1]
            while ahead is not None and ahead[0] < end:
                within.append(ahead)
                ahead = next(spans, None)
            if within and within[-1][1] > end:
                continue
            start = self._starts[first]
            moved = [(max(0, a - start), b - start, detector) for a, b, detector in within]
            yield Raw(self._between(start, end), moved, self._places[first])
            within.clear()
            first = number + 1

    def _spans(self, values: FlaggedValues) -> Iterator[Span]:
        """What is to be replaced: in order, and what overlaps as one, as what begins first is."""
        held: Span | None = None
        for start, end, detector in self._seen(values):
            if held is None or start >= held[1]:
                if held is not None:
                    yield held
                held = (start, end, detector)
            elif end > held[1]:
                held = (held[0], end, held[2])
        if held is not None:
            yield held

    def _seen(self, values: FlaggedValues) -> Iterator[Span]:
        if not len(values):
            return
        shared = max(_SHARED_BYTES, 4 * values.longest)
        step, told_to, at = max(_WINDOW_BYTES, shared), 0, 0
        while told_to < self._size:
            end = min(at + step + shared, self._size)
            to = self._size if end == self._size else end - shared // 2
            window = self._between(at, end)
            for start, stop, detector in whole_characters(window, values.places(window)):
                if told_to <= at + start < to:
                    yield at + start, at + stop, detector
            told_to, at = to, end - shared

    def _between(self, start: int, end: int) -> bytes:
        first = bisect_right(self._offsets, start) - 1
        parts: list[bytes] = []
        for offset, piece in zip(self._offsets[first:], self._pieces[first:], strict=True):
            if offset >= end:
                break
            parts.append(piece[max(0, start - offset) : end - offset])
        return b"".join(parts)
