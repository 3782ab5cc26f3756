"""From an object's bytes to rows of findings: each value once, with its place, in whatever format it lies."""

import base64
import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scanner.readers.documents import docx, pdf, xlsx
from tests.unit.scanner.readers.packing import tarred, zipped

from sightglass_detect import ColumnEvidence, Finding, Settings, scan
from sightglass_scanner.detecting import Detector, Sealer
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.reading import Column, Ended, Text
from sightglass_scanner.readers.source import BytesSource
from sightglass_scanner.results import FindingRow
from sightglass_scanner.sealing import Place, tenant_key

TENANT = UUID("01a20000-0000-7000-8000-000000000001")
SSN = "536-90-4399"
SETTINGS = Settings()


def found(data: bytes, name: str = "", *, tenant_id: UUID = TENANT, settings: Settings = SETTINGS) -> list[FindingRow]:
    place = Place(tenant_id, "bucket", "key", "v")
    detector = Detector(settings, Sealer(place, tenant_key("a secret of tests", tenant_id), settings))
    for piece in read(BytesSource(data), Limits(), name=name):
        if isinstance(piece, Text):
            detector.take(piece)
        elif isinstance(piece, Ended):
            detector.end()
    return detector.finish()


TEXT = f"first line\nthe ssn is {SSN}\n".encode()


@pytest.mark.parametrize(
    ("data", "name", "place"),
    [
        (TEXT, "a.txt", {"line": 2, "column": 12}),
        (TEXT.decode().encode("utf-16"), "a.txt", {"line": 2, "column": 12}),
        (f'{{"users": [{{"ssn": "{SSN}"}}]}}'.encode(), "a.json", {"path": "$.users[0].ssn"}),
        (docx([["first"], [f"the ssn is {SSN}"]]), "a.docx", {"kind": "paragraph", "paragraph": 2}),
        (pdf([["first"], [f"the ssn is {SSN}"]]), "a.pdf", {"kind": "page", "page": 2}),
        (xlsx({"Sheet": {"A1": "ssn", "A2": SSN}}), "a.xlsx", {"cell": "A2"}),
        (zipped({"b.txt": TEXT}), "a.zip", {"member": "b.txt", "line": 2}),
        (tarred({"b.txt": TEXT, "c.zip": zipped({"d.txt": b"nothing"})}), "a.tar", {"member": "b.txt"}),
    ],
    ids=["text", "utf-16", "json", "docx", "pdf", "xlsx", "zip", "tar"],
)  # fmt: skip
def test_a_value_is_found_once_and_its_place_is_told(data: bytes, name: str, place: dict[str, object]) -> None:
    (row,) = found(data, name)
    assert (row.detector, row.masked) == ("us-ssn", "***-**-4399")
    assert {**row.locator, **place} == row.locator


def test_a_column_of_numbers_is_told_by_its_values_and_each_cell_once() -> None:
    rows = "".join(f"{number},person{number}@example.com,{SSN}\n" for number in range(3))
    cells = [(row.detector, row.locator["cell"]) for row in found(f"id,mail,ssn\n{rows}".encode(), "a.csv")]
    assert sorted(cells) == sorted([(d, f"{c}{n}") for n in (2, 3, 4) for d, c in (("email", "B"), ("us-ssn", "C"))])


def test_a_value_that_two_pieces_share_is_found_once() -> None:
    filling = b"x" * 80 + b"\n"
    lines = 1024 * 1024 // len(filling)
    for cut in range(0, 40, 7):
        data = (
            (filling * (lines + 1))[: 1024 * 1024 - 20 - cut] + b"\nthe ssn is " + SSN.encode() + b"\n" + filling * 900
        )
        (row,) = found(data, "a.log")
        offset = data.index(SSN.encode())
        assert (row.locator["offset"], row.locator["line"]) == (offset, data[:offset].count(b"\n") + 1)


