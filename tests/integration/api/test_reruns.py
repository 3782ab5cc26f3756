"""Further analyses of known videos, and the tiers that an analysis can be made in."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest
from tests.integration.api.found import COVERAGE, POSES, SCORE, find_more
from tests.integration.api.people import Person, a_video, an_upload, change_job, count, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.analyses.schemas import Submitted
from sightglass_api.analyses.submission import submit_again
from sightglass_api.context import Context
from sightglass_api.tenants import administration
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.tracing import Trace


async def tier_in_message(admin: Pool, ids: dict[str, str]) -> tuple[str, str]:
    """Which analysis the message of a job names, and in which tier."""
    async with admin.connection() as db:
        row = await (await db.execute("SELECT body FROM outbox WHERE job_id = %s", [ids["job_id"]])).fetchone()
    assert row
    data = json.loads(row[0])["data"]
    return data["analysis_id"], data["tier"]


@pytest.mark.parametrize(
    ("body", "tier"),
    [({}, "exact"), ({"tier": "exact"}, "exact")],
)
async def test_a_known_video_is_analysed_again(alice: Person, admin: Pool, body: dict[str, str], tier: str) -> None:
    first = await a_video(alice)
    await change_job(admin, first["job_id"], "status = 'done'")
    answer = await alice.post(f"/v1/videos/{first['video_id']}/analyses", body)
    again = answer.json()
    assert (answer.status_code, again["video_id"]) == (202, first["video_id"])
    assert answer.headers["location"] == f"/v1/jobs/{again['job_id']}"
    assert again["analysis_id"] != first["analysis_id"]
    assert await tier_in_message(admin, again) == (again["analysis_id"], tier)
    analysis = (await alice.get(f"/v1/analyses/{again['analysis_id']}")).json()
    assert (analysis["tier"], analysis["status"]) == (tier, "queued")


async def test_without_a_body_it_is_exact(alice: Person, admin: Pool) -> None:
    first = await a_video(alice)
    await change_job(admin, first["job_id"], "status = 'done'")
    answer = await alice.http.post(f"/v1/videos/{first['video_id']}/analyses")
    assert await tier_in_message(admin, answer.json()) == (answer.json()["analysis_id"], "exact")


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_one_that_is_not_over_is_answered_and_none_begun(alice: Person, admin: Pool, status: str) -> None:
    first = await a_video(alice)
    await change_job(admin, first["job_id"], f"status = '{status}'")
    before = await count(admin, "job", alice.tenant_id)
    answer = await alice.post(f"/v1/videos/{first['video_id']}/analyses")
    del first["upload_id"]
    assert (answer.status_code, answer.json()) == (202, first)
    assert await count(admin, "job", alice.tenant_id) == before


async def test_one_of_another_video_does_not_stand_for_it(alice: Person, admin: Pool) -> None:
    first, other = await a_video(alice), await a_video(alice, b"another")
    await change_job(admin, first["job_id"], "status = 'done'")
    again = (await alice.post(f"/v1/videos/{first['video_id']}/analyses")).json()
    assert again["job_id"] not in {first["job_id"], other["job_id"]}


async def test_one_that_is_being_cancelled_does_not_stand_for_it(alice: Person, admin: Pool) -> None:
    first = await a_video(alice)
    await change_job(admin, first["job_id"], "status = 'running', cancel_requested_at = now()")
    answer = (await alice.post(f"/v1/videos/{first['video_id']}/analyses")).json()
    assert answer["job_id"] != first["job_id"]


async def test_of_six_at_once_one_begins_and_all_answer_it(alice: Person, admin: Pool) -> None:
    first = await a_video(alice)
    await change_job(admin, first["job_id"], "status = 'failed'")
    before = await count(admin, "job", alice.tenant_id), await count(admin, "outbox", alice.tenant_id)
    path = f"/v1/videos/{first['video_id']}/analyses"
    answers = await asyncio.gather(*(alice.post(path) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    after = await count(admin, "job", alice.tenant_id), await count(admin, "outbox", alice.tenant_id)
    assert after == (before[0] + 1, before[1] + 1)


async def test_of_two_at_once_the_second_finds_what_the_first_has_begun(
    alice: Person, admin: Pool, api_pool: Pool
) -> None:
    first = await a_video(alice)
    await change_job(admin, first["job_id"], "status = 'done'")
    video_id = UUID(first["video_id"])

    async def again() -> Submitted:
        async with tenant_transaction(api_pool, alice.tenant_id) as db:
            return await submit_again(db, alice.tenant_id, video_id, trace=Trace.new(), tier="exact")

    async with tenant_transaction(api_pool, alice.tenant_id) as db:
        begun = await submit_again(db, alice.tenant_id, video_id, trace=Trace.new(), tier="exact")
        second = asyncio.create_task(again())
        while not (second.done() or await somebody_waits(admin)):
            pass
    assert await second == begun


async def somebody_waits(admin: Pool) -> bool:
    """Whether a transaction of this database waits for an advisory lock."""
    async with admin.connection() as db:
        found = await db.execute(
            "SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted"
        )
        return await found.fetchone() is not None


async def test_a_bucket_that_is_no_longer_linked_is_refused(
    alice: Person, admin: Pool, api_pool: Pool, s3: S3Client
) -> None:
    bucket = f"films-{uuid4().hex[:8]}"
    await s3.create_bucket(Bucket=bucket)
    await s3.put_object(Bucket=bucket, Key="a.mp4", Body=b"a")
    await administration.link_bucket(api_pool, alice.tenant_id, bucket, platforms_own="sightglass")
    first = (await alice.post("/v1/analyses", {"bucket": bucket, "key": "a.mp4", "tier": "exact"})).json()
    assert await tier_in_message(admin, first) == (first["analysis_id"], "exact")
    await change_job(admin, first["job_id"], "status = 'done'")
    path = f"/v1/videos/{first['video_id']}/analyses"
    assert (await alice.post(path)).status_code == 202
    await administration.unlink_bucket(api_pool, alice.tenant_id, bucket)
    before = await count(admin, "job", alice.tenant_id)
    for body in ({}, {"tier": "exact"}):
        answer = await alice.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")
    assert await count(admin, "job", alice.tenant_id) == before


@pytest.mark.parametrize("body", [{"tier": "fast"}, {"tier": None}, "no object"], ids=str)
async def test_a_tier_that_there_is_not_is_refused(alice: Person, body: object) -> None:
    ids = await a_video(alice)
    for path in (f"/v1/videos/{ids['video_id']}/analyses", f"/v1/uploads/{ids['upload_id']}/complete"):
        answer = await alice.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_an_upload_is_analysed_in_the_tier_that_its_completion_names(alice: Person, admin: Pool) -> None:
    upload = await an_upload(alice)
    path = f"/v1/uploads/{upload['upload_id']}/complete"
    done = (await alice.post(path, {"tier": "exact"})).json()
    assert await tier_in_message(admin, done) == (done["analysis_id"], "exact")
    assert (await alice.post(path)).json() == done


async def test_an_upload_that_is_completed_without_a_body_is_analysed_exactly(alice: Person, admin: Pool) -> None:
    upload = await an_upload(alice)
    for headers in ({}, {"Content-Type": "application/json"}):
        done = await alice.http.post(f"/v1/uploads/{upload['upload_id']}/complete", headers=headers)
        assert (await tier_in_message(admin, done.json()))[1] == "exact"


async def test_an_analysis_shows_all_that_was_found(alice: Person, admin: Pool, s3: S3Client, service: Context) -> None:
    another, ids = await a_video(alice, b"another"), await a_video(alice)
    empty = (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()
    assert [empty[name] for name in ("analyser_version", "text_coverage", "pose_coverage", "score")] == [None] * 4
    assert empty["partial_reason"] is None
    assert (empty["text_count"], empty["track_count"], empty["artifacts"]) == (0, 0, [])
    await finish(admin, s3, service.settings.bucket, ids)
    await find_more(admin, ids, texts=4, tracks=2, version=7)
    await find_more(admin, another, texts=5, tracks=5)
    path = f"/v1/analyses/{ids['analysis_id']}"
    for analysis in (
        (await alice.get(path)).json(),
        (await alice.get("/v1/videos?limit=1")).json()["items"][0]["latest"],
    ):
        assert (analysis["scene_count"], analysis["text_count"], analysis["track_count"]) == (3, 4, 2)
        assert (analysis["analyser_version"], analysis["partial_reason"]) == (7, "bad_packets")
        assert (analysis["text_coverage"], analysis["pose_coverage"], analysis["score"]) == (COVERAGE, POSES, SCORE)


async def test_an_analysis_tells_all_that_it_found_and_where_its_lists_go_on(
    alice: Person, admin: Pool, s3: S3Client, service: Context
) -> None:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    await find_more(admin, ids, texts=201, tracks=2)
    whole = (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()
    video, named = f"/v1/videos/{ids['video_id']}", f"analysis_id={ids['analysis_id']}"
    for listing in ("scenes", "texts", "tracks"):
        page = (await alice.get(f"{video}/{listing}?{named}&limit=200")).json()
        numbers = [item["number"] for item in whole[listing]["items"]]
        assert numbers == [item["number"] for item in page["items"]]
        assert numbers
        assert whole[listing]["analysis_id"] == ids["analysis_id"]
    assert whole["scenes"]["next_cursor"] is whole["tracks"]["next_cursor"] is None
    rest = (await alice.get(f"{video}/texts?{named}&cursor={whole['texts']['next_cursor']}")).json()
    assert [text["number"] for text in rest["items"]] == [200]
    assert whole["texts"]["coverage"] == whole["text_coverage"]
