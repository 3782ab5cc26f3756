"""Lines that are documents: each by itself, and one that is none does not keep the others back."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scanner.documents.reading import DETECTION

from sightglass_common.sources import holds_records
from sightglass_scanner.documents.drafting import Batch, batches
from sightglass_scanner.documents.lines import lines
from sightglass_scanner.documents.queries import ContentRow, DocumentRow
from sightglass_scanner.documents.records import NotARecord, record_of
from sightglass_scanner.readers.source import BytesSource

SSN = "536-90-4399"


def drafted(
    *written: Mapping[str, Any] | bytes, most_chars: int = 10_000
) -> list[tuple[DocumentRow, list[ContentRow]]]:
    data = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in written)
    found: list[Batch] = list(batches(BytesSource(data), DETECTION, most_chars))
    return [(row, list(rows)) for batch in found for row, rows in batch.documents]


def said(rows: list[ContentRow]) -> str:
    return "\n".join(str(passage.text) for row in rows for passage in row.passages)


def test_each_line_is_a_document_with_its_title_text_and_metadata() -> None:
    ((row, rows),) = drafted({"id": "a", "title": "Pumps", "text": "One.\n\nTwo.", "metadata": {"year": 2024}})
    assert (row.ref, row.title, row.status, row.metadata, row.redactions) == ("a", "Pumps", "read", {"year": 2024}, 0)
    assert said(rows) == "One.\n\nTwo."
    assert rows[0].passages[0].place == {"kind": "text", "line": 1, "path": "$.text"}


def test_a_value_of_one_part_is_replaced_in_all_parts_of_its_record_and_in_no_other() -> None:
    first = {
        "id": 1,
        "title": "About 536904399",
        "text": f"SSN {SSN}",
        "metadata": {"536904399": [{"n": 536904399, "who": "x 536 90 4399", "ok": True, "none": None}], "pi": 3.5},
    }
    (one, rows), (other, _) = drafted(first, {"id": 2, "title": "About 536904399", "text": "Nothing."})
    assert one.title == "About [US_SSN#1]"
    assert said(rows) == "SSN [US_SSN#1]"
    inner = [{"n": "[US_SSN#1]", "who": "x [US_SSN#1]", "ok": True, "none": None}]
    assert one.metadata == {"[US_SSN#1]": inner, "pi": 3.5}
    assert one.redactions == 5
    assert other.title == "About 536904399"


def test_a_key_of_the_metadata_names_its_value() -> None:
    ((row, _),) = drafted({"id": "a", "text": "x", "metadata": {"person": {"ssn": 536904399, "age": 53}}})
    assert row.metadata == {"person": {"ssn": "[US_SSN#1]", "age": 53}}


@pytest.mark.parametrize("hidden", ["5 3 6 9 0 4 3 9 9", "536-90-\n4399", "536\u200b-90-4399", "c3NuIDUzNi05MC00Mzk5"])
def test_hidden_values_are_found_in_records(hidden: str) -> None:
    ((_, rows),) = drafted({"id": "a", "text": f"Her SSN is {hidden}."})
    assert hidden not in said(rows)
    assert "[US_SSN#1]" in said(rows)


def test_the_text_of_a_record_may_itself_have_keys_above_values() -> None:
    ((_, rows),) = drafted({"id": "a", "title": "T", "text": "ssn:\n  current: 536904399\n"})
    assert "536904399" not in said(rows)


@pytest.mark.parametrize(
    ("ref", "text"), [(f"ssn-{SSN}", "x"), ("bob@example.com", "x"), ("doc-536904399", f"SSN {SSN}")]
)
def test_an_id_that_is_sensitive_is_not_kept(ref: str, text: str) -> None:
    ((row, rows),) = drafted({"id": ref, "title": "ann@example.com", "text": text})
    assert (row.ref, row.title, row.status, row.reason, rows) == (None, "", "skipped", "sensitive_id", [])
    assert row.detail == "line 1: its `id` is sensitive"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "it is not JSON"),
        (b"[1]", "it is not an object"),
        (b'"text"', "it is not an object"),
        (b'{"id": "a"}', "`text` is not a string"),
        (b'{"id": "a", "text": 7}', "`text` is not a string"),
        (b'{"text": "x"}', "`id` is not a string of 1 to 512 characters"),
        (b'{"id": "", "text": "x"}', "`id` is not a string of 1 to 512 characters"),
        (b'{"id": true, "text": "x"}', "`id` is not a string of 1 to 512 characters"),
        (b'{"id": "a\\u0000", "text": "x"}', "`id` is not a string of 1 to 512 characters"),
        (b'{"id": "a", "text": "x", "title": []}', "`title` is not a string"),
        (b'{"id": "a", "text": "x", "metadata": []}', "`metadata` is not an object"),
        (b'{"id": "a", "text": "x", "metadata": {"n": 1e999}}', "`metadata` has a number that is too large"),
        (b'{"id": "a", "text": "x", "metadata": {"n": NaN}}', "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (
            b'{"id": "a", "text": "x", "metadata": ' + b'{"a": ' * 40 + b"1" + b"}" * 41,
            "`metadata` is nested too deeply",
        ),
        (b"\xff\xfe\xfd", "it is not JSON"),
    ],
)
def test_a_line_that_is_no_record_says_why_without_its_content(line: bytes, why: str) -> None:
    with pytest.raises(NotARecord, match=f"^{why}$"):
        record_of(line, 1)


def test_a_line_that_is_no_record_is_told_with_its_number_and_the_others_go_on() -> None:
    rows = [row for row, _ in drafted({"id": "a", "text": "x"}, b"", f"{{SSN {SSN}".encode(), {"id": "b", "text": "y"})]
    assert [(row.number, row.ref, row.status, row.reason) for row in rows] == [
        (1, "a", "read", None),
        (3, None, "skipped", "not_a_record"),
        (4, "b", "read", None),
    ]
    assert rows[1].detail == "line 3: it is not JSON"


def test_of_many_lines_that_are_no_records_the_first_are_told_and_the_others_counted() -> None:
    rows = [row for row, _ in drafted(*[b"bad"] * 1500, {"id": "a", "text": "x"}, *[b"bad"] * 20)]
    assert [row.number for row in rows] == [*range(1, 1001), 1501, 1521]
    assert rows[-1].detail == "line 1521: the last of 520 more that are no documents"


@pytest.mark.parametrize("shift", [0, 3, 8, 11])
def test_a_long_record_is_looked_through_to_its_end(shift: int) -> None:
    size = 256 * 1024
    text = ("The pump of the hall. " * size)[: size - 16 + shift] + f" SSN {SSN}. " + "x " * 9000 + SSN
    ((row, rows),) = drafted({"id": "a", "text": text}, most_chars=10**6)
    assert SSN not in said(rows)
    assert row.redactions == 2


def test_what_cannot_be_stored_is_replaced() -> None:
    ((row, rows),) = drafted(b'{"id": "a", "text": "x\\u0000y\\ud800", "metadata": {"k\\u0000": "\\udfff"}}')
    assert said(rows) == "x\ufffdy\ufffd"
    assert row.metadata == {"k\ufffd": "\ufffd"}


def test_an_empty_and_a_too_large_record_are_skipped_by_name() -> None:
    rows = drafted({"id": "a", "text": " \n"}, {"id": "b", "text": "x" * 200, "title": "B"}, most_chars=100)
    assert [(row.ref, row.title, row.reason, len(said)) for row, said in rows] == [
        ("a", "", "empty", 0),
        ("b", "B", "too_large", 0),
    ]


def test_many_records_come_in_batches() -> None:
    data = b"\n".join(b'{"id": %d, "text": "x"}' % n for n in range(600))
    found = list(batches(BytesSource(data), DETECTION, 100))
    assert [len(batch.documents) for batch in found] == [256, 256, 88]


@pytest.mark.parametrize(
    ("filename", "content_type", "expected"),
    [
        ("a.jsonl", "application/octet-stream", True),
        ("A.NDJSON", "text/plain", True),
        ("a", "application/x-ndjson; charset=utf-8", True),
        ("a", "application/jsonl", True),
        ("a.json", "application/json", False),
        ("a.txt", "text/plain", False),
    ],
)
def test_names_and_types_tell_lines_of_records(filename: str, content_type: str, *, expected: bool) -> None:
    assert holds_records(filename, content_type) is expected


@given(st.lists(st.text(alphabet="ab水", max_size=9), max_size=9), st.integers(1, 12))
def test_lines_are_those_of_the_text_and_none_that_is_longer(written: list[str], most: int) -> None:
    data = "\n".join(written).encode()
    expected = [line if len(line) <= most else None for line in data.split(b"\n")]
    if not expected[-1] and expected[-1] is not None:
        expected.pop()
    assert list(lines(BytesSource(data), most)) == expected
