"""Text of any format that is read as it stands: which one it is, and its reader."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from sightglass_scanner.readers import csv_text, json_text, markup_text, plain_text
from sightglass_scanner.readers.csv_rows import dialect
from sightglass_scanner.readers.decode import BLOCK_BYTES, HEAD_BYTES, decoded
from sightglass_scanner.readers.json_path import shape
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.source import Source

# Where tags begin a text that is no XML: a page, or a fragment of one.
_MARKUP: Final = (b"<?xml", b"<!doctype", b"<html", b"<svg", b"<!--", b"<rss", b"<feed")
# Names of what is written in lines of few or many commas, and is no table.
_PROGRAMS: Final = frozenset({".c", ".css", ".go", ".h", ".java", ".js", ".md", ".py", ".rs", ".sh", ".sql", ".ts"})


def read_text(source: Source, name: str, block_bytes: int = BLOCK_BYTES) -> Iterator[Text]:
    """The text of an object that sniff() takes for text."""
    piece = next(decoded(source, HEAD_BYTES), None)
    head = piece.data if piece else b""
    if found := shape(head):
        return json_text.read(source, found, block_bytes)
    if _is_markup(head):
        return markup_text.read(source, block_bytes)
    if PurePosixPath(name).suffix.lower() not in _PROGRAMS:
        size_bytes = source.size_bytes
        whole = size_bytes is not None and size_bytes <= HEAD_BYTES
        if table := dialect(head, name, whole=whole):
            return csv_text.read(source, table, block_bytes)
    return plain_text.read(source, block_bytes)


def _is_markup(head: bytes) -> bool:
    start = head[:512].lstrip().lower()
    if start.startswith(_MARKUP):
        return True
    return start.startswith(b"<") and b"</" in head