def test_a_key_above_a_value_names_it_and_its_path_is_told() -> None:
    value = {"note": "long enough that no word before it counts as beside the value", "value": 536904399}
    (row,) = found(json.dumps({"users": [{"ssn": value}]}).encode(), "a.json")
    assert (row.detector, row.locator["path"]) == ("us-ssn", "$.users[0].ssn.value")


def test_names_of_places_are_masked_where_they_are_sensitive_themselves() -> None:
    rows = found(f'{{"ann@example.com": {{"ssn": "{SSN}"}}}}'.encode(), "a.json")
    assert [row.detector for row in rows if row.detector == "us-ssn"]
    assert not any("ann@" in str(row) or SSN in str(row) for row in rows)


def test_the_same_is_found_under_the_same_id_and_hash_and_under_others_for_another_tenant() -> None:
    first, again, other = found(TEXT), found(TEXT), found(TEXT, tenant_id=UUID(int=5))
    assert first == again
    assert first[0].finding_id != other[0].finding_id
    assert first[0].value_hash != other[0].value_hash


CELLS = st.sampled_from(
    [SSN, "536904399", "ann@example.com", "4111 1111 1111 1111", "my ssn is", "", "é", "12", "x" * 70]
)
TABLES = st.lists(
    st.tuples(st.sampled_from(["", "id", "customerSSN", "mail"]), st.lists(CELLS, max_size=25)), max_size=5
)


@given(TABLES)
def test_columns_at_once_give_what_each_by_itself_gives(table: list[tuple[str, list[str]]]) -> None:
    def column(number: int, name: str, values: list[str]) -> Column:
        return Column(
            name.encode(), [v.encode() for v in values], lambda i: Locator(PlaceKind.CELL, row=i, line=number)
        )

    place = Place(TENANT, "bucket", "key", "v")
    detector = Detector(SETTINGS, Sealer(place, b"k" * 32, SETTINGS))
    columns = [column(n, name, values) for n, (name, values) in enumerate(table)]
    together = sorted((f.detector, f.confidence, v, at.line, at.row) for f, v, at in detector._in_columns(columns))
    apart: list[tuple[object, ...]] = []
    for number, (name, values) in enumerate(table):
        evidence = ColumnEvidence(SETTINGS)
        evidence.add(value.encode() for value in values)
        for row, finding in alone(values, name, evidence):
            apart.append(
                (finding.detector, finding.confidence, values[row].encode()[finding.start : finding.end], number, row)
            )
    assert together == sorted(apart)


def alone(values: list[str], name: str, evidence: ColumnEvidence) -> Iterator[tuple[int, Finding]]:
    """What is found in each cell of one column."""
    for row, value in enumerate(values):
        for finding in scan(value.encode(), settings=SETTINGS, labels=[name] if name else [], named=evidence.detectors):
            yield row, finding


MODES = Settings(normalise=True, ocr=True)


@pytest.mark.parametrize(
    ("hidden", "detector"),
    [
        (base64.b64encode(f"my ssn is {SSN}, thanks".encode()).decode(), "us-ssn"),
        ("mail=ann%40example.com", "email"),
        ("paid with 41I1 11l1 1111 1111", "payment-card"),
    ],
)
@pytest.mark.parametrize("lines", [3, 30_000])
def test_what_is_hidden_or_misread_is_found_in_its_mode_in_texts_of_any_length(
    hidden: str, detector: str, lines: int
) -> None:
    line = "nothing to see in this line\n"
    data = (line * lines + f"a {hidden} b\n" + line * lines).encode()
    assert found(data, "a.log") == []
    (row,) = found(data, "a.log", settings=MODES)
    assert (row.detector, row.locator["line"]) == (detector, lines + 1)


def test_cells_and_keys_are_read_in_the_modes_too() -> None:
    encoded = base64.b64encode(b"ann@example.com").decode()
    (row,) = found(f"id,note\n1,{encoded}\n".encode(), "a.csv", settings=MODES)
    assert (row.detector, row.locator["cell"]) == ("email", "B2")
    (row,) = found(json.dumps({"a": {"note": encoded}}).encode(), "a.json", settings=MODES)
    assert (row.detector, row.locator["path"]) == ("email", "$.a.note")
