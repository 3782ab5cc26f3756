"""Text that is put together of pieces which each have a place of their own: paragraphs, pages, cells."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.recent import Recent

PIECE_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """A line of such text. at: its place, given a character of it, from 0."""

    text: str
    at: Callable[[int], Locator]


@dataclass(frozen=True, slots=True)
class _Piece:
    data: bytes
    offset: int
    starts: Sequence[int]
    segments: Sequence[Segment]


def texts(segments: Iterable[Segment], labels: bytes = b"") -> Iterator[Text]:
    """The lines as one stretch. Line ends within a segment stay."""
    recent: Recent[_Piece] = Recent()
    locate = partial(_locate, recent)
    offset, size = 0, 0
    lines: list[bytes] = []
    starts: list[int] = []
    held: list[Segment] = []
    for segment in segments:
        lines.append(segment.text.encode("utf-8", "replace"))
        starts.append(size)
        held.append(segment)
        size += len(lines[-1]) + 1
        if size >= PIECE_BYTES:
            recent.add(piece := _Piece(b"\n".join(lines) + b"\n", offset, starts, held))
            yield Text(piece.data, locate, labels, offset)
            offset, size, lines, starts, held = offset + size, 0, [], [], []
    if held:
        recent.add(piece := _Piece(b"\n".join(lines) + b"\n", offset, starts, held))
        yield Text(piece.data, locate, labels, offset)


def _locate(recent: Recent[_Piece], start: int, end: int) -> Locator:
    del end  # a place is where something begins
    piece = recent.at(start)
    within = start - piece.offset
    i = bisect_right(piece.starts, within) - 1
    return piece.segments[i].at(len(piece.data[piece.starts[i] : within].decode("utf-8", "ignore")))
