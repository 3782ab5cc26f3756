"""Formats of exports, held against their schemas as they are published."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args
from uuid import UUID

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from sightglass_api.exports.as_csv import harmless
from sightglass_api.exports.formats import WRITERS, Format
from sightglass_api.exports.kinds import Kinds, Source
from sightglass_api.scans.finding_queries import FindingRow
from sightglass_detect import detectors

SCHEMAS = Path(__file__).parents[2] / "data/schemas"
LOCATORS: list[dict[str, Any]] = [
    {"kind": "text"},
    {"kind": "text", "offset": 3, "length": 9, "line": 2, "column": 4},
    {"kind": "text", "line": 2, "column": 4, "member": "a.zip!/b.txt"},
    {"kind": "text", "line": 2, "column": 4, "path": "$.users[3].ssn"},
    {"kind": "cell", "row": 3, "field": "contact", "table": "customer"},
    {"kind": "cell", "sheet": "Budget", "cell": "B2", "row": 2},
    {"kind": "page", "page": 2, "line": 2},
    {"kind": "header", "part": "0", "header": "From"},
    {"kind": "screen", "video_id": str(UUID(int=1)), "start_us": 1_500_000, "end_us": 2_000_000, "times": 1},
    {"kind": "image", "box": [0.25, 0.5, 0.1, 0.02], "times": 1},
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ROWS = st.builds(
    FindingRow,
    finding_id=st.uuids(),
    bucket=st.just("some-bucket"),
    object_key=TEXTS.filter(bool),
    version=TEXTS,
    detector=st.sampled_from([*(d.id for d in detectors()), "one-of-our-own"]),
    severity=st.sampled_from(["low", "medium", "high", "critical"]),
    confidence=st.floats(0, 1),
    locator=st.sampled_from(LOCATORS),
    masked=TEXTS,
    value_hash=st.just("00" * 32),
    state=st.sampled_from(["new", "reviewed", "false_positive"]),
    note=TEXTS,
    detail=st.sampled_from(["", "account 123456789012"]),
    found_at=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


def written(kind: Format, rows: list[FindingRow]) -> str:
    writer = WRITERS[kind](Kinds(detectors(), Source(str(UUID(int=1)), "0.1.0")))
    # In two pieces, as a stream has them.
    return writer.begin() + writer.some(rows[:1]) + writer.some(rows[1:]) + writer.end()


def lines(kind: Format, rows: list[FindingRow]) -> list[dict[str, Any]]:
    text = written(kind, rows)
    assert text.count("\n") == len(rows)
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def sarif_schema() -> Draft4Validator:
    return Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def ocsf_schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / "ocsf-1.5.0-data-security-finding.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def asff_shape() -> Any:
    return botocore.session.get_session().get_service_model("securityhub").shape_for("AwsSecurityFinding")


@given(st.lists(ROWS, max_size=4))
def test_sarif_fits_its_schema(sarif_schema: Draft4Validator, rows: list[FindingRow]) -> None:
    log = json.loads(written("sarif", rows))
    sarif_schema.validate(log)
    (run,) = log["runs"]
    assert len(run["results"]) == len(rows)
    for result, row in zip(run["results"], rows, strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == row.detector
        assert ("suppressions" in result) == (row.state == "false_positive")


@given(st.lists(ROWS, max_size=4))
def test_ocsf_fits_its_schema(ocsf_schema: Draft202012Validator, rows: list[FindingRow]) -> None:
    for event, row in zip(lines("ocsf", rows), rows, strict=True):
        ocsf_schema.validate(event)
        assert (event["class_uid"], event["type_uid"]) == (2006, 200601)
        assert event["databucket"]["file"]["path"] == row.object_key


# The limits of the format that its model does not hold: docs of AwsSecurityFinding.
LIMITS = {"Title": 256, "Description": 1024}


@given(st.lists(ROWS, max_size=4))
def test_asff_fits_the_model_of_security_hub(asff_shape: Any, rows: list[FindingRow]) -> None:
    for finding, row in zip(lines("asff", rows), rows, strict=True):
        report = ParamValidator().validate(finding, asff_shape)
        assert not report.has_errors(), report.generate_report()
        assert all(text.strip() for text in strings(finding)), finding
        assert all(len(finding[name]) <= most for name, most in LIMITS.items())
        assert finding["Severity"]["Label"] == row.severity.upper()
        assert finding["Workflow"]["Status"] in {"NEW", "NOTIFIED", "SUPPRESSED"}


def test_the_longest_key_keeps_within_the_limits_of_asff() -> None:
    row = a_row(object_key="k" * 1024, note="n" * 1000)
    (finding,) = lines("asff", [row])
    assert len(finding["Resources"][0]["Id"]) <= 512
    assert len(finding["Description"]) <= 1024
    assert len(finding["Note"]["Text"]) <= 512
    assert finding["ProductFields"]["sightglass/key"] == row.object_key
    (blank,) = lines("asff", [a_row(object_key=" ", version="")])
    assert all(text.strip() for text in strings(blank))


@given(st.lists(ROWS, max_size=4))
def test_csv_can_be_read_back_and_holds_no_formula(rows: list[FindingRow]) -> None:
    text = written("csv", rows)
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(read) == len(rows)
    assert text.endswith("\r\n")
    for cells, row in zip(read, rows, strict=True):
        assert cells["key"] in {row.object_key, f"'{row.object_key}"}
        assert cells["note"] in {row.note, f"'{row.note}"}
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells.values())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1"])
def test_what_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("a" + cell) == "a" + cell


@given(st.lists(ROWS, max_size=4))
def test_json_lines_hold_what_the_lists_give(rows: list[FindingRow]) -> None:
    for found, row in zip(lines("jsonl", rows), rows, strict=True):
        assert (found["finding_id"], found["key"], found["note"]) == (str(row.finding_id), row.object_key, row.note)


def test_a_line_of_a_page_or_of_a_member_is_no_line_of_the_object() -> None:
    log = json.loads(written("sarif", [a_row(locator=locator) for locator in LOCATORS]))
    physical = [result["locations"][0]["physicalLocation"] for result in log["runs"][0]["results"]]
    with_region = [n for n, location in enumerate(physical) if "region" in location]
    assert with_region == [1, 3]
    assert log["runs"][0]["results"][5]["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "Budget!B2"}]


def test_a_place_in_a_film_is_a_time_and_one_in_a_picture_a_corner() -> None:
    log = json.loads(written("sarif", [a_row(locator=locator) for locator in LOCATORS[-2:]]))
    names = [result["locations"][0]["logicalLocations"] for result in log["runs"][0]["results"]]
    assert names == [
        [{"fullyQualifiedName": "1.500 s"}],
        [{"fullyQualifiedName": "25 % from the left, 50 % from the top"}],
    ]


@pytest.mark.parametrize("kind", get_args(Format))
def test_what_a_detector_knows_besides_is_told_in_every_format(kind: Format) -> None:
    detail = "account 123456789012"
    assert detail in written(kind, [a_row(detector="aws-access-key-id", detail=detail)])


def a_row(**changed: Any) -> FindingRow:
    row: dict[str, Any] = {
        "finding_id": UUID(int=7), "bucket": "some-bucket", "object_key": "a b/c.txt", "version": "v",
        "detector": "us-ssn", "severity": "high", "confidence": 0.9, "locator": LOCATORS[1], "masked": "***-**-4399",
        "value_hash": "00" * 32, "state": "new", "note": "", "found_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "detail": "",
    }  # fmt: skip
    return FindingRow(**row | changed)


def strings(value: object) -> list[str]:
    """All strings in a document, but those that a person wrote."""
    if isinstance(value, str):
        return [value]
    parts: list[object] = []
    if isinstance(value, dict):
        parts = list(cast("dict[str, object]", value).values())
    elif isinstance(value, list):
        parts = cast("list[object]", value)
    return [text for part in parts for text in strings(part)]
