"""Workbooks: XLSX, XLSB, XLS, ODS. A place is a cell of a sheet."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError

from sightglass_scanner.readers import grid
from sightglass_scanner.readers.cells import column_letters
from sightglass_scanner.readers.csv_rows import header_names
from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Piece, Skipped, SkipReason
from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.source import Source

T = TypeVar("T")

_SAMPLED_ROWS = 20
Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def read(source: Source) -> Iterator[Piece]:
    """The cells of all sheets, hidden ones too. Raises Refused, and what calamine raises."""
    try:
        workbook = _calm(lambda: CalamineWorkbook.from_filelike(opened(source)))
    except PasswordError as error:
        raise Refused(SkipReason.ENCRYPTED) from error
    for name in workbook.sheet_names:
        try:
            sheet = _calm(partial(workbook.get_sheet_by_name, name))
        except Exception as error:  # noqa: BLE001 -- one damaged sheet is not all of them
            yield Skipped(SkipReason.DAMAGED, Locator(PlaceKind.CELL, sheet=name), type(error).__name__)
            continue
        yield from _sheet(sheet)


def _calm(call: Callable[[], T]) -> T:
    """What a call of calamine gives. Its panics derive from BaseException; they are raised as ValueError."""
    try:
        return call()
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            msg = "calamine panicked"
            raise ValueError(msg) from error
        raise


def _sheet(sheet: CalamineSheet) -> Iterator[Piece]:
    if sheet.start is None:
        return
    top, left = sheet.start
    rows = ((number, [_said(value) for value in row]) for number, row in enumerate(sheet.to_python(), top + 1))
    first = list(islice(rows, _SAMPLED_ROWS))
    names = header_names([cells for _, cells in first])
    body = first[1:] if names else first
    cell = _Place(sheet.name, left, names).cell
    if names:
        yield from grid.texts(first[:1], (), cell)
    yield from grid.texts(chain(body, rows), names, cell)


def _said(value: Value) -> str:
    # A number of an account is stored as a float like any other.
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)


@dataclass(frozen=True, slots=True)
class _Place:
    sheet: str
    left: int
    names: tuple[str, ...]

    def cell(self, row: int, column: int, character: int) -> Locator:
        del character
        letters = column_letters(self.left + column)
        name = (self.names[column] if column < len(self.names) else "") or letters
        return Locator(PlaceKind.CELL, sheet=self.sheet, row=row, cell=f"{letters}{row}", field=name)
