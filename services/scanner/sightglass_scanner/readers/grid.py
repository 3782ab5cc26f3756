"""Tables that are no text: rows of cells, scanned as lines of cells parted by tabs, with their columns handed out."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Final

from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reading import Column, Text
from sightglass_scanner.readers.recent import Recent

_PIECE_BYTES: Final = 256 * 1024

# What would part a cell in two.
_FLAT: Final = str.maketrans("\t\r\n\v\f\0", "      ")

# A row: what names it for its place (its number, or its rowid), and its cells.
Row = tuple[int, Sequence[str]]
# The place of a cell, given its row's name, its column, from 0, and a character of it, from 0.
Cell = Callable[[int, int, int], Locator]


@dataclass(frozen=True, slots=True)
class _Rows:
    data: bytes
    offset: int
    starts: list[int]
    rows: list[int]
    cells: list[Sequence[str]]


def texts(rows: Iterable[Row], names: Sequence[str], cell: Cell) -> Iterator[Text]:
    """The rows as one stretch. names: of the columns, as far as they have any; a header is no row then.

    Tabs and line ends within a cell are given as spaces, so that no value is parted from its cell.
    """
    recent: Recent[_Rows] = Recent()
    for piece in _pieces(rows):
        recent.add(piece)
        columns = partial(_columns, piece, names, cell)
        yield Text(piece.data, partial(_locate, recent, cell), offset=piece.offset, columns=columns)


def _pieces(rows: Iterable[Row]) -> Iterator[_Rows]:
    lines: list[bytes] = []
    piece = _Rows(b"", 0, [], [], [])
    size = 0
    for number, cells in rows:
        flat = [value.translate(_FLAT) if not value.isprintable() else value for value in cells]
        piece.starts.append(size)
        piece.rows.append(number)
        piece.cells.append(flat)
        lines.append("\t".join(flat).encode("utf-8", "replace") + b"\n")
        size += len(lines[-1])
        if size >= _PIECE_BYTES:
            yield replace(piece, data=b"".join(lines))
            piece = _Rows(b"", piece.offset + size, [], [], [])
            lines, size = [], 0
    if lines:
        yield replace(piece, data=b"".join(lines))


def _locate(recent: Recent[_Rows], cell: Cell, start: int, end: int) -> Locator:
    del end  # a place is where something begins
    rows = recent.at(start)
    within = start - rows.offset
    i = bisect_right(rows.starts, within) - 1
    before = rows.data[rows.starts[i] : within].decode("utf-8", "ignore")
    return cell(rows.rows[i], before.count("\t"), len(before) - before.rfind("\t") - 1)


def _columns(rows: _Rows, names: Sequence[str], cell: Cell) -> list[Column]:
    values = zip_longest(*rows.cells, fillvalue="")
    return [
        Column(
            names[i].encode("utf-8", "replace") if i < len(names) else b"",
            [value.encode("utf-8", "replace") for value in column],
            partial(_value, rows.rows, cell, i),
        )
        for i, column in enumerate(values)
    ]


def _value(rows: Sequence[int], cell: Cell, column: int, index: int) -> Locator:
    return cell(rows[index], column, 0)
