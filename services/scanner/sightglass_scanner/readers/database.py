"""SQLite databases. A place is a column of a row of a table."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from sightglass_scanner.readers import grid
from sightglass_scanner.readers.grid import Row
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Piece, Skipped, SkipReason
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.sqlite_pages import DamagedError, Pages, Record

# How long SQLite may take over one table's definition, in steps of its machine.
_MOST_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    root: int
    columns: tuple[str, ...]
    key: int | None  # the column that is the rowid, and is stored as nothing

    def cell(self, row: int, column: int, character: int) -> Locator:
        del character
        name = self.columns[column] if column < len(self.columns) else str(column + 1)
        return Locator(PlaceKind.CELL, table=self.name, row=row, field=name)

    def row(self, number: int, record: Record) -> Row:
        rowid = number if record.rowid is None else record.rowid
        values: list[object] = list(record.values)
        if self.key is not None and self.key < len(values):
            values[self.key] = rowid
        return rowid, [_said(value) for value in values]


def read(source: Source) -> Iterator[Piece]:
    """All rows of all tables; what of a table cannot be read is reported. Raises Refused."""
    try:
        pages = Pages(source)
        tables = [table for record in pages.records(1) if (table := _table(record))]
    except DamagedError:
        yield Skipped(SkipReason.DAMAGED, None, "its list of tables")
        return
    for table in tables:
        rows = _Rows(pages, table)
        yield from grid.texts(rows.read(), table.columns, table.cell)
        if rows.is_damaged:
            yield Skipped(SkipReason.DAMAGED, Locator(PlaceKind.CELL, table=table.name))


class _Rows:
    def __init__(self, pages: Pages, table: _Table) -> None:
        self._pages = pages
        self._table = table
        self.is_damaged = False

    def read(self) -> Iterator[Row]:
        try:
            for number, record in enumerate(self._pages.records(self._table.root), 1):
                yield self._table.row(number, record)
        except DamagedError:
            self.is_damaged = True


def _table(record: Record) -> _Table | None:
    kind, name, _, root, sql = (*record.values, None, None, None, None, None)[:5]
    if kind != "table" or not isinstance(name, str) or not isinstance(root, int) or not root:
        return None
    columns, key = _columns(sql if isinstance(sql, str) else "")
    return _Table(name, root, columns, key)


def _columns(sql: str) -> tuple[tuple[str, ...], int | None]:
    """Stored columns in the order of their values, and which is the rowid; none where SQLite does not take the SQL."""
    if not sql.lstrip()[:12].lower().startswith("create table") or " as select" in sql.lower():
        return (), None
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as scratch:
        scratch.set_progress_handler(lambda: 1, _MOST_STEPS)
        try:
            scratch.execute(sql)
            (name,) = scratch.execute("select name from sqlite_schema where type = 'table'").fetchone()
            # hidden 2: a generated column that is not stored.
            rows = scratch.execute("select name, type, pk, hidden from pragma_table_xinfo(?)", [name]).fetchall()
            without = scratch.execute("select wr from pragma_table_list(?)", [name]).fetchone()[0]
        except (sqlite3.Error, sqlite3.Warning, TypeError):
            return (), None
    stored = [row for row in rows if row[3] != 2]
    if without:
        return tuple(row[0] for row in [*_keys(stored), *(row for row in stored if not row[2])]), None
    keys = _keys(stored)
    is_rowid = len(keys) == 1 and str(keys[0][1]).upper() == "INTEGER"
    return tuple(row[0] for row in stored), stored.index(keys[0]) if is_rowid else None


def _keys(rows: Sequence[tuple[str, str, int, int]]) -> list[tuple[str, str, int, int]]:
    return sorted((row for row in rows if row[2]), key=lambda row: row[2])


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        # Text is often stored as a blob; what is none is shown as little of it as reads as text.
        return value.decode("utf-8", "replace").replace("\ufffd", " ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)
