"""Schedules over HTTP, and what relays make of them."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from psycopg.rows import dict_row
from tests.integration.api.people import Person, a_tenant, change_job

from sightglass_api.schedules import queries
from sightglass_api.schedules.scheduler import Scheduler
from sightglass_common.db import Pool

BUCKET = "watched-bucket"
OWN = "platforms-own"


@pytest.fixture
async def carol(api_pool: Pool, admin: Pool, transport: httpx.ASGITransport) -> AsyncGenerator[Person]:
    """A tenant of the test's own, with a bucket; its schedules end with the test, as a scheduler sees all."""
    person = await a_tenant(api_pool, transport)
    async with admin.connection() as db:
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [person.tenant_id, BUCKET])
    yield person
    async with admin.connection() as db:
        await db.execute("DELETE FROM schedule WHERE tenant_id = %s", [person.tenant_id])


async def a_schedule(person: Person, **changed: Any) -> dict[str, Any]:
    body = {"cron": "0 3 * * *", "scan": {"bucket": BUCKET, "prefix": "p/"}} | changed
    answer = await person.post("/v1/schedules", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def seen(person: Person, schedule: dict[str, Any]) -> dict[str, Any]:
    return (await person.get(f"/v1/schedules/{schedule['schedule_id']}")).json()


def due(schedule: dict[str, Any], *, later: timedelta = timedelta()) -> datetime:
    return datetime.fromisoformat(schedule["next_at"]) + later


async def scans(admin: Pool, tenant_id: UUID) -> list[dict[str, Any]]:
    async with admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT s.scan_id, s.prefix, j.job_id, j.status, (SELECT count(*) FROM outbox o WHERE o.job_id = j.job_id)"
            " AS messages FROM scan s JOIN job j USING (tenant_id, job_id) WHERE s.tenant_id = %s ORDER BY s.scan_id",
            [tenant_id],
        )
        return await cursor.fetchall()


async def test_a_due_time_begins_one_scan_with_its_job_and_message(
    carol: Person, admin: Pool, relay_pool: Pool
) -> None:
    schedule = await a_schedule(carol, timezone="Europe/Berlin")
    scheduler = Scheduler(relay_pool, OWN)
    assert await scheduler.run_once(due(schedule, later=timedelta(seconds=-1))) == 0
    assert await scheduler.run_once(due(schedule)) == 1
    assert await scheduler.run_once(due(schedule)) == 0
    (scan,) = await scans(admin, carol.tenant_id)
    assert (scan["prefix"], scan["status"], scan["messages"]) == ("p/", "queued", 1)
    after = await seen(carol, schedule)
    assert (after["started"], after["skipped"], after["refused"]) == (1, 0, 0)
    assert (after["last_at"], after["last_scan_id"]) == (schedule["next_at"], str(scan["scan_id"]))
    assert due(after) - due(schedule) in {timedelta(hours=hours) for hours in (23, 24, 25)}
    assert (await carol.get(f"/v1/scans/{scan['scan_id']}")).json()["status"] == "listing"


async def test_many_relays_at_once_begin_one_scan(carol: Person, admin: Pool, relay_pool: Pool) -> None:
    schedule = await a_schedule(carol)
    relays = [Scheduler(relay_pool, OWN) for _ in range(6)]
    done = await asyncio.gather(*(relay.run_once(due(schedule)) for relay in relays))
    assert sum(done) == 1
    assert len(await scans(admin, carol.tenant_id)) == 1


async def test_a_relay_that_is_killed_in_the_middle_leaves_the_time_to_the_next(
    carol: Person, admin: Pool, relay_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = await a_schedule(carol)

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(queries, "done", killed)  # the scan is begun, and nothing is committed
        with pytest.raises(asyncio.CancelledError):
            await Scheduler(relay_pool, OWN).run_once(due(schedule))
    assert await scans(admin, carol.tenant_id) == []
    assert await Scheduler(relay_pool, OWN).run_once(due(schedule)) == 1
    assert len(await scans(admin, carol.tenant_id)) == 1


async def test_times_that_were_missed_are_made_up_for_once(carol: Person, admin: Pool, relay_pool: Pool) -> None:
    schedule = await a_schedule(carol, cron="*/10 * * * *")
    late = due(schedule, later=timedelta(days=3, minutes=4))
    assert await Scheduler(relay_pool, OWN).run_once(late) == 1
    after = await seen(carol, schedule)
    assert (after["started"], after["skipped"]) == (1, 0)
    assert timedelta() < due(after) - late <= timedelta(minutes=10)


async def test_while_a_scan_is_under_way_the_next_is_skipped_and_counted(
    carol: Person, admin: Pool, relay_pool: Pool
) -> None:
    schedule = await a_schedule(carol)
    scheduler = Scheduler(relay_pool, OWN)
    await scheduler.run_once(due(schedule))
    for _ in range(2):
        schedule = await seen(carol, schedule)
        await scheduler.run_once(due(schedule))
    assert (await seen(carol, schedule))["skipped"] == 2
    (scan,) = await scans(admin, carol.tenant_id)
    await change_job(admin, str(scan["job_id"]), "status = 'failed', finished_at = now()")
    schedule = await seen(carol, schedule)
    await scheduler.run_once(due(schedule))
    after = await seen(carol, schedule)
    assert (after["started"], after["skipped"]) == (2, 2)


async def test_a_bucket_that_is_linked_no_more_is_not_scanned_and_said_so(
    carol: Person, admin: Pool, relay_pool: Pool
) -> None:
    schedule = await a_schedule(carol)
    async with admin.connection() as db:
        await db.execute("DELETE FROM bucket_link WHERE tenant_id = %s", [carol.tenant_id])
    await Scheduler(relay_pool, OWN).run_once(due(schedule))
    after = await seen(carol, schedule)
    assert (after["refused"], after["started"], after["error_code"]) == (1, 0, "bucket_not_linked")
    assert await scans(admin, carol.tenant_id) == []
    async with admin.connection() as db:
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [carol.tenant_id, BUCKET])
    await Scheduler(relay_pool, OWN).run_once(due(after))
    assert (await seen(carol, schedule))["error_code"] is None


