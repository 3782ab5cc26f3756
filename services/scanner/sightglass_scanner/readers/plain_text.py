"""Text of any kind as it stands: logs, source, Markdown, YAML, TOML, INI and the like."""

from collections.abc import Iterator

from sightglass_scanner.readers.decode import Pieces
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.trail import Trail


def read(pieces: Pieces) -> Iterator[Text]:
    """A text."""
    trail = Trail()

    def locate(start: int, end: int) -> Locator:
        spot = trail.spot(start, end)
        return Locator(PlaceKind.TEXT, spot.offset, spot.length, line=spot.line, column=spot.column)

    for piece in pieces():
        trail.add(piece)
        if piece.data:
            yield Text(piece.data, locate, offset=piece.offset)
