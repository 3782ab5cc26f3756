"""SQLite, Parquet, ORC and Avro are read; a place is a column of a row of a table."""

import io
import sqlite3
from collections.abc import Sequence

import fastavro
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import orc, parquet
from tests.unit.scanner.readers.looking import look
from tests.unit.scanner.readers.packing import NEEDLE, zipped

from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.source import BytesSource
from sightglass_scanner.readers.sqlite_pages import Pages


def database(*statements: str | tuple[str, Sequence[object]]) -> bytes:
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        sql, values = (statement, ()) if isinstance(statement, str) else statement
        connection.execute(sql, values)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def test_a_place_has_table_row_and_column() -> None:
    data = database(
        "create table person (id integer primary key, name text, mail text)",
        ("insert into person values (7, 'Ann', ?)", [NEEDLE]),
        "insert into person values (9, 'Bob', 'x')",
    )
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.table, place.row, place.field) == ("person", 7, "mail")


def test_keys_and_numbers_are_values_too() -> None:
    data = database(
        "create table t (ssn integer primary key, f real)", "insert into t values (536904399, 2125551234.0)"
    )
    found = look(data, "536904399", "2125551234")
    assert found.only("536904399").field == "ssn"
    assert found.only("2125551234").field == "f"


def test_a_table_of_many_pages_is_read_whole() -> None:
    data = database(
        "create table t (a, b)",
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)"
        " insert into t select 'value ' || i, i from n",
        ("update t set a = ? where rowid = 43210", [NEEDLE]),
    )
    found = look(data, NEEDLE)
    assert (found.only(NEEDLE).row, found.only(NEEDLE).field) == (43210, "a")
    assert sum(stretch.count(b"\n") for stretch in found.stretches) == 50000


def test_a_long_value_overflows_its_page() -> None:
    data = database("create table t (a)", ("insert into t values (?)", ["x" * 100_000 + NEEDLE]))
    assert look(data, NEEDLE).only(NEEDLE).table == "t"


@pytest.mark.parametrize("without", ["", " without rowid"])
def test_values_of_any_length_are_read(without: str) -> None:
    texts = [f"{n:05}" + "x" * n for n in range(0, 1400, 3)]
    data = database(
        "pragma page_size = 512",
        f"create table t (a text primary key){without}",
        *[("insert into t values (?)", [text]) for text in texts],
    )
    # What overflows a page of an index is read by the same rule with other numbers.
    (stretch,) = look(data).stretches
    assert sorted(stretch.decode().split()) == texts


def test_a_rowid_may_be_negative() -> None:
    data = database("create table t (a)", ("insert into t (rowid, a) values (-5, ?)", [NEEDLE]))
    assert look(data, NEEDLE).only(NEEDLE).row == -5


def test_a_table_without_rowid_has_its_columns() -> None:
    data = database(
        "create table t (a text, k text primary key, b text) without rowid",
        *[
            ("insert into t values (?, ?, ?)", [f"a{n}", f"k{n:05}", NEEDLE if n == 800 else "b" * 50])
            for n in range(2000)
        ],
    )
    found = look(data, NEEDLE, "k00800", "a800\t")
    assert found.only(NEEDLE).field == "b"
    assert found.only("k00800").field == "k"


def test_columns_that_were_added_later_and_generated_ones_are_named_rightly() -> None:
    data = database(
        "create table t (a text, g text generated always as (a || 'x') virtual, b text)",
        "insert into t (a, b) values ('1', '2')",
        "alter table t add column c text",
        ("insert into t (a, b, c) values ('1', '2', ?)", [NEEDLE]),
    )
    assert look(data, NEEDLE).only(NEEDLE).field == "c"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_text_is_read_in_the_encoding_of_the_database(encoding: str) -> None:
    data = database(
        f"pragma encoding = '{encoding}'", "create table t (größe)", ("insert into t values (?)", ["é " + NEEDLE])
    )
    assert look(data, "é " + NEEDLE).only("é " + NEEDLE).field == "größe"


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            st.one_of(
                st.floats(allow_nan=False), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
            ),
            st.binary(max_size=3000),
        ),
        max_size=40,
    ),
    page=st.sampled_from([512, 1024, 4096, 65536]),
)
def test_rows_are_those_that_sqlite_wrote(rows: list[tuple[object, object, bytes]], page: int) -> None:
    data = database(
        f"pragma page_size = {page}",
        "create table t (a, b, c)",
        *[("insert into t values (?, ?, ?)", row) for row in rows],
    )
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    expected = connection.execute("select rowid, a, b, c from t order by rowid").fetchall()
    (root,) = connection.execute("select rootpage from sqlite_schema").fetchone()
    connection.close()
    assert [(r.rowid, *r.values) for r in Pages(BytesSource(data)).records(root)] == expected


def test_what_is_left_of_a_damaged_database_is_read() -> None:
    data = database(
        "create table t (a)",
        *[("insert into t values (?)", [f"{n} {NEEDLE}"]) for n in range(3000)],
        "create table u (a)",
    )
    found = look(data[: len(data) // 2], NEEDLE)
    assert 500 < len(found.places[NEEDLE]) < 3000
    assert [s.reason for s in found.skipped if s.place and s.place.table == "t"] == [SkipReason.DAMAGED]


TABLE = pyarrow.table({"id": list(range(3000)), "mail": [NEEDLE if n == 2500 else "x" for n in range(3000)]})


def test_a_row_of_a_parquet_file_is_told() -> None:
    out = io.BytesIO()
    parquet.write_table(TABLE, out, row_group_size=700)
    place = look(out.getvalue(), NEEDLE).only(NEEDLE)
    assert (place.row, place.field) == (2501, "mail")


def test_a_row_of_an_orc_file_is_told() -> None:
    out = io.BytesIO()
    orc.write_table(TABLE, out)
    place = look(zipped({"t.orc": out.getvalue()}), NEEDLE).only(NEEDLE)
    assert (place.member, place.row, place.field) == ("t.orc", 2501, "mail")


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_a_record_of_an_avro_file_is_told(codec: str) -> None:
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": "id", "type": "int"}, {"name": "mail", "type": "string"}],
    }
    out = io.BytesIO()
    fastavro.writer(out, schema, [{"id": n, "mail": NEEDLE if n == 40 else "x"} for n in range(90)], codec=codec)
    place = look(out.getvalue(), NEEDLE).only(NEEDLE)
    assert (place.row, place.field) == (41, "mail")


def test_an_avro_file_that_breaks_off_is_read_up_to_there() -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "mail", "type": "string"}]}
    out = io.BytesIO()
    fastavro.writer(out, schema, [{"mail": NEEDLE} for _ in range(10_000)], sync_interval=2000)
    found = look(out.getvalue()[:-5000], NEEDLE)
    assert 9000 < len(found.places[NEEDLE]) < 10_000
    assert [s.reason for s in found.skipped] == [SkipReason.DAMAGED]
