"""What the tests of readers look at: the text of an object, and the places in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.reading import Ended, Handed, Piece, Skipped, Text
from sightglass_scanner.readers.source import BytesSource


@dataclass
class Seen:
    """All that came of an object. places: of each needle, in order."""

    stretches: list[bytes] = field(default_factory=list)
    places: dict[str, list[Locator]] = field(default_factory=dict)
    labels: dict[str, list[bytes]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    ended: bool = False

    def only(self, needle: str) -> Locator:
        """The place of what is there once."""
        (place,) = self.places.get(needle, [])
        return place


def look(data: bytes, *needles: str, name: str = "", limits: Limits | None = None) -> Seen:
    """Read an object, and find the needles in its text."""
    return seen(read(BytesSource(data), limits or Limits(), name=name), *needles)


def texts_of(data: bytes, name: str = "") -> Iterator[Text]:
    """The pieces of an object that is nothing but text, while it is read."""
    for piece in read(BytesSource(data), Limits(), name=name):
        if not isinstance(piece, Ended):
            assert isinstance(piece, Text)
            yield piece


def seen(pieces: Iterable[Piece | Ended], *needles: str) -> Seen:
    """What came of it; needles are found across pieces, and located when the piece that they end in has come."""
    result = Seen()
    for piece in pieces:
        if isinstance(piece, Skipped):
            result.skipped.append(piece)
        elif isinstance(piece, Handed):
            result.handed.append(piece)
        elif isinstance(piece, Text):
            _take(result, piece, needles)
        else:
            result.ended = True
    return result


def _take(result: Seen, piece: Text, needles: tuple[str, ...]) -> None:
    if piece.offset == 0:
        result.stretches.append(b"")
    before = result.stretches[-1]
    assert len(before) == piece.offset, "pieces of a stretch have no gaps"
    whole = result.stretches[-1] = before + piece.data
    for needle in needles:
        for start in _found(whole, needle.encode(), len(before)):
            end = start + len(needle.encode())
            result.places.setdefault(needle, []).append(piece.locate(start, end))
            result.labels.setdefault(needle, []).append(piece.labels)


def _found(whole: bytes, needle: bytes, seen_to: int) -> Iterator[int]:
    start = max(0, seen_to - len(needle) + 1)
    while (start := whole.find(needle, start)) >= 0:
        yield start
        start += 1
