"""Texts looked through while the caller waits."""

import asyncio
import threading
from collections.abc import Generator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from tests.integration.api.people import Person
from tests.integration.api.test_requests import is_problem

from sightglass_api.detect.looking import Looking
from sightglass_api.detect.schemas import MAX_FINDINGS, MAX_TEXT_BYTES
from sightglass_common.db import Pool
from sightglass_common.errors import RateLimited

SSN = "536-90-4399"
TEXT = f"Zoë says: mail ann@example.com, SSN {SSN}"


async def test_a_text_gives_its_findings_with_offsets_in_characters(viewer: Person) -> None:
    answer = await viewer.post("/v1/detect", {"text": TEXT})
    assert answer.status_code == 200, answer.text
    found = {f["detector"]: f for f in answer.json()["findings"]}
    assert {name: TEXT[f["start"] : f["end"]] for name, f in found.items()} == {
        "email": "ann@example.com",
        "us-ssn": SSN,
    }
    ssn = found["us-ssn"]
    assert (ssn["masked"], ssn["severity"], ssn["family"]) == ("***-**-4399", "high", "national-americas")
    assert (ssn["checked"], ssn["context"], ssn["confidence"] >= 0.8) == (True, True, True)
    assert answer.json()["truncated"] is False


@pytest.mark.parametrize(
    ("asked", "detectors"),
    [
        ({"detectors": ["us-ssn"]}, ["us-ssn"]),
        ({"detectors": ["contact"]}, ["email"]),
        ({"min_confidence": 0.94}, ["email"]),
        ({"min_confidence": 1}, []),
        ({"detectors": ["credentials"]}, []),
    ],
)
async def test_only_what_is_asked_for_is_told(alice: Person, asked: dict[str, Any], detectors: list[str]) -> None:
    answer = await alice.post("/v1/detect", {"text": TEXT} | asked)
    assert [f["detector"] for f in answer.json()["findings"]] == detectors


async def test_modes_find_what_is_hidden_or_misread(alice: Person) -> None:
    hidden, misread = "mail ann\uff20example.com", "ssn 536-9O-4399"
    for text, mode in ((hidden, "normalise"), (misread, "ocr")):
        assert (await alice.post("/v1/detect", {"text": text})).json()["findings"] == []
        (found,) = (await alice.post("/v1/detect", {"text": text, mode: True})).json()["findings"]
        assert text[found["start"] : found["end"]] == text.split()[1]


async def test_a_text_may_have_256_kib_and_no_more(alice: Person) -> None:
    text = "é" * (MAX_TEXT_BYTES // 2)
    assert (await alice.http.post("/v1/detect", json={"text": text})).json()["findings"] == []
    is_problem(await alice.http.post("/v1/detect", json={"text": text + "x"}), 413, "text_too_large")


async def test_a_text_full_of_values_gives_as_many_as_are_told(alice: Person) -> None:
    answer = (await alice.post("/v1/detect", {"text": f"{SSN} " * (MAX_FINDINGS + 1)})).json()
    assert (len(answer["findings"]), answer["truncated"]) == (MAX_FINDINGS, True)


@pytest.mark.parametrize(
    "wrong", [{}, {"text": 7}, {"text": "\ud800"}, {"text": "", "min_confidence": 1.1}, {"text": "", "detectors": []}]
)
async def test_what_is_no_text_to_look_through_is_refused(alice: Person, wrong: dict[str, Any]) -> None:
    is_problem(await alice.post("/v1/detect", wrong), 422, "invalid_request")


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/scans"])
async def test_a_detector_that_there_is_not_is_refused_with_the_names_like_it(alice: Person, path: str) -> None:
    asked: dict[str, Any] = {"text": ""} if path == "/v1/detect" else {"bucket": "scanned-bucket"}
    answer = await alice.post(path, asked | {"detectors": ["us-snn", "email", "zzzzz"]})
    is_problem(answer, 422, "unknown_detectors")
    assert "us-ssn" in answer.json()["detail"]
    assert answer.json()["unknown"] == ["us-snn", "zzzzz"]


async def test_nothing_of_a_text_is_logged_or_stored(alice: Person, admin: Pool) -> None:
    with structlog.testing.capture_logs() as logs:
        await alice.post("/v1/detect", {"text": TEXT})
    assert logs
    assert SSN not in str(logs)
    assert "ann@" not in str(logs)
    async with admin.connection() as db:
        for table in ("finding", "scan", "outbox", "job"):
            rows = await (
                await db.execute(f"SELECT * FROM {table} WHERE tenant_id = %s", [alice.tenant_id])  # pyright: ignore[reportArgumentType] - the test's own strings
            ).fetchall()
            assert SSN not in str(rows)


async def test_who_has_no_key_is_refused(alice: Person) -> None:
    answer = await alice.http.post("/v1/detect", json={"text": TEXT}, headers={"Authorization": ""})
    is_problem(answer, 401, "unauthenticated")


@pytest.fixture
def gate() -> Generator[threading.Event]:
    """What work waits at; open at last, whatever the test ends with, as threads are waited for."""
    gate = threading.Event()
    yield gate
    gate.set()


async def test_a_tenant_with_many_texts_under_way_is_told_to_wait_and_another_is_not(gate: threading.Event) -> None:
    looking, first, second = Looking(), uuid4(), uuid4()
    runs = [asyncio.create_task(looking.run(first, gate.wait)) for _ in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await asyncio.wait_for(looking.run(first, gate.wait), 10)
    runs.append(asyncio.create_task(looking.run(second, gate.wait)))
    gate.set()
    assert all(await asyncio.gather(*runs))
    assert await looking.run(first, gate.wait)


async def test_work_that_its_caller_has_left_counts_until_it_is_over(gate: threading.Event) -> None:
    looking, tenant = Looking(), uuid4()
    left = [asyncio.create_task(looking.run(tenant, gate.wait)) for _ in range(8)]
    await asyncio.sleep(0)
    for run in left:
        run.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    with pytest.raises(RateLimited):
        await asyncio.wait_for(looking.run(tenant, gate.wait), 10)
