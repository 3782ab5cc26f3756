"""Detectors over HTTP: the shipped ones, and a tenant's own."""

from typing import Any

import httpx
import pytest
from tests.integration.api.people import Person, a_scan, a_tenant

from sightglass_api.detectors.schemas import MOST_OF_A_TENANT
from sightglass_common.db import Pool
from sightglass_detect import detectors

BADGE: dict[str, Any] = {"detector_id": "badge", "pattern": "B-[0-9]{6}", "keywords": ["badge"], "severity": "high"}


@pytest.fixture
async def dora(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


async def snapshot(admin: Pool, scan_id: str) -> dict[str, Any]:
    async with admin.connection() as db:
        row = await (await db.execute("SELECT detection FROM scan WHERE scan_id = %s", [scan_id])).fetchone()
    assert row
    return row[0]


async def test_shipped_detectors_are_listed_with_their_families(dora: Person) -> None:
    items = (await dora.get("/v1/detectors")).json()["items"]
    assert [(item["detector_id"], item["family"]) for item in items] == [(d.id, d.family) for d in detectors()]
    assert {item["own"] for item in items} == {False}


async def test_an_own_detector_is_added_seen_replaced_and_removed(dora: Person, mallory: Person) -> None:
    made = await dora.post("/v1/detectors", BADGE)
    assert made.status_code == 201, made.text
    first = (await dora.get("/v1/detectors")).json()["items"][0]
    assert first == made.json()
    assert (first["detector_id"], first["family"], first["own"], first["on"]) == ("badge", "custom", True, True)
    assert first["definition"]["keywords"] == ["badge"]
    assert "badge" not in (await mallory.get("/v1/detectors")).text
    replaced = await dora.http.put("/v1/detectors/badge", json={"words": ["Blue Moon"], "severity": "low"})
    assert (replaced.json()["severity"], replaced.json()["definition"]["pattern"]) == ("low", None)
    assert (await dora.http.delete("/v1/detectors/badge")).status_code == 204
    for answer in (
        await dora.http.delete("/v1/detectors/badge"),
        await dora.http.put("/v1/detectors/badge", json={"words": ["x"]}),
        await dora.http.delete("/v1/detectors/email"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "detector_not_found")


async def test_a_name_is_taken_once_and_never_a_shipped_one(dora: Person) -> None:
    assert (await dora.post("/v1/detectors", BADGE)).status_code == 201
    for name in ("badge", "us-ssn", "credentials", "custom"):
        answer = await dora.post("/v1/detectors", BADGE | {"detector_id": name})
        assert (answer.status_code, answer.json()["code"]) == (409, "detector_exists")


@pytest.mark.parametrize(
    ("wrong", "pointer", "words"),
    [
        ({"pattern": "a+"}, "/pattern", "no bound"),
        ({"pattern": "(a{1,9}){1,9}"}, "/pattern", "make slow"),
        ({"pattern": "(?=a)b"}, "/pattern", "looks around"),
        ({"pattern": "("}, "/pattern", "no regular expression"),
        ({"words": ["a"]}, "", "either"),
        ({"pattern": None}, "", "either"),
        ({"severity": "awful"}, "/severity", ""),
        ({"within": [1, 999]}, "/within/1", ""),
        ({"detector_id": "No Such"}, "/detector_id", ""),
        ({"keywords": ["\0"]}, "/keywords/0", ""),
    ],
)
async def test_what_the_engine_cannot_run_is_refused_with_its_words(
    dora: Person, wrong: dict[str, Any], pointer: str, words: str
) -> None:
    answer = await dora.post("/v1/detectors", BADGE | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert words in answer.json()["detail"]


async def test_a_tenant_has_so_many_and_no_more(dora: Person, admin: Pool) -> None:
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO own_detector SELECT %s, 'd' || n, '{}' FROM generate_series(1, %s) AS n",
            [dora.tenant_id, MOST_OF_A_TENANT],
        )
    answer = await dora.post("/v1/detectors", BADGE)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_scan_keeps_the_settings_that_it_began_with(dora: Person, mallory: Person, admin: Pool) -> None:
    settings = {
        "allow": {"texts": ["ann@example.com"], "patterns": ["B-0{6}"], "paths": ["tests/*"]},
        "min_confidence_of": {"email": 0.9, "badge": 0.2},
    }
    assert (await dora.get("/v1/detection-settings")).json()["min_confidence_of"] == {}
    await dora.post("/v1/detectors", BADGE)
    assert (await dora.http.put("/v1/detection-settings", json=settings)).json() == settings
    assert (await mallory.get("/v1/detection-settings")).json()["min_confidence_of"] == {}
    scan_id = (await a_scan(dora, admin, detectors=["badge", "us-ssn"]))["scan_id"]
    await dora.http.delete("/v1/detectors/badge")
    await dora.http.put("/v1/detection-settings", json={})
    kept = await snapshot(admin, scan_id)
    assert [own["id"] for own in kept.pop("own")] == ["badge"]
    modes = {"normalise": False, "ocr": False}
    assert kept == settings | modes
    assert await snapshot(admin, (await a_scan(mallory, admin))["scan_id"]) == {"own": []} | modes
    refused = await dora.post("/v1/scans", {"bucket": "scanned-bucket", "detectors": ["badge"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_detectors")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"allow": {"patterns": ["B-0{6}", ".*"]}}, "/allow/patterns/1"),
        ({"min_confidence_of": {"no-such": 0.5}}, "/min_confidence_of"),
        ({"min_confidence_of": {"email": 2}}, "/min_confidence_of/email"),
    ],
)
async def test_settings_that_mean_nothing_are_refused(dora: Person, wrong: dict[str, Any], pointer: str) -> None:
    answer = await dora.http.put("/v1/detection-settings", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
