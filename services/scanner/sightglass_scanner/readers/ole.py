"""Compound files: XLS, and what wraps documents that are encrypted. Other old formats of Office are not read."""

from collections.abc import Iterator
from typing import Final

from sightglass_scanner.readers import workbook
from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.reading import Piece, SkipReason
from sightglass_scanner.readers.source import Source

# Names of streams, as MS-CFB 2.6.1 has them in the directory; it lies anywhere in the file.
_WORKBOOKS: Final = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_BLOCK_BYTES: Final = 1024 * 1024


def read(source: Source) -> Iterator[Piece]:
    """The cells of an XLS. Raises Refused for all else."""
    names = set(_names(source))
    if _ENCRYPTED in names:
        raise Refused(SkipReason.ENCRYPTED)
    if names.isdisjoint(_WORKBOOKS):
        raise Refused(SkipReason.UNSUPPORTED, "an old format of Office")
    yield from workbook.read(source)


def _names(source: Source) -> Iterator[bytes]:
    at = 0
    while block := source.read(at, _BLOCK_BYTES):
        yield from (name for name in (*_WORKBOOKS, _ENCRYPTED) if name + b"\0\0" in block)
        at += max(1, len(block) - 64) if len(block) > 64 else len(block)
