"""CSV and the like: scanned as text as it stands, in pieces of whole rows; places are cells."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice, repeat, zip_longest
from typing import Final

from sightglass_scanner.readers.cells import cell_name, column_letters
from sightglass_scanner.readers.csv_rows import Dialect, fields, row_ends
from sightglass_scanner.readers.decode import Pieces, with_last
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Column, Glance, Text
from sightglass_scanner.readers.recent import Recent
from sightglass_scanner.readers.trail import Trail

# A longer row is a quote that was never closed: the rest is read as text without cells.
_MOST_ROW_BYTES: Final = 2 * 1024 * 1024


@dataclass(slots=True)
class _Rows:
    """Whole rows. row: how many are before them. plain: whether no field is quoted, so that each line is a row."""

    data: bytes
    offset: int
    row: int
    count: int
    plain: bool
    seen: int = 0  # a row begins here
    passed: int = 0  # as so many rows end before


class _Table:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.trail = Trail()
        self.recent: Recent[_Rows] = Recent()
        self._row = dialect.row
        self._field = dialect.field
        self._broken_at: int | None = None

    def pieces(self, pieces: Pieces) -> Iterator[_Rows]:
        held, offset, row = b"", 0, 0
        for piece, last in with_last(pieces()):
            self.trail.add(piece)
            data = held + piece.data if held else piece.data
            end, count = self._cut(data)
            if len(data) - end > _MOST_ROW_BYTES and self._broken_at is None:
                self._broken_at = offset + end
            if last or self._broken_at is not None:
                end = len(data)
            if end:
                self.recent.add(rows := _Rows(data[:end], offset, row, count, b'"' not in data))
                yield rows
            held, offset, row = data[end:], offset + end, row + count

    def _cut(self, data: bytes) -> tuple[int, int]:
        """Where the last whole row ends, and how many there are."""
        if b'"' not in data or b"\n" not in b"".join(data.split(b'"')[1::2]):
            return data.rfind(b"\n") + 1, data.count(b"\n")
        end = count = 0
        for end in row_ends(data, self._row):  # noqa: B007 -- the last is wanted
            count += 1
        return end, count

    def locate(self, start: int, end: int) -> Locator:
        spot = self.trail.spot(start, end)
        row = column = None
        if self._broken_at is None or start < self._broken_at:
            row, column = self._cell(start)
        return Locator(
            PlaceKind.TEXT if column is None else PlaceKind.CELL,
            spot.offset,
            spot.length,
            line=spot.line,
            column=spot.column,
            row=row,
            cell=None if row is None or column is None else cell_name(row, column),
            field=None if column is None else self.name(column),
        )

    def name(self, column: int) -> str:
        names = self.dialect.names
        return names[column] if column < len(names) and names[column] else column_letters(column)

    def _cell(self, offset: int) -> tuple[int, int]:
        """Row, from 1, and column, from 0, of a byte of the text."""
        rows = self.recent.at(offset)
        within = offset - rows.offset
        if within < rows.seen:
            rows.seen = rows.passed = 0
        if rows.plain:
            start = rows.data.rfind(b"\n", rows.seen, within) + 1 or rows.seen
            rows.passed += rows.data.count(b"\n", rows.seen, start)
            rows.seen = start
            return rows.row + rows.passed + 1, rows.data.count(self.dialect.delimiter, start, within)
        for end in row_ends(rows.data, self._row, rows.seen):
            if end > within:
                break
            rows.seen, rows.passed = end, rows.passed + 1
        column = 0
        for column, (_, end) in enumerate(fields(rows.data, rows.seen, self._field)):  # noqa: B007
            if end >= within:
                break
        return rows.row + rows.passed + 1, column

    def columns(self, rows: _Rows) -> Sequence[Column]:
        if self._broken_at is not None and rows.offset + len(rows.data) > self._broken_at:
            return ()
        table = _parsed(rows.data, self.dialect.delimiter)
        # Of a last row without a line end nobody knows whether it is whole.
        if table is None or not len(table) <= rows.count + 1 <= len(table) + 1:
            return ()
        first = self._head(rows)
        values = zip_longest(*table[first:], fillvalue=b"")
        return [
            Column(self._header(i), column, partial(self._value, rows, first, i)) for i, column in enumerate(values)
        ]

    def glance(self, rows: _Rows) -> Glance | None:
        data = rows.data
        if b'"' in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
            return None
        return Glance(rows.count + 1, _encoded(self.dialect.names), partial(self._first, rows))

    def _first(self, rows: _Rows, most: int) -> Sequence[Sequence[bytes]]:
        delimiter, lines = self.dialect.delimiter, rows.data.split(b"\n")
        head = self._head(rows)
        some = [line.split(delimiter) for line in lines[head : head + most]]
        columns = list(zip_longest(*some, fillvalue=b""))
        width = max(map(bytes.count, lines, repeat(delimiter))) + 1
        return [*columns, *((),) * (width - len(columns))]

    def _head(self, rows: _Rows) -> int:
        """How many of the rows are a header."""
        return 1 if rows.row == 0 and self.dialect.names else 0

    def _header(self, column: int) -> bytes:
        names = self.dialect.names
        return names[column].encode() if column < len(names) else b""

    def _value(self, rows: _Rows, first: int, column: int, index: int) -> Locator:
        row = first + index
        if row == 0:
            start = 0
        elif rows.plain:
            start = len(rows.data) - len(rows.data.split(b"\n", row)[row])
        else:
            start = next(islice(row_ends(rows.data, self._row), row - 1, None))
        spans = list(fields(rows.data, start, self._field))
        start, end = spans[min(column, len(spans) - 1)]
        return self.locate(rows.offset + start, rows.offset + end)


@lru_cache(maxsize=64)
def _encoded(names: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(map(str.encode, names))


def read(pieces: Pieces, dialect: Dialect) -> Iterator[Text]:
    """The text of a table."""
    table = _Table(dialect)
    for rows in table.pieces(pieces):
        columns: Callable[[], Sequence[Column]] = partial(table.columns, rows)
        yield Text(rows.data, table.locate, offset=rows.offset, columns=columns, glance=table.glance(rows))


def _parsed(data: bytes, delimiter: bytes) -> list[list[bytes]] | None:
    if b'"' not in data and b"\r" not in data:
        lines = data.split(b"\n")
        return [line.split(delimiter) if line else [] for line in (lines if lines[-1] else lines[:-1])]
    csv.field_size_limit(_MOST_ROW_BYTES)
    try:
        rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter.decode())
        return [[field.encode() for field in row] for row in rows]
    except csv.Error:
        return None
