"""What is sensitive on the screens of a video, as its tenant sees it, and nobody else."""

import json

import pytest
from tests.integration.api.found import find_more
from tests.integration.api.people import Person, a_video, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool
from sightglass_common.ids import new_id

FINDING = """
    INSERT INTO finding (tenant_id, finding_id, bucket, object_key, version, detector, severity, confidence, locator,
                         masked, value_hash, detail)
    VALUES (%s, %s, 'films', 'a.mp4', 'v1', 'payment-card', 'high', 0.98, '{"kind": "screen"}', '*1486', sha256(%s),
            'account 123456789012')
"""
SEEN = "INSERT INTO analysis_finding VALUES (%s, %s, %s, %s, %s, %s)"


@pytest.fixture(scope="module")
async def ids(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    """A video in which five values are seen, stored the last first."""
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    await find_more(admin, ids)
    async with admin.connection() as db, db.transaction():
        for number in range(5):
            finding_id, start_us = new_id(), (4 - number) * 1000
            await db.execute(FINDING, [alice.tenant_id, finding_id, str(number).encode()])
            spans = [{"start_us": start_us, "end_us": start_us + 500, "box": [0.1, 0.2, 0.3, 0.4]}]
            values = [alice.tenant_id, ids["analysis_id"], finding_id, start_us, start_us + 500, json.dumps(spans)]
            await db.execute(SEEN, values)
        await db.execute("UPDATE analysis SET texts_scanned_at = now() WHERE analysis_id = %s", [ids["analysis_id"]])
    return ids


async def test_findings_come_in_pages_by_the_time_when_they_are_seen(alice: Person, ids: dict[str, str]) -> None:
    path, cursor, seen = f"/v1/videos/{ids['video_id']}/findings?limit=2", "", list[tuple[int, str]]()
    while True:
        page = (await alice.get(path + cursor)).json()
        assert page["analysis_id"] == ids["analysis_id"]
        assert page["scanned_at"] is not None
        seen += [(finding["start_us"], finding["finding_id"]) for finding in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [start_us for start_us, _ in seen] == [0, 1000, 2000, 3000, 4000]
    assert len({finding_id for _, finding_id in seen}) == 5


async def test_a_finding_is_told_with_its_times_and_places_and_without_its_value(
    alice: Person, ids: dict[str, str]
) -> None:
    first = (await alice.get(f"/v1/videos/{ids['video_id']}/findings")).json()["items"][0]
    told = ("detector", "severity", "confidence", "masked", "detail", "state", "spans")
    assert {name: first[name] for name in told} == {
        "detector": "payment-card",
        "severity": "high",
        "confidence": 0.98,
        "masked": "*1486",
        "detail": "account 123456789012",
        "state": "new",
        "spans": [{"start_us": 0, "end_us": 500, "box": [0.1, 0.2, 0.3, 0.4]}],
    }


async def test_another_tenant_sees_neither_the_video_nor_its_findings(mallory: Person, ids: dict[str, str]) -> None:
    answer = await mallory.get(f"/v1/videos/{ids['video_id']}/findings")
    assert (answer.status_code, answer.json()["code"]) == (404, "video_not_found")
    assert (await mallory.get("/v1/findings")).json()["items"] == []


async def test_texts_that_were_not_looked_through_are_told_as_such(
    alice: Person, admin: Pool, s3: S3Client, service: Context
) -> None:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    found = (await alice.get(f"/v1/videos/{ids['video_id']}/findings")).json()
    assert (found["items"], found["scanned_at"]) == ([], None)


@pytest.mark.parametrize("cursor", ["nonsense", "AAAA"])
async def test_a_cursor_of_nobody_is_refused(alice: Person, ids: dict[str, str], cursor: str) -> None:
    answer = await alice.get(f"/v1/videos/{ids['video_id']}/findings?cursor={cursor}")
    assert answer.json()["code"] == "invalid_cursor"
