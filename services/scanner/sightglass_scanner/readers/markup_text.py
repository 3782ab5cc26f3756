"""XML and HTML: scanned as text with its character references resolved."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sightglass_scanner.readers.decode import Pieces
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.rewriting import Escapes, Rewriting

_REFERENCE: Final = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


@lru_cache(maxsize=4096)
def _meaning(reference: bytes) -> bytes:
    return html.unescape(reference.decode()).encode("utf-8", "replace")


ESCAPES: Final = Escapes(b"&", 33, _REFERENCE, _meaning)


def read(pieces: Pieces) -> Iterator[Text]:
    """The text of a marked up document, tags and attributes included."""
    rewriting = Rewriting(ESCAPES)

    def locate(start: int, end: int) -> Locator:
        spot = rewriting.spot(start, end)
        return Locator(PlaceKind.TEXT, spot.offset, spot.length, line=spot.line, column=spot.column)

    for piece in rewriting.pieces(pieces()):
        yield Text(piece.data, locate, offset=piece.offset)
