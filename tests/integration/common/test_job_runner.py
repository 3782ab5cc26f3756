"""Jobs from the queue to their end, on a real Postgres and a real SQS interface."""

import asyncio
import json
from uuid import UUID

import pytest
from tests.integration.common.fleet import QUEUE, Analyses, Fleet, a_tenant, effects_of, until
from tests.stack import Database

from sightglass_common import jobs, leases
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import DownloadFailed, JobOver, LeaseLost
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect, JobRunner, Work
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeVideo, Envelope, from_json, to_json
from sightglass_common.outcomes import Done, Leave, Outcome, Retry
from sightglass_common.video_errors import NotAVideo


def runner(fleet: Fleet, work: Work[AnalyzeVideo], *, lease_s: float = 30.0) -> JobRunner[AnalyzeVideo]:
    return JobRunner(fleet.worker, QUEUE, work, lease_s=lease_s, report_every_s=0.05)


async def envelope_of(fleet: Fleet, job_id: UUID) -> Envelope[AnalyzeVideo]:
    return from_json(json.dumps((await fleet.job(job_id))["message"]), AnalyzeVideo)


async def test_a_job_goes_from_the_outbox_to_done(fleet: Fleet) -> None:
    work = Analyses()
    job_id = await fleet.enqueue_and_send()
    async with fleet.consuming(runner(fleet, work)):
        await until(lambda: fleet.finished(job_id))
        await until(fleet.emptied)
    job = await fleet.job(job_id)
    assert (job["status"], job["attempt"], job["done"], job["total"]) == ("done", 1, 10, 10)
    assert [stage["stage"] for stage in job["stages"]] == ["analyze"]
    assert await effects_of(fleet) == 1


async def test_a_redelivery_has_no_second_effect(fleet: Fleet) -> None:
    work = Analyses()
    job_id = await fleet.enqueue_and_send()
    body = to_json(await envelope_of(fleet, job_id))
    for _ in range(5):
        await fleet.send(body)
    async with fleet.consuming(runner(fleet, work, lease_s=0.5)):
        await until(fleet.emptied)
    assert (await fleet.job(job_id))["status"] == "done"
    assert (await effects_of(fleet), await fleet.depth(QUEUE.dead_letters)) == (1, (0, 0))


async def test_killed_between_commit_and_delete_the_effect_stands_once(fleet: Fleet) -> None:
    delivery = Delivery(await envelope_of(fleet, await fleet.enqueue()))
    work = Analyses()
    assert await runner(fleet, work)(delivery) == Done()  # and here the process is gone, the message is not
    with pytest.raises(JobOver):
        await runner(fleet, work)(delivery)
    assert (work.begun, await effects_of(fleet)) == (1, 1)


async def test_a_zombies_result_is_dropped(fleet: Fleet) -> None:
    """Stopped for longer than its lease, then going on: its successor's result stands alone."""
    job_id = await fleet.enqueue()
    delivery = Delivery(await envelope_of(fleet, job_id))
    async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
        zombie = await leases.claim(db, job_id, lease_s=0)
    assert await runner(fleet, Analyses("partial"))(delivery) == Done()
    with pytest.raises(LeaseLost):
        async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
            await leases.finish(db, zombie, "done")
    assert await runner(fleet, Analyses())._failed(delivery, zombie, DownloadFailed()) == Leave()
    job = await fleet.job(job_id)
    assert (job["status"], job["attempt"], job["error_code"]) == ("partial", 2, None)
    assert await effects_of(fleet) == 1


