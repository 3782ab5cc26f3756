"""A table is scanned as text; a place is a cell, and its columns are handed out."""

import csv
import io
import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scanner.readers.looking import look, seen, texts_of

from sightglass_scanner.readers import csv_text
from sightglass_scanner.readers.cells import cell_name
from sightglass_scanner.readers.csv_rows import Dialect, dialect
from sightglass_scanner.readers.decode import decoded
from sightglass_scanner.readers.locator import PlaceKind
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.source import BytesSource

NEEDLE = "ann@example.com"
TABLE = f'id,full name,mail\r\n1,"Doe, Ann",{NEEDLE}\r\n2,"two\nlines ""q""",x\r\n3,Bob,bob@example.com\r\n'


def text_of(data: bytes, name: str = "") -> Text:
    (text,) = texts_of(data, name)
    return text


def test_a_place_is_a_cell_with_its_header() -> None:
    found = look(TABLE.encode(), NEEDLE, "bob@example.com")
    first, last = found.only(NEEDLE), found.only("bob@example.com")
    assert (first.kind, first.row, first.cell, first.field) == (PlaceKind.CELL, 2, "C2", "mail")
    assert (first.line, first.column) == (2, 14)
    assert (last.row, last.cell, last.line) == (4, "C4", 5)


def test_columns_are_handed_out_with_places() -> None:
    columns = text_of(TABLE.encode()).columns
    assert columns is not None
    ids, names, mails = columns()
    assert (ids.name, list(ids.values)) == (b"id", [b"1", b"2", b"3"])
    assert (names.name, list(names.values)) == (b"full name", [b"Doe, Ann", b'two\nlines "q"', b"Bob"])
    place = mails.locate(2)
    assert (place.cell, place.field, place.line) == ("C4", "mail", 5)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = [["name", "city"], ["Ann", "Rome, Italy; or so"], ["Bob", NEEDLE], ["Eve", "a|b"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    place = look(out.getvalue().encode(), NEEDLE).only(NEEDLE)
    assert (place.cell, place.field) == ("B3", "city")


def test_a_table_without_a_header_has_letters() -> None:
    data = b"1,2,3\n4,5," + NEEDLE.encode() + b"\n7,8,9\n"
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.cell, place.field) == ("C2", "C")


def test_the_ending_of_the_name_decides_for_one_row() -> None:
    data = b"Ann," + NEEDLE.encode() + b"\n"
    assert look(data, NEEDLE, name="x.csv").only(NEEDLE).cell == "B1"
    assert look(data, NEEDLE).only(NEEDLE).cell is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01 10:00:00,123 INFO started\n2024-01-01 10:00:01,456 INFO went on\n" * 3,
        "Dear Ann, hello.\nDear Bob, hello.\nDear Eve, hello.\n",
        "x = (1, 2)\ny = f(a, b)\n",
    ],
)
def test_lines_with_a_comma_each_are_no_table(text: str) -> None:
    assert dialect(text.encode(), "", whole=True) is None


def test_rows_of_different_length_keep_their_cells() -> None:
    data = b"a,b,c\n" + b"1,2,3\n" * 20 + b"1," + NEEDLE.encode() + b"\n1,2,3,4,bob@example.com\n"
    found = look(data, NEEDLE, "bob@example.com")
    assert (found.only(NEEDLE).cell, found.only("bob@example.com").cell) == ("B22", "E23")
    assert found.only("bob@example.com").field == "E"


def test_the_first_cell_of_a_row_is_not_of_the_row_before() -> None:
    data = b"mail,b\n" + b"x,2\n" * 5 + NEEDLE.encode() + b",2\n"
    assert look(data, NEEDLE).only(NEEDLE).cell == "A7"


def test_a_quote_that_never_closes_leaves_text() -> None:
    data = b"a,b\n1,2\n3,4\n" + b'5,"' + b"x\n" * 1_500_000 + NEEDLE.encode() + b"\n"
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.cell, place.line, place.column) == (None, 1_500_004, 1)


def test_a_quote_within_a_field_is_a_character() -> None:
    data = b'size,mail\n5" pipe,x\n7" pipe,' + NEEDLE.encode() + b"\n"
    assert look(data, NEEDLE).only(NEEDLE).cell == "B3"


CELLS = st.text('ab,"\n é', max_size=5)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), block=st.integers(8, 64))
def test_cells_are_those_that_were_written_at_any_split(rows: list[list[str]], block: int) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["x", "y", "z"], *rows, ["1", NEEDLE, "3"]])
    data = out.getvalue().encode()
    table = Dialect(b",", ("x", "y", "z"))
    whole = seen(csv_text.read(partial(decoded, BytesSource(data)), table), NEEDLE)
    split = seen(csv_text.read(partial(decoded, BytesSource(data), block), table), NEEDLE)
    assert whole.only(NEEDLE).cell == f"B{len(rows) + 2}"
    assert whole.only(NEEDLE).offset == data.index(NEEDLE.encode())
    assert split.places == whole.places
    given_out: list[list[bytes]] = [[], [], []]
    for text in csv_text.read(partial(decoded, BytesSource(data), block), table):
        assert text.columns is not None
        for values, column in zip(given_out, text.columns(), strict=False):
            values.extend(column.values)
    expected = zip(*rows, ["1", NEEDLE, "3"], strict=True)
    assert given_out == [[value.encode() for value in column] for column in expected]


ROWS = st.lists(st.lists(st.text("ab é", max_size=3), min_size=1, max_size=4), min_size=1, max_size=8)


@given(rows=ROWS, order=st.randoms(use_true_random=False))
def test_each_byte_of_a_table_without_quotes_is_in_its_cell(rows: list[list[str]], order: random.Random) -> None:
    data = "".join(",".join(row) + "\n" for row in rows).encode()
    cells = [
        cell_name(row, column)
        for row, cells in enumerate(rows, 1)
        for column, cell in enumerate(cells)
        for _ in f"{cell},".encode()  # what ends it, too
    ]
    (text,) = csv_text.read(partial(decoded, BytesSource(data)), Dialect(b",", ()))
    places = list(enumerate(cells))
    order.shuffle(places)
    assert [text.locate(at, at + 1).cell for at, _ in places] == [cell for _, cell in places]
    assert text.columns is not None
    for number, column in enumerate(text.columns()):
        there = [row for row, cells in enumerate(rows) if number < len(cells)]
        assert [column.locate(row).cell for row in there] == [cell_name(row + 1, number) for row in there]
