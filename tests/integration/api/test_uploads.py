"""Uploads: announced, sent to S3, completed once."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.integration.api.people import Person, a_tenant, a_video, an_upload, count, send_form
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_api.s3_objects import S3Objects
from sightglass_common.db import Pool

MEBIBYTE = 1024 * 1024


async def test_a_form_takes_the_announced_object_and_nothing_else(alice: Person) -> None:
    new = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 5}
    announced = (await alice.post("/v1/uploads", new)).json()
    assert announced["method"] == "post"
    assert announced["parts"] == []
    assert announced["fields"]["key"] == f"tenants/{alice.tenant_id}/uploads/{announced['upload_id']}"
    refused = [
        await send_form(announced, b"123456"),
        await send_form(announced, b"1234"),
        await send_form(announced, b"12345", **{"Content-Type": "text/html"}),
        await send_form(announced, b"12345", key="tenants/another"),
    ]
    assert [answer.status_code for answer in refused] == [400, 400, 403, 403]
    assert (await send_form(announced, b"12345")).status_code == 204


async def test_completing_makes_video_analysis_job_and_message(alice: Person, admin: Pool) -> None:
    before = await count(admin, "outbox", alice.tenant_id)
    upload = await an_upload(alice, filename="Ünïcode 🎬.mp4")
    done = await alice.post(f"/v1/uploads/{upload['upload_id']}/complete")
    ids = done.json()
    assert done.status_code == 202
    assert done.headers["location"] == f"/v1/jobs/{ids['job_id']}"
    assert await count(admin, "outbox", alice.tenant_id) == before + 1
    video = (await alice.get(f"/v1/videos/{ids['video_id']}")).json()
    assert video["filename"] == "Ünïcode 🎬.mp4"
    assert video["latest"]["analysis_id"] == ids["analysis_id"]
    assert video["latest"]["status"] == "queued"


async def test_completing_twice_answers_the_same_and_starts_one_job(alice: Person, admin: Pool) -> None:
    upload = await an_upload(alice)
    before = await count(admin, "job", alice.tenant_id)
    path = f"/v1/uploads/{upload['upload_id']}/complete"
    first, second = await alice.post(path), await alice.post(path)
    assert first.json() == second.json()
    assert await count(admin, "job", alice.tenant_id) == before + 1


async def test_completing_six_times_at_once_starts_one_job(alice: Person, admin: Pool) -> None:
    upload = await an_upload(alice)
    before = await count(admin, "job", alice.tenant_id), await count(admin, "outbox", alice.tenant_id)
    path = f"/v1/uploads/{upload['upload_id']}/complete"
    answers = await asyncio.gather(*(alice.post(path) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    after = await count(admin, "job", alice.tenant_id), await count(admin, "outbox", alice.tenant_id)
    assert after == (before[0] + 1, before[1] + 1)


async def test_a_completed_upload_says_what_it_became_and_gives_no_links(alice: Person) -> None:
    ids = await a_video(alice)
    shown = (await alice.get(f"/v1/uploads/{ids['upload_id']}")).json()
    assert shown["state"] == "completed"
    assert shown["job_id"] == ids["job_id"]
    assert shown["url"] is None
    assert shown["fields"] == {}


async def test_an_upload_that_never_came_cannot_be_completed(alice: Person) -> None:
    new = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 5}
    upload_id = (await alice.post("/v1/uploads", new)).json()["upload_id"]
    answer = await alice.post(f"/v1/uploads/{upload_id}/complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")


async def test_an_object_of_another_size_is_refused(alice: Person, service: Context, s3: S3Client) -> None:
    upload = await an_upload(alice, b"video")
    # As if S3 had let it pass: the form's own limits are tested above.
    await s3.put_object(Bucket=service.settings.bucket, Key=upload["fields"]["key"], Body=b"longer than announced")
    answer = await alice.post(f"/v1/uploads/{upload['upload_id']}/complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_size_mismatch")
    assert (answer.json()["actual_bytes"], answer.json()["announced_bytes"]) == (21, 5)


async def test_an_upload_expires(alice: Person, admin: Pool) -> None:
    upload = await an_upload(alice)
    async with admin.connection() as db:
        await db.execute("UPDATE upload SET expires_at = now() WHERE upload_id = %s", [upload["upload_id"]])
    shown = (await alice.get(f"/v1/uploads/{upload['upload_id']}")).json()
    assert (shown["state"], shown["url"]) == ("expired", None)
    answer = await alice.post(f"/v1/uploads/{upload['upload_id']}/complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_expired")


async def test_an_empty_object_is_taken(alice: Person) -> None:
    ids = await a_video(alice, b"")
    assert (await alice.get(f"/v1/jobs/{ids['job_id']}")).json()["status"] == "queued"


async def test_more_than_the_limit_is_refused_with_the_limit(alice: Person) -> None:
    new = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 50_000_000_001}
    answer = await alice.post("/v1/uploads", new)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert answer.json()["max_upload_bytes"] == 50_000_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"filename": ""},
        {"filename": "a\nb.mp4"},
        {"filename": "a\u0000.mp4"},
        {"filename": "a\ud800.mp4"},
        {"filename": " "},
        {"filename": "x" * 256},
        {"filename": 7},
        {"content_type": "video"},
        {"content_type": "video/mp4\r\nX-Evil: 1"},
        {"size_bytes": -1},
        {"size_bytes": "5"},
        {"size_bytes": 1.5},
        {"size_bytes": True},
        {"size_bytes": None},
    ],
)
async def test_a_field_that_does_not_fit_is_named(alice: Person, change: dict[str, Any]) -> None:
    new = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 5} | change
    answer = await alice.post("/v1/uploads", new)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{next(iter(change))}"]


@pytest.fixture
def put_together_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two calls that put an object's parts together, each has seen them all before either does, and then in turn.

    At the same moment they are too much for LocalStack (4.13.1): the second empties the object before it finds that
    the parts are gone. In S3 each of them is whole, so that they have some order there too.
    """
    seen, turn, finish = asyncio.Barrier(2), asyncio.Lock(), S3Objects.finish_multipart

    async def in_turn(objects: S3Objects, *of: Any) -> None:
        await seen.wait()
        async with turn:
            await finish(objects, *of)

    monkeypatch.setattr(S3Objects, "finish_multipart", in_turn)