async def test_a_relay_may_not_scan_the_platforms_own_bucket(carol: Person, admin: Pool, relay_pool: Pool) -> None:
    schedule = await a_schedule(carol)
    await Scheduler(relay_pool, BUCKET).run_once(due(schedule))
    assert (await seen(carol, schedule))["error_code"] == "bucket_not_linked"


async def test_paused_nothing_is_due_and_nothing_is_made_up_for(carol: Person, admin: Pool, relay_pool: Pool) -> None:
    schedule = await a_schedule(carol)
    path = f"/v1/schedules/{schedule['schedule_id']}"
    paused = (await carol.http.patch(path, json={"paused": True})).json()
    assert (paused["paused"], paused["next_at"]) == (True, None)
    assert await Scheduler(relay_pool, OWN).run_once(due(schedule, later=timedelta(days=9))) == 0
    again = (await carol.http.patch(path, json={"paused": False, "cron": "0 4 * * *"})).json()
    assert due(again).hour == 4
    assert (again["scan"]["prefix"], again["timezone"]) == ("p/", "UTC")
    assert (await carol.http.patch(path, json={"scan": {"bucket": "unlinked"}})).status_code == 403
    assert (await carol.http.delete(path)).status_code == 204
    assert (await carol.get(path)).status_code == 404


async def test_a_change_of_what_is_scanned_leaves_the_time(carol: Person) -> None:
    schedule = await a_schedule(carol)
    path = f"/v1/schedules/{schedule['schedule_id']}"
    changed = (await carol.http.patch(path, json={"scan": {"bucket": BUCKET, "prefix": "q/"}})).json()
    assert (changed["next_at"], changed["scan"]["prefix"]) == (schedule["next_at"], "q/")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"cron": "61 * * * *"}, "/cron"),
        ({"cron": "0 0 31 2 *"}, "/cron"),
        ({"cron": "@daily"}, "/cron"),
        ({"cron": ""}, "/cron"),
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"timezone": ""}, "/timezone"),
        ({"scan": {"bucket": "NO"}}, "/scan/bucket"),
        ({"scan": {}}, "/scan/bucket"),
    ],
)
async def test_what_no_schedule_can_be_is_refused(carol: Person, wrong: dict[str, Any], pointer: str) -> None:
    body = {"cron": "0 3 * * *", "scan": {"bucket": BUCKET}}
    path = f"/v1/schedules/{(await a_schedule(carol))['schedule_id']}"
    for answer in (await carol.post("/v1/schedules", body | wrong), await carol.http.patch(path, json=wrong)):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_schedule_that_a_newer_version_has_made_is_shown_and_keeps_what_is_not_known_of_it(
    carol: Person, admin: Pool, relay_pool: Pool
) -> None:
    schedule = await a_schedule(carol)
    path = f"/v1/schedules/{schedule['schedule_id']}"
    async with admin.connection() as db:
        await db.execute(
            'UPDATE schedule SET scan = scan || \'{"owner": "ann"}\' WHERE schedule_id = %s', [schedule["schedule_id"]]
        )
    assert (await carol.http.patch(path, json={"cron": "0 4 * * *"})).json()["cron"] == "0 4 * * *"
    assert await Scheduler(relay_pool, OWN).run_once(due(await seen(carol, schedule))) == 1
    after = await seen(carol, schedule)
    assert (after["refused"], after["error_code"]) == (1, "invalid_request")


async def test_a_detector_that_there_is_not_gets_no_schedule(carol: Person) -> None:
    scan = {"bucket": BUCKET, "detectors": ["no-such"]}
    answer = await carol.post("/v1/schedules", {"cron": "0 3 * * *", "scan": scan})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_detectors")


async def test_a_bucket_that_is_not_linked_gets_no_schedule(mallory: Person) -> None:
    answer = await mallory.post("/v1/schedules", {"cron": "0 3 * * *", "scan": {"bucket": BUCKET}})
    assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")


async def test_an_inventory_in_a_bucket_that_is_not_linked_gets_no_schedule(carol: Person) -> None:
    scan = {"bucket": BUCKET, "source": "inventory", "inventory": "s3://stock/daily/manifest.json"}
    answer = await carol.post("/v1/schedules", {"cron": "0 3 * * *", "scan": scan})
    assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")
    path = f"/v1/schedules/{(await a_schedule(carol))['schedule_id']}"
    assert (await carol.http.patch(path, json={"scan": scan})).status_code == 403


async def test_schedules_come_in_pages_and_only_the_tenants_own(carol: Person, mallory: Person) -> None:
    made = [(await a_schedule(carol))["schedule_id"] for _ in range(3)]
    first = (await carol.get("/v1/schedules", params={"limit": 2})).json()
    rest = (await carol.get("/v1/schedules", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["schedule_id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert (await mallory.get("/v1/schedules")).json()["items"] == []


async def test_the_relay_can_cancel_no_scan_and_read_no_finding(relay_pool: Pool) -> None:
    for statement in ("SELECT FROM finding", "DELETE FROM scan", "SELECT bucket FROM scan", "DELETE FROM schedule"):
        async with relay_pool.connection() as db:
            with pytest.raises(Exception, match="permission denied"):
                await db.execute(statement.encode())
