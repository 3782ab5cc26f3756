"""The demo's files: the scanner's readers and detectors find what is planted in them, where it is, and nothing else."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from sightglass_client.scans import Finding
from sightglass_common.s3 import ObjectRef
from sightglass_detect import Settings
from sightglass_embedded.demo_files import Planted, files, planted
from sightglass_embedded.demo_scan import held_against
from sightglass_scanner.objects import S3Object
from sightglass_scanner.reading import read_object

TENANT = UUID(int=1)


async def found_in(key: str, body: bytes) -> list[Finding]:
    # All of it is in the first block, so that nothing is asked of S3.
    source = S3Object(cast("Any", None), ObjectRef("demo", key, "", '"1"', len(body)), body)
    result = await asyncio.to_thread(read_object, source, TENANT, b"k" * 32, Settings())
    assert result.outcome == "done", result.notes
    return [finding(key, row.detector, row.locator) for row in result.findings]


def finding(key: str, detector: str, locator: object) -> Finding:
    fields = {"finding_id": "1", "bucket": "demo", "severity": "high", "confidence": 1.0, "found_at": datetime.now(UTC)}
    return Finding.model_validate({"key": key, "detector": detector, "locator": locator, **fields})


@pytest.mark.parametrize("key", files())
async def test_what_is_planted_is_found_at_its_place_and_nothing_is_invented(key: str) -> None:
    there = [value for value in planted() if value.key == key]
    assert held_against(there, await found_in(key, files()[key])) == ([], [])


def test_there_are_ten_formats_and_more_and_one_file_without_anything() -> None:
    with_values = {value.key for value in planted()}
    assert len({key.rpartition(".")[2] for key in with_values}) >= 10
    assert len(files().keys() - with_values) == 1


def test_what_is_missed_and_what_is_invented_are_told() -> None:
    there = [Planted("a", "email", "line 1, column 1"), Planted("b", "iban", "C2")]
    found = [
        finding("a", "email", {"line": 1, "column": 1}),
        finding("a", "email", {"line": 1, "column": 1}),
        finding("b", "iban", {"cell": "C3"}),
    ]
    twice = {"key": "a", "detector": "email", "place": "line 1, column 1"}
    elsewhere = {"key": "b", "detector": "iban", "place": "C3"}
    assert held_against(there, found) == ([{**elsewhere, "place": "C2"}], [twice, elsewhere])
