"""Jobs: listed, cancelled, tried again, followed."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.integration.api.people import Person, a_colleague, a_tenant, a_video, change_job, count

from sightglass_api.auth import Principal, Tenant
from sightglass_api.context import Context
from sightglass_api.jobs.events import Follower
from sightglass_api.permissions import Role
from sightglass_api.tenants import administration
from sightglass_common.db import Pool
from sightglass_common.tracing import Trace


async def test_jobs_are_listed_newest_first_and_by_status(transport: httpx.ASGITransport, api_pool: Pool) -> None:
    person = await a_tenant(api_pool, transport)
    made = [(await a_video(person, f"{n}".encode()))["job_id"] for n in range(3)]
    await person.post(f"/v1/jobs/{made[1]}/cancel")
    every = (await person.get("/v1/jobs")).json()["items"]
    queued = (await person.get("/v1/jobs?status=queued&limit=1")).json()
    rest = (await person.get(f"/v1/jobs?status=queued&cursor={queued['next_cursor']}")).json()
    assert [job["job_id"] for job in every] == made[::-1]
    assert [job["job_id"] for job in queued["items"] + rest["items"]] == [made[2], made[0]]
    assert (await person.get(f"/v1/jobs?cursor={queued['next_cursor']}")).status_code == 400


async def test_the_parts_of_a_job_are_not_shown(alice: Person, admin: Pool) -> None:
    whole, part = [(await a_video(alice, f"{n}".encode()))["job_id"] for n in range(2)]
    await change_job(admin, part, "kind = 'range'")
    shown = [job["job_id"] for job in (await alice.get("/v1/jobs")).json()["items"]]
    assert whole in shown
    assert part not in shown
    assert (await alice.get(f"/v1/jobs/{part}")).json()["code"] == "job_not_found"


async def test_a_queued_job_is_cancelled_at_once_and_only_once(alice: Person) -> None:
    path = f"/v1/jobs/{(await a_video(alice))['job_id']}"
    cancelled = await alice.post(f"{path}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    again = await alice.post(f"{path}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_not_cancellable")


async def test_a_running_job_is_asked_to_end(alice: Person, admin: Pool) -> None:
    ids = await a_video(alice)
    await change_job(admin, ids["job_id"], "status = 'running', started_at = now()")
    asked = (await alice.post(f"/v1/jobs/{ids['job_id']}/cancel")).json()
    assert (asked["status"], asked["cancel_requested"]) == ("running", True)


async def test_a_cancelled_job_is_sent_again_by_a_retry(alice: Person, admin: Pool) -> None:
    ids = await a_video(alice)
    await alice.post(f"/v1/jobs/{ids['job_id']}/cancel")
    before = await count(admin, "outbox", alice.tenant_id)
    retried = await alice.post(f"/v1/jobs/{ids['job_id']}/retry")
    assert (retried.status_code, retried.json()["status"]) == (202, "queued")
    assert retried.json()["cancel_requested"] is False
    assert await count(admin, "outbox", alice.tenant_id) == before + 1
    again = await alice.post(f"/v1/jobs/{ids['job_id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "job_not_retryable")


async def test_a_queued_job_shows_what_its_last_attempt_met(alice: Person, admin: Pool) -> None:
    ids = await a_video(alice)
    await change_job(
        admin,
        ids["job_id"],
        "attempt = 1, error_code = 'download_failed', error_detail = 'Broke.', error_stage = 'download',"
        " error_retryable = true",
    )
    job = (await alice.get(f"/v1/jobs/{ids['job_id']}")).json()
    assert (job["status"], job["error"]["code"], job["error"]["retryable"]) == ("queued", "download_failed", True)


async def test_nothing_is_answered_when_the_commit_fails(alice: Person, admin: Pool) -> None:
    ids = await a_video(alice)
    async with admin.connection() as db:
        # A constraint that is looked at only at the commit, and never holds.
        await db.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON job DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            answer = await alice.post(f"/v1/jobs/{ids['job_id']}/cancel")
        finally:
            await db.execute("DROP FUNCTION refuse CASCADE")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert (await alice.get(f"/v1/jobs/{ids['job_id']}")).json()["status"] == "queued"


@dataclass
class Stream:
    """A job's events as they come."""

    lines: AsyncGenerator[str]

    async def next(self) -> dict[str, Any] | None:
        """The next event's id and job; None at the end."""
        event: dict[str, str] = {}
        async for text in self.lines:
            for line in text.splitlines():
                field, _, value = line.partition(": ")
                event[field] = value
            if "data" in event:
                assert event["event"] == "job"
                return {"id": int(event["id"]), "job": json.loads(event["data"])}
        return None


