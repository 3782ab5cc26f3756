"""Rows of a CSV file of an inventory: gzip, no header, and no line end within a value, as keys are as in a URL."""

import csv
import gzip
import zlib
from collections.abc import Sequence
from typing import Final

from sightglass_common.inventory_errors import InventoryBroken
from sightglass_scanner.inventory.entries import FIELDS
from sightglass_scanner.inventory.piece import Place
from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.source import Source

# A key has 3 KiB at most as a URL has it; a list of grants in base64 may be some tens.
_LONGEST_LINE_BYTES: Final = 1024**2
# Text of a piece that has fewer rows than it might.
_PIECE_BYTES: Final = 64 * 1024**2


def read_csv(
    source: Source, columns: Sequence[str], place: Place, most: int
) -> tuple[list[list[object]], Place | None]:
    """Up to `most` rows, of FIELDS, from a place on, and the place behind them; None: the end of the file.

    columns: as in a Manifest. Raises InventoryBroken, and what the source raises.
    """
    rows: list[list[object]] = []
    try:
        with gzip.GzipFile(fileobj=opened(source), mode="rb") as text:
            text.seek(place.at)
            end = place.at + _PIECE_BYTES
            while len(rows) < most and text.tell() < end:
                line = text.readline(_LONGEST_LINE_BYTES)
                if not line:
                    return rows, None
                rows.append(_row(line, columns))
            return rows, Place(0, text.tell())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InventoryBroken("A file of the inventory is no whole gzip file.") from error


def _row(line: bytes, columns: Sequence[str]) -> list[object]:
    try:
        values = next(csv.reader([line.decode()], strict=True))
    except (ValueError, csv.Error) as error:
        raise InventoryBroken("A line of the inventory is no CSV.") from error
    if len(values) != len(columns):
        raise InventoryBroken(f"A line of the inventory has {len(values)} fields, its manifest names {len(columns)}.")
    named = dict(zip(columns, values, strict=True))
    return [named.get(field) for field in FIELDS]
