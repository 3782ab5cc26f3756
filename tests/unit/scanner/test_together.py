"""Objects that are looked through at once: each comes to what it comes to by itself."""

import math
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scanner.readers.packing import zipped

from sightglass_common.errors import DownloadFailed, ObjectChanged
from sightglass_common.s3 import ObjectRef
from sightglass_detect import Settings
from sightglass_scanner.objects import S3Object, Stopped
from sightglass_scanner.reading import read_object, read_objects
from sightglass_scanner.results import ObjectResult
from sightglass_scanner.together import read_together, runs_of

TENANT = UUID("01a20000-0000-7000-8000-000000000001")
KEY = b"k" * 32
SETTINGS = Settings()
LINE = b"mail ann@example.com, ssn 536-90-4399\n"
ROWS = b"".join(b"%d,person%d@example.com,536-90-4399\n" % (number, number) for number in range(30))
BODIES = {
    "a.txt": LINE,
    "empty.txt": b"",
    "table.csv": b"id,mail,ssn\n" + ROWS,
    "headless.csv": ROWS,
    "quoted.csv": b'name,ssn\n"Ann, B",536-90-4399\n"Cleo\nD",536-90-4399\n',
    "keys.json": b'{"ssn": {"of ann": "536904399"}, "mail": "ann@example.com"}',
    "lines.jsonl": b'{"ssn": "536-90-4399"}\n' * 20,
    "wide.txt": LINE.decode().encode("utf-16"),
    "latin.txt": "Zoë, ssn 536-90-4399".encode("latin-1"),
    "page.html": b"<html><p>ssn 536&#45;90-4399</p></html>",
    "packed.zip": zipped({"b.txt": LINE}),
    "bytes.bin": bytes(range(256)) * 4,
    "long.txt": LINE * 2_000,
    "last.txt": b"4399",
}


class Held(S3Object):
    """An object that is held; reading it may fail."""

    def __init__(self, key: str, body: bytes, failure: Exception | None = None) -> None:
        super().__init__(cast("Any", None), ObjectRef("bucket", key, "", '"e"', len(body)), body)
        self._failure = failure

    def read(self, offset: int, length: int, /) -> bytes:
        if self._failure is not None:
            raise self._failure
        return super().read(offset, length)


def results(sources: Sequence[S3Object], most_findings: int = 1_000_000) -> list[ObjectResult | Exception]:
    return read_objects(sources, TENANT, KEY, SETTINGS, until=math.inf, most_findings=most_findings)


async def test_objects_of_any_kind_come_to_the_same_together_as_each_alone() -> None:
    sources = [Held(key, body) for key, body in BODIES.items()]
    assert results(sources) == [read_object(source, TENANT, KEY, SETTINGS) for source in sources]


async def test_short_texts_are_looked_through_at_once_and_nothing_else() -> None:
    sources = [Held(key, body) for key, body in BODIES.items() if key != "long.txt"]
    known = dict(zip((s.ref.key for s in sources), read_together(sources, TENANT, KEY, SETTINGS), strict=True))
    assert {key for key, result in known.items() if result is None} == {"empty.txt", "packed.zip", "bytes.bin"}


async def test_runs_are_the_objects_in_their_order_and_long_ones_stand_alone() -> None:
    sources = [Held(str(number), b"x" * size) for number, size in enumerate([5, 5, 40_000, 40_000, 5, 32_768])]
    assert [[s.ref.key for s in run] for run in runs_of(sources)] == [["0", "1"], ["2"], ["3"], ["4", "5"]]


@pytest.mark.parametrize("failure", [ValueError("a fault"), ObjectChanged()], ids=["fault", "changed"])
async def test_an_object_that_fails_among_many_fails_alone(failure: Exception) -> None:
    before, failing, behind = Held("a", LINE), Held("b", LINE, failure), Held("c", LINE)
    first, second, third = results([before, failing, behind])
    assert second is failure
    assert [first, third] == [read_object(source, TENANT, KEY, SETTINGS) for source in (before, behind)]


@pytest.mark.parametrize("failure", [DownloadFailed(), Stopped(), MemoryError()], ids=["s3", "stopped", "memory"])
async def test_what_says_more_than_of_one_object_ends_the_reading(failure: Exception) -> None:
    found = results([Held("a", LINE), Held("b", LINE, failure), Held("c", LINE)])
    assert [type(result) for result in found] == [ObjectResult, type(failure)]


async def test_no_further_run_is_read_when_so_much_is_found() -> None:
    found = results([Held("a", LINE), Held("b", LINE), Held("long", LINE * 1_000), Held("c", LINE)], most_findings=3)
    assert len(found) == 2


CELLS = st.sampled_from(
    [
        "536-90-4399",
        "536904399",
        "ann@example.com",
        "4111 1111 1111 1111",
        "my ssn is",
        "123456782",
        "",
        "é",
        "12",
        "a b",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["id,mail,ssn\n", "id,x,y\n", ""]),
            st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=30),
            st.sampled_from([b"", b",123456782", b'\n"a,b",c,d', b"\r"]),
        ),
        min_size=2,
        max_size=4,
    )
)
async def test_tables_come_to_the_same_together_as_each_alone(tables: list[tuple[str, list[list[str]], bytes]]) -> None:
    bodies = [(head + "\n".join(map(",".join, rows))).encode() + end for head, rows, end in tables]
    sources = [Held(f"{number}.csv", body) for number, body in enumerate(bodies)]
    assert results(sources) == [read_object(source, TENANT, KEY, SETTINGS) for source in sources]


async def test_a_column_of_checked_numbers_is_told_together_too() -> None:
    rows = b"".join(b"%d,123456782\n" % number for number in range(25))
    (first, second) = results([Held("a.csv", b"id,x\n" + rows), Held("b.csv", b"id,y\n" + rows[:-3] + b"1\n")])
    assert isinstance(first, ObjectResult)
    assert isinstance(second, ObjectResult)
    assert {row.locator["cell"] for row in first.findings} == {f"B{number}" for number in range(2, 27)}
    assert 0 < len(second.findings) < len(first.findings)