@asynccontextmanager
async def follow(
    service: Context, person: Person, job_id: str, known: str | None = None
) -> AsyncGenerator[tuple[Stream, asyncio.Event]]:
    """The stream that the route gives out. (httpx hands over an in-process answer only when it has ended.)"""
    stopping = asyncio.Event()
    caller = Principal(person.tenant_id, person.key_id, Role.VIEWER)
    follower = Follower(Tenant(replace(service, stopping=stopping), caller, Trace.new()), UUID(job_id), known=known)
    events = follower.events(await follower.look())
    yield Stream(events), stopping
    await events.aclose()


async def test_a_stream_tells_each_change_and_ends_with_the_job(alice: Person, admin: Pool, service: Context) -> None:
    ids = await a_video(alice)
    async with follow(service, alice, ids["job_id"]) as (stream, _):
        first = await stream.next()
        assert first
        assert first["job"]["status"] == "queued"
        await change_job(admin, ids["job_id"], "status = 'running', started_at = now(), stage = 'probe'")
        second = await stream.next()
        assert second
        assert (second["job"]["stage"], second["id"]) == ("probe", first["id"] + 1)
        await change_job(admin, ids["job_id"], "status = 'done', finished_at = now()")
        third = await stream.next()
        assert third
        assert third["job"] == (await alice.get(f"/v1/jobs/{ids['job_id']}")).json()
        assert await stream.next() is None


async def test_a_stream_leaves_out_what_is_known(alice: Person, admin: Pool, service: Context) -> None:
    ids = await a_video(alice)
    revision = (await alice.get(f"/v1/jobs/{ids['job_id']}")).json()["revision"]
    async with follow(service, alice, ids["job_id"], str(revision)) as (stream, _):
        await change_job(admin, ids["job_id"], "status = 'failed', finished_at = now()")
        only = await stream.next()
        assert only
        assert (only["id"], only["job"]["status"]) == (revision + 1, "failed")
        assert await stream.next() is None


async def test_a_stream_ends_when_the_service_stops(alice: Person, service: Context) -> None:
    ids = await a_video(alice)
    async with follow(service, alice, ids["job_id"]) as (stream, stopping):
        assert await stream.next()
        stopping.set()
        assert await stream.next() is None


async def test_a_stream_ends_when_its_key_does(
    alice: Person, api_pool: Pool, transport: httpx.ASGITransport, service: Context
) -> None:
    ids = await a_video(alice)
    colleague = await a_colleague(api_pool, transport, alice, Role.VIEWER)
    async with follow(service, colleague, ids["job_id"]) as (stream, _):
        assert await stream.next()
        await administration.revoke_key(api_pool, alice.tenant_id, colleague.key_id)
        assert await stream.next() is None


async def test_an_ended_job_is_one_event_over_http(alice: Person) -> None:
    ids = await a_video(alice)
    job = (await alice.post(f"/v1/jobs/{ids['job_id']}/cancel")).json()
    answer = await alice.get(f"/v1/jobs/{ids['job_id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert f"id: {job['revision']}\nevent: job\ndata: " in answer.text
    assert answer.text.count("data: ") == 1


@pytest.mark.parametrize("known", ["nonsense", "-1", "0", "²"])
async def test_a_strange_last_event_id_gives_the_whole(alice: Person, known: str) -> None:
    ids = await a_video(alice)
    await alice.post(f"/v1/jobs/{ids['job_id']}/cancel")
    headers = {"Last-Event-ID": known.encode()}
    answer = await alice.get(f"/v1/jobs/{ids['job_id']}/events", headers=headers)
    assert (answer.status_code, answer.text.count("data: ")) == (200, 1)


async def test_who_knows_the_end_is_told_that_nothing_follows(alice: Person) -> None:
    ids = await a_video(alice)
    job = (await alice.post(f"/v1/jobs/{ids['job_id']}/cancel")).json()
    headers = {"Last-Event-ID": str(job["revision"])}
    assert (await alice.get(f"/v1/jobs/{ids['job_id']}/events", headers=headers)).status_code == 204