@pytest.mark.usefixtures("put_together_in_turn")
async def test_a_large_object_goes_in_parts_and_resumes(alice: Person) -> None:
    size = 100_000_001
    new = {"filename": "long.mp4", "content_type": "video/mp4", "size_bytes": size}
    announced = (await alice.post("/v1/uploads", new)).json()
    assert announced["method"] == "multipart"
    assert announced["part_bytes"] == 16 * MEBIBYTE
    assert sum(part["size_bytes"] for part in announced["parts"]) == size
    first, *rest = announced["parts"]
    path = f"/v1/uploads/{announced['upload_id']}"
    async with httpx.AsyncClient(timeout=60) as s3:
        assert (await s3.put(first["url"], content=bytes(first["size_bytes"]))).status_code == 200
        early = await alice.post(f"{path}/complete")
        assert (early.status_code, early.json()["code"]) == (409, "upload_incomplete")
        assert early.json()["missing_parts"] == [part["number"] for part in rest]
        resumed = (await alice.get(path)).json()
        assert [part["number"] for part in resumed["received"]] == [1]
        for part in resumed["parts"][1:]:
            assert (await s3.put(part["url"], content=bytes(part["size_bytes"]))).status_code == 200
    answers = await asyncio.gather(*(alice.post(f"{path}/complete") for _ in range(2)))
    assert [answer.status_code for answer in answers] == [202, 202], [answer.text for answer in answers]
    assert answers[0].json() == answers[1].json()
    video = (await alice.get(f"/v1/videos/{answers[0].json()['video_id']}")).json()
    assert video["size_bytes"] == size


async def test_a_part_of_another_size_is_refused_by_its_link(alice: Person) -> None:
    new = {"filename": "long.mp4", "content_type": "video/mp4", "size_bytes": 100_000_001}
    part = (await alice.post("/v1/uploads", new)).json()["parts"][-1]
    async with httpx.AsyncClient() as s3:
        answer = await s3.put(part["url"], content=b"short")
    assert answer.status_code == 403


async def test_a_viewer_sees_an_upload_without_the_links_that_write(alice: Person, viewer: Person) -> None:
    upload = await an_upload(alice)
    shown = (await viewer.get(f"/v1/uploads/{upload['upload_id']}")).json()
    assert (shown["state"], shown["url"], shown["fields"]) == ("pending", None, {})


async def test_nothing_is_answered_when_the_commit_fails(
    transport: httpx.ASGITransport, api_pool: Pool, admin: Pool
) -> None:
    person = await a_tenant(api_pool, transport)
    upload = await an_upload(person)
    async with admin.connection() as db:
        # A constraint that is looked at only at the commit, and never holds.
        await db.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON job DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            answer = await person.post(f"/v1/uploads/{upload['upload_id']}/complete")
        finally:
            await db.execute("DROP FUNCTION refuse CASCADE")
    assert answer.status_code == 500
    assert await count(admin, "job", person.tenant_id) == 0
    again = await person.post(f"/v1/uploads/{upload['upload_id']}/complete")
    assert again.status_code == 202