async def test_a_message_with_another_tenants_job_does_nothing(fleet: Fleet, admin: Pool) -> None:
    job_id = await fleet.enqueue()
    work = Analyses()
    forged = fleet.message(tenant_id=await a_tenant(admin), job_id=job_id)
    unknown = fleet.message(tenant_id=job_id, job_id=job_id)
    for envelope in (forged, unknown):
        await fleet.send(to_json(envelope))
    async with fleet.consuming(runner(fleet, work)):
        await until(fleet.emptied)
    dead = await fleet.received(QUEUE.dead_letters)
    assert sorted(letter["body"] for letter in dead) == sorted(map(to_json, (forged, unknown)))
    assert {letter["attributes"]["reason"] for letter in dead} == {"job_not_found: No such job"}
    assert (work.begun, (await fleet.job(job_id))["status"]) == (0, "queued")


async def test_input_that_is_wrong_for_good_fails_the_job_at_once(fleet: Fleet) -> None:
    work = Analyses()
    work.fails_with = [NotAVideo("It is a text.")]
    job_id = await fleet.enqueue_and_send()
    async with fleet.consuming(runner(fleet, work)):
        await until(lambda: fleet.finished(job_id))
        await until(fleet.emptied)
    job = await fleet.job(job_id)
    shown = (job["status"], job["error_code"], job["error_detail"], job["error_retryable"])
    assert shown == ("failed", "not_a_video", "It is a text.", False)
    assert (work.begun, await fleet.depth(QUEUE.dead_letters)) == (1, (0, 0))


@pytest.mark.parametrize("error", [DownloadFailed("It broke off."), KeyError("card 4111 1111 1111 1111")])
async def test_a_failure_that_may_pass_shows_on_the_queued_job(fleet: Fleet, error: Exception) -> None:
    job_id = await fleet.enqueue()
    work = Analyses()
    work.fails_with = [error]
    outcome = await runner(fleet, work)(Delivery(await envelope_of(fleet, job_id)))
    assert isinstance(outcome, Retry)
    assert outcome.delay_s is not None
    job = await fleet.job(job_id)
    assert (job["status"], job["attempts_left"], job["error_retryable"]) == ("queued", 4, True)
    assert "4111" not in job["error_detail"] + outcome.reason


