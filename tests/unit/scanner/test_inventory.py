"""An inventory says the same in any format, and read in pieces of any size; what is wrong with one is said."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import orc, parquet

from sightglass_common.inventory_errors import InventoryBroken, InventoryOfAnotherBucket
from sightglass_scanner.inventory.csv_rows import read_csv
from sightglass_scanner.inventory.entries import FIELDS, NEEDED, listed_of
from sightglass_scanner.inventory.manifest import DataFile, manifest_of
from sightglass_scanner.inventory.piece import Place, piece_of, pieces_of
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.row_groups import Unreadable, Wanted
from sightglass_scanner.readers.rows import rows_of
from sightglass_scanner.readers.source import BytesSource
from sightglass_scanner.selection import Listed

MD5 = "f11166069f1990abeb9c97ace9cdfabc"
MANIFEST: dict[str, Any] = {
    "sourceBucket": "lake",
    "destinationBucket": "arn:aws:s3:::stock",
    "version": "2016-11-30",
    "creationTimestamp": "1514944800000",
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass",
    "files": [{"key": "stock/lake/data/1.csv.gz", "size": 17, "MD5checksum": MD5}],
}
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
ROWS = st.lists(st.tuples(KEYS, st.integers(0, 2**40), st.sampled_from(["STANDARD", "GLACIER"])), max_size=30)


def manifest(**changes: Any) -> bytes:
    return json.dumps({name: value for name, value in (MANIFEST | changes).items() if value is not ...}).encode()


def test_a_manifest_says_whose_files_there_are_and_of_when() -> None:
    told = manifest_of(manifest())
    assert (told.source, told.bucket, told.kind) == ("lake", "stock", "CSV")
    assert told.columns == ["bucket", "key", "", "is_latest", "is_delete_marker", "size", "", "e_tag", "storage_class"]
    assert told.files == [DataFile("stock/lake/data/1.csv.gz", 17, MD5)]
    assert told.created_at == datetime(2018, 1, 3, 2, 0, tzinfo=UTC)
    assert manifest_of(manifest(fileFormat="Parquet", fileSchema="message s3.inventory {}")).kind == "Parquet"
    assert manifest_of(manifest(creationTimestamp=...)).created_at is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sourceBucket": ...}, "sourceBucket"),
        ({"sourceBucket": 7}, "sourceBucket"),
        ({"destinationBucket": "stock"}, "ARN"),
        ({"fileFormat": "XML"}, "fileFormat"),
        ({"fileSchema": "Bucket, Key, ETag"}, "Size"),
        ({"fileSchema": "Bucket, Key, Size, Key"}, "twice"),
        ({"files": {}}, "files"),
        ({"files": ["a"]}, "file"),
        ({"files": MANIFEST["files"] * 2}, "twice"),
        ({"files": [{"key": "a", "size": -1, "MD5checksum": MD5}]}, "size"),
        ({"files": [{"key": "a\0", "size": 1, "MD5checksum": MD5}]}, "key"),
        ({"files": [{"key": "a", "size": 1, "MD5checksum": "none"}]}, "MD5checksum"),
        ({"creationTimestamp": "yesterday"}, "creationTimestamp"),
        ({"creationTimestamp": "9" * 400}, "creationTimestamp"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InventoryBroken, match=words):
        manifest_of(manifest(**changes))


@pytest.mark.parametrize("text", [b"", b"[]", b"\xff", b"[" * 100_000, b"{}"])
def test_what_is_no_manifest_is_broken(text: bytes) -> None:
    with pytest.raises(InventoryBroken):
        manifest_of(text)


def test_files_are_read_side_by_side_each_once() -> None:
    files = [{"key": str(n), "size": 1, "MD5checksum": MD5} for n in range(100)]
    pieces = pieces_of(manifest_of(manifest(files=files)))
    assert len(pieces) == 32
    read: list[str] = []
    for first in pieces:
        piece = piece_of(json.loads(json.dumps(first.as_json())))
        halfway = piece.next(Place(0, 7), "etag")
        assert halfway is not None
        assert (halfway.file, halfway.place, halfway.etag) == (piece.file, (0, 7), "etag")
        while piece is not None:
            read.append(piece.file.key)
            piece = piece.next(None, "etag")
            assert piece is None or (piece.etag, piece.place) == ("", (0, 0))
    assert sorted(read, key=int) == [str(n) for n in range(100)]
    assert pieces_of(manifest_of(manifest(files=[]))) == []


def csv_of(rows: Sequence[tuple[str, int, str]], *, plus: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for key, size, storage in rows:
        encoded = quote_plus(key, safe="/") if plus else quote(key)
        writer.writerow(["lake", encoded, "", "true", "false", size, "2026-11-20T01:00:00.000Z", "e", storage])
    return gzip.compress(text.getvalue().encode())


def table_of(rows: Sequence[tuple[str, int, str]]) -> Any:
    return pa.table(
        {
            "bucket": pa.array(["lake"] * len(rows), pa.string()),
            "key": pa.array([key for key, _, _ in rows], pa.string()),
            "size": pa.array([size for _, size, _ in rows], pa.int64()),
            "is_latest": pa.array([True] * len(rows), pa.bool_()),
            "last_modified_date": pa.array([datetime(2026, 11, 20, tzinfo=UTC)] * len(rows), pa.timestamp("ms")),
            "e_tag": pa.array(["e"] * len(rows), pa.string()),
            "storage_class": pa.array([storage for _, _, storage in rows], pa.string()),
        }
    )


def listed(rows: Sequence[tuple[str, int, str]]) -> list[Listed]:
    return [Listed(key, size, "e", storage) for key, size, storage in rows]


@given(ROWS, st.integers(1, 7), st.booleans())
def test_a_csv_file_says_the_same_in_pieces_of_any_size(
    rows: list[tuple[str, int, str]], most: int, plus: bool
) -> None:
    source, columns = BytesSource(csv_of(rows, plus=plus)), manifest_of(manifest()).columns
    found: list[Listed | None] = []
    place: Place | None = Place()
    while place is not None:
        some, place = read_csv(source, columns, place, most)
        assert len(some) <= most
        found += [listed_of(row, "lake", encoded=True) for row in some]
    assert found == listed(rows)


@pytest.mark.parametrize("kind", ["Parquet", "ORC"])
@pytest.mark.parametrize(("count", "group", "most"), [(40, 15, 3), (40, 15, 40), (40, 40, 1000), (2600, 2400, 700)])
def test_a_columnar_file_says_the_same_in_pieces_of_any_size(kind: str, count: int, group: int, most: int) -> None:
    rows = [(f"日本/{n} +%20.txt", n, "GLACIER" if n % 5 else "STANDARD") for n in range(count)]
    file = io.BytesIO()
    if kind == "Parquet":
        parquet.write_table(table_of(rows), file, row_group_size=group)
    else:
        orc.write_table(table_of(rows), file)
    found: list[Listed | None] = []
    place: tuple[int, int] | None = (0, 0)
    while place is not None:
        wanted = Wanted(kind, FIELDS, sorted(NEEDED), place, most)
        some, place = rows_of(BytesSource(file.getvalue()), wanted, Limits())
        assert len(some) <= most
        found += [listed_of(row, "lake", encoded=False) for row in some]
    assert found == listed(rows)


@pytest.mark.parametrize("kind", ["Parquet", "ORC"])
def test_a_columnar_file_that_is_damaged_or_says_too_little_is_unreadable(kind: str) -> None:
    file = io.BytesIO()
    table = table_of([("a", 1, "STANDARD")]).drop_columns(["size"])
    (parquet if kind == "Parquet" else orc).write_table(table, file)
    wanted = Wanted(kind, FIELDS, sorted(NEEDED), (0, 0), 10)
    with pytest.raises(Unreadable, match="size"):
        rows_of(BytesSource(file.getvalue()), wanted, Limits())
    for damaged in (b"", b"PAR1" * 9, file.getvalue()[:-9]):
        with pytest.raises(Unreadable):
            rows_of(BytesSource(damaged), wanted, Limits())


@pytest.mark.parametrize(
    "data",
    [
        b"no gzip",
        csv_of([("a", 1, "STANDARD")] * 5, plus=True)[:-9],
        gzip.compress(b'"lake","a"\n'),
        gzip.compress(b'"lake","a\n'),
        gzip.compress(b"\xff" * 9 + b"\n"),
        gzip.compress(b"a" * 2**21),
        gzip.compress(b"\n" * 9),
    ],
    # gzip writes the time down, which processes that share the tests would name them by.
    ids=["no gzip", "cut", "too few fields", "an open quote", "no UTF-8", "a line too long", "no fields"],
)
def test_a_csv_file_that_is_damaged_is_broken(data: bytes) -> None:
    with pytest.raises(InventoryBroken):
        read_csv(BytesSource(data), manifest_of(manifest()).columns, Place(), 10)


@pytest.mark.parametrize(
    ("row", "is_there"),
    [
        (["lake", "a", None, None, "1", None, None], True),
        (["lake", "a", "true", "false", "1", "", ""], True),
        (["lake", "a", False, False, 1, "e", "STANDARD"], False),
        (["lake", "a", "true", "true", "", "", ""], False),
    ],
)
def test_only_what_is_there_now_is_listed(row: list[object], is_there: bool) -> None:
    assert (listed_of(row, "lake", encoded=True) is not None) is is_there


@pytest.mark.parametrize(
    "row",
    [
        ["lake", "a", None, None, "", None, None],
        ["lake", "a", None, None, None, None, None],
        ["lake", "a", None, None, "-1", None, None],
        ["lake", "", None, None, "1", None, None],
        ["lake", "%ff", None, None, "1", None, None],
        ["lake", "a", "maybe", None, "1", None, None],
    ],
)
def test_a_row_that_says_too_little_is_broken(row: list[object]) -> None:
    with pytest.raises(InventoryBroken):
        listed_of(row, "lake", encoded=True)


def test_a_row_of_another_bucket_is_refused() -> None:
    with pytest.raises(InventoryOfAnotherBucket):
        listed_of(["pond", "a", None, None, "1", None, None], "lake", encoded=True)
