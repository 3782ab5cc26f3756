"""JSON and JSON Lines: scanned as text with its escapes resolved; paths are found when asked for."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sightglass_scanner.readers.decode import Pieces
from sightglass_scanner.readers.json_path import JsonShape, PathFinder, path_in_line
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.rewriting import Escapes, Rewriting

# Each as many bytes as it was, so that nothing moves.
_SIMPLE: Final = {b"n": b"\r\n", b"r": b" \r", b"t": b" \t", b"b": b"  ", b"f": b"  "}
_MEANINGS: Final = {**{b"\\" + escape: meaning for escape, meaning in _SIMPLE.items()}, b"\\/": b"/", b"\\\\": b"\\"}
_MOVING: Final = frozenset((b"u", b"/", b""))  # the last is what stands between two backslashes
# A run of escaped characters is one match; a lone surrogate is only told once what follows is there.
_ESCAPE: Final = re.compile(
    rb"(?:\\u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?![dD][89abAB])[0-9a-fA-F]{4})){1,256}"
    rb"|\\u[0-9a-fA-F]{4}|\\[ -~]"
)


def _meaning(escape: bytes) -> bytes | None:
    if len(escape) == 2:
        return _MEANINGS.get(escape)
    return _unescaped(escape)


@lru_cache(maxsize=4096)
def _unescaped(escape: bytes) -> bytes:
    units = bytes.fromhex(escape.replace(b"\\u", b"").decode())
    return units.decode("utf-16-be", "replace").encode()


def _taken(meaning: bytes) -> int:
    return sum(6 if char < "\U00010000" else 12 for char in meaning.decode("utf-8", "ignore"))


def _simple(data: bytes) -> bytes | None:
    kinds = {part[:1] for part in data.split(b"\\")[1:]}
    if not kinds.isdisjoint(_MOVING):
        return None
    for kind in kinds & _SIMPLE.keys():
        data = data.replace(b"\\" + kind, _SIMPLE[kind])
    return data


ESCAPES: Final = Escapes(b"\\", 12, _ESCAPE, _meaning, _taken, _simple)


def read(pieces: Pieces, shape: JsonShape) -> Iterator[Text]:
    """The text of a JSON document, or of one on each line."""
    rewriting = Rewriting(ESCAPES)
    finder = PathFinder(pieces)

    def locate(start: int, end: int) -> Locator:
        spot, origin = rewriting.spot(start, end), rewriting.origin(start)
        path = path_in_line(rewriting.trail, origin) if shape is JsonShape.LINES else finder.path(origin)
        return Locator(PlaceKind.TEXT, spot.offset, spot.length, line=spot.line, column=spot.column, path=path)

    for piece in rewriting.pieces(pieces()):
        yield Text(piece.data, locate, offset=piece.offset)
