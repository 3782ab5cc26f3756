"""Text of any format that is read as it stands: which one it is, and its reader."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from sightglass_scanner.readers import csv_text, json_text, markup_text, plain_text
from sightglass_scanner.readers.csv_rows import dialect
from sightglass_scanner.readers.decode import BLOCK_BYTES, HEAD_BYTES, Pieces, decoded, held
from sightglass_scanner.readers.json_path import shape
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.source import Source

# Where tags begin a text that is no XML: a page, or a fragment of one.
_MARKUP: Final = (b"<?xml", b"<!doctype", b"<html", b"<svg", b"<!--", b"<rss", b"<feed")
# Names of what is written in lines of few or many commas, and is no table.
_PROGRAMS: Final = (".c", ".css", ".go", ".h", ".java", ".js", ".md", ".py", ".rs", ".sh", ".sql", ".ts")


def read_text(source: Source, name: str, block_bytes: int = BLOCK_BYTES) -> Iterator[Text]:
    """The text of an object that sniff() takes for text."""
    piece = next(decoded(source, HEAD_BYTES), None)
    size_bytes = source.size_bytes
    whole = size_bytes is not None and size_bytes <= HEAD_BYTES
    return _read(piece.data if piece else b"", partial(decoded, source, block_bytes), name, whole=whole)


def read_held(data: bytes, name: str) -> Iterator[Text]:
    """The same of an object that is held as a whole, at most HEAD_BYTES of it."""
    pieces = held(data)
    return _read(pieces[0].data if pieces else b"", lambda: pieces, name, whole=True)


def _read(head: bytes, pieces: Pieces, name: str, *, whole: bool) -> Iterator[Text]:
    if found := shape(head):
        return json_text.read(pieces, found)
    if _is_markup(head):
        return markup_text.read(pieces)
    if not name.lower().endswith(_PROGRAMS) and (table := dialect(head, name, whole=whole)):
        return csv_text.read(pieces, table)
    return plain_text.read(pieces)


def _is_markup(head: bytes) -> bool:
    start = head[:512].lstrip()
    return start.startswith(b"<") and (start.lower().startswith(_MARKUP) or b"</" in head)