async def test_with_no_attempt_left_the_job_fails_and_its_message_is_a_dead_letter(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    await fleet.change("DELETE FROM outbox")
    envelope = await envelope_of(fleet, job_id)
    work = Analyses()
    work.fails_with = [DownloadFailed("It broke off.") for _ in range(5)]
    outcomes = [await runner(fleet, work)(Delivery(envelope)) for _ in range(5)]
    assert [type(outcome) for outcome in outcomes] == [Retry] * 4 + [Done]
    job = await fleet.job(job_id)
    assert (job["status"], job["error_code"], job["attempts_left"]) == ("failed", "download_failed", 0)
    rows = await fleet.value("SELECT array_agg(queue || ' ' || reason) FROM outbox")
    assert rows == [f"{QUEUE.dead_letters} download_failed: It broke off."]


async def test_a_job_that_kills_its_worker_each_time_is_given_up(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    await fleet.change("DELETE FROM outbox")
    envelope = await envelope_of(fleet, job_id)
    for _ in range(5):
        async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
            await leases.claim(db, job_id, lease_s=0)  # and its process is gone
    work = Analyses()
    assert await runner(fleet, work)(Delivery(envelope)) == Done()
    job = await fleet.job(job_id)
    assert (job["status"], job["error_code"], work.begun) == ("failed", "attempts_exhausted", 0)
    assert await fleet.value("SELECT array_agg(queue) FROM outbox") == [QUEUE.dead_letters]


@pytest.mark.parametrize("silent", [True, False])
async def test_a_running_job_is_cancelled_by_its_worker(fleet: Fleet, *, silent: bool) -> None:
    job_id = await fleet.enqueue_and_send()
    cleaned_up = asyncio.Event()
    begun = asyncio.Event()

    async def work(_message: AnalyzeVideo, context: JobContext) -> Effect:
        try:
            await context.report("analyze", 0, 10)
            begun.set()
            while not silent:
                await context.report("analyze", 1, 10)
                await asyncio.sleep(0.01)
            await asyncio.Event().wait()
        finally:
            cleaned_up.set()
        raise AssertionError

    async with fleet.consuming(runner(fleet, work, lease_s=1.0)):
        await begun.wait()
        async with tenant_transaction(fleet.api, fleet.tenant_id) as db:
            assert await jobs.request_cancel(db, job_id) == "running"
        await until(lambda: fleet.finished(job_id))
        await until(fleet.emptied)
    assert cleaned_up.is_set()
    assert (await fleet.job(job_id))["status"] == "cancelled"


async def test_a_silent_job_keeps_its_lease(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    work = Analyses()
    work.gate.clear()
    handler, delivery = runner(fleet, work, lease_s=0.6), Delivery(await envelope_of(fleet, job_id))

    async def run() -> Outcome:
        return await handler(delivery)

    running = asyncio.create_task(run())
    await until(lambda: _begun(fleet, job_id))
    first = (await fleet.job(job_id))["lease_until"]
    revision = (await fleet.job(job_id))["revision"]

    async def renewed() -> bool:
        return (await fleet.job(job_id))["lease_until"] > first

    await until(renewed)
    assert (await fleet.job(job_id))["revision"] == revision  # nothing that a watcher should see
    work.gate.set()
    assert await running == Done()
    assert (await fleet.job(job_id))["attempt"] == 1


async def test_a_job_ends_whose_work_is_over_while_its_lease_waits_for_a_connection(
    fleet: Fleet, database: Database
) -> None:
    job_id = await fleet.enqueue()
    delivery = Delivery(await envelope_of(fleet, job_id))
    async with database.pool("worker", max_size=1) as pool:

        async def lease_waits() -> bool:
            return pool.get_stats()["requests_waiting"] > 0

        async def work(message: AnalyzeVideo, job: JobContext) -> Effect:
            async with job.transaction():
                await until(lease_waits)
            return done

        async def done(db: Db) -> FinalStatus:
            return "done"

        # The lease is due for renewal at once.
        running = asyncio.create_task(JobRunner(pool, QUEUE, work, lease_s=0.1, report_every_s=0.05)(delivery))
        await asyncio.wait({running}, timeout=20)
        assert running.done()
    assert await running == Done()
    assert (await fleet.job(job_id))["status"] == "done"


async def test_a_shutdown_gives_the_job_back_with_its_attempt_unspent(fleet: Fleet) -> None:
    job_id = await fleet.enqueue_and_send()
    work = Analyses()
    work.gate.clear()
    async with fleet.consuming(runner(fleet, work), shutdown_grace_s=0.1):
        await until(lambda: _begun(fleet, job_id))
    job = await fleet.job(job_id)
    assert (job["status"], job["attempts_left"], job["error_code"]) == ("queued", 5, None)
    assert await fleet.depth() == (1, 0)
    work.gate.set()
    async with fleet.consuming(runner(fleet, work)):
        await until(lambda: fleet.finished(job_id))
    assert ((await fleet.job(job_id))["attempt"], await effects_of(fleet)) == (2, 1)


async def test_what_the_effect_wrote_is_gone_when_the_job_cannot_be_finished(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()

    async def work(message: AnalyzeVideo, context: JobContext) -> Effect:
        inner = await Analyses()(message, context)

        async def effect(db: Db) -> FinalStatus:
            await inner(db)
            await fleet.change("UPDATE job SET attempt = attempt + 1 WHERE job_id = %s", job_id)
            return "done"

        return effect

    assert await runner(fleet, work)(Delivery(await envelope_of(fleet, job_id))) == Leave()
    assert await effects_of(fleet) == 0
    assert await fleet.value("SELECT count(*) FROM processed WHERE tenant_id = %s", fleet.tenant_id) == 0


async def _begun(fleet: Fleet, job_id: UUID) -> bool:
    return (await fleet.job(job_id))["stage"] is not None
