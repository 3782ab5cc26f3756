"""Which jobs the reconciler finds, and what it does with them, as the relay's own role."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.integration.common.fleet import QUEUE, Analyses, Fleet, until

from sightglass_common import jobs, leases
from sightglass_common.db import Pool, tenant_transaction, untenanted_transaction
from sightglass_common.errors import LeaseLost
from sightglass_common.ids import new_id
from sightglass_common.job_runner import JobRunner
from sightglass_common.leases import Claim
from sightglass_common.provision import provision_queues
from sightglass_common.reconciler import Reconciler, forget_labels
from sightglass_common.relay import Relay


@pytest.fixture(autouse=True)
async def all_queues(fleet: Fleet) -> None:
    """A reconciler asks how much each queue holds."""
    await provision_queues(fleet.sqs, fleet.prefix)


def in_minutes(minutes: float) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def reconciler(fleet: Fleet) -> Reconciler:
    return Reconciler(fleet.relay, fleet.sqs, fleet.prefix)


async def queued(fleet: Fleet) -> list[tuple[UUID, str]]:
    value = await fleet.value("SELECT json_agg(json_build_array(job_id, queue)) FROM outbox")
    return [(UUID(job_id), queue) for job_id, queue in value or []]


async def a_lost_job(fleet: Fleet) -> UUID:
    """Queued, sent, and its message gone."""
    job_id = await fleet.enqueue()
    await fleet.change("DELETE FROM outbox")
    return job_id


async def claim(fleet: Fleet, job_id: UUID, *, lease_s: float = 0) -> Claim:
    async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
        return await leases.claim(db, job_id, lease_s=lease_s)


async def test_notes_of_effects_go_when_no_delivery_can_ask_for_them(fleet: Fleet) -> None:
    for days in (14, 16):
        await fleet.change(
            "INSERT INTO processed VALUES (%s, 'q', gen_random_uuid(), now() - make_interval(days => %s))",
            fleet.tenant_id,
            days,
        )
    stop = asyncio.Event()
    running = asyncio.create_task(reconciler(fleet).run(stop))

    async def one_is_left() -> bool:
        return await fleet.value("SELECT count(*) FROM processed WHERE tenant_id = %s", fleet.tenant_id) == 1

    await until(one_is_left)
    stop.set()
    await running
    age = "SELECT extract(day FROM now() - processed_at) FROM processed WHERE tenant_id = %s"
    assert await fleet.value(age, fleet.tenant_id) == 14


async def test_a_job_whose_message_was_lost_is_sent_again_and_done_once(fleet: Fleet) -> None:
    job_id = await a_lost_job(fleet)
    before = (await fleet.job(job_id))["message"]
    assert await reconciler(fleet).run_once(now=in_minutes(1)) == 0
    assert await reconciler(fleet).run_once(now=in_minutes(3)) == 1
    assert await queued(fleet) == [(job_id, QUEUE.name)]
    job = await fleet.job(job_id)
    assert (job["sends"], job["message"], job["attempts_left"]) == (2, before, 5)
    await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due()
    async with fleet.consuming(JobRunner(fleet.worker, QUEUE, Analyses())):
        await until(lambda: fleet.finished(job_id))


async def test_a_job_that_waits_in_the_outbox_is_not_sent_twice(fleet: Fleet) -> None:
    await fleet.enqueue()
    assert await reconciler(fleet).run_once(now=in_minutes(120)) == 0


async def test_a_job_in_a_queue_is_not_sent_again_for_half_an_hour(fleet: Fleet) -> None:
    await fleet.enqueue_and_send()
    assert await reconciler(fleet).run_once(now=in_minutes(29)) == 0
    await fleet.received()  # now it is in flight
    assert await fleet.depth() == (0, 1)
    assert await reconciler(fleet).run_once(now=in_minutes(29)) == 0
    assert await reconciler(fleet).run_once(now=in_minutes(31)) == 1


async def test_a_job_whose_lease_runs_is_left_alone(fleet: Fleet) -> None:
    job_id = await a_lost_job(fleet)
    await claim(fleet, job_id, lease_s=600)
    assert await reconciler(fleet).run_once(now=in_minutes(9)) == 0


async def test_a_job_whose_lease_ran_out_is_sent_again_with_its_attempt_spent(fleet: Fleet) -> None:
    job_id = await a_lost_job(fleet)
    zombie = await claim(fleet, job_id)
    assert await reconciler(fleet).run_once(now=in_minutes(1)) == 1
    job = await fleet.job(job_id)
    assert (job["status"], job["attempts_left"], await queued(fleet)) == ("queued", 4, [(job_id, QUEUE.name)])
    with pytest.raises(LeaseLost):
        async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
            await leases.finish(db, zombie, "done")


async def test_a_job_with_its_last_attempt_lost_fails_and_is_a_dead_letter(fleet: Fleet) -> None:
    job_id = await a_lost_job(fleet)
    for _ in range(5):
        await claim(fleet, job_id)
    assert await reconciler(fleet).run_once(now=in_minutes(1)) == 1
    job = await fleet.job(job_id)
    assert (job["status"], job["error_code"]) == ("failed", "attempts_exhausted")
    assert await queued(fleet) == [(job_id, QUEUE.dead_letters)]
    assert str(await fleet.value("SELECT reason FROM outbox")).startswith("attempts_exhausted: ")


async def test_a_job_that_was_to_be_cancelled_when_its_worker_died_is_cancelled(fleet: Fleet) -> None:
    job_id = await a_lost_job(fleet)
    await claim(fleet, job_id)
    async with tenant_transaction(fleet.api, fleet.tenant_id) as db:
        await jobs.request_cancel(db, job_id)
    assert await reconciler(fleet).run_once(now=in_minutes(1)) == 1
    assert ((await fleet.job(job_id))["status"], await queued(fleet)) == ("cancelled", [])


async def test_after_the_queues_were_lost_every_unfinished_job_is_sent_at_once(fleet: Fleet) -> None:
    waiting, running, dead = [await a_lost_job(fleet) for _ in range(3)]
    done = await a_lost_job(fleet)
    await claim(fleet, running, lease_s=600)
    await claim(fleet, dead)
    finished = await claim(fleet, done)
    async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
        await leases.finish(db, finished, "done")
    await fleet.send("a stranger's message: the queue is not empty")
    assert await reconciler(fleet).run_once(older_than_s=0) == 3
    assert {job_id for job_id, _ in await queued(fleet)} == {waiting, running, dead}
    assert (await fleet.job(running))["status"] == "running"  # its worker may live
    assert await reconciler(fleet).run_once(older_than_s=0) == 0


async def test_two_reconcilers_at_once_send_a_job_once(fleet: Fleet) -> None:
    ids = {await a_lost_job(fleet) for _ in range(20)}
    found = await asyncio.gather(*(reconciler(fleet).run_once(now=in_minutes(3)) for _ in range(3)))
    assert sum(found) == 20
    assert sorted(job_id for job_id, _ in await queued(fleet)) == sorted(ids)


async def test_labels_that_were_paid_for_long_ago_are_forgotten(admin: Pool, relay_pool: Pool) -> None:
    tenant = new_id()
    async with admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [tenant, str(tenant)])
        for number, days in enumerate((89, 91, 400)):
            await db.execute(
                "INSERT INTO label_cache VALUES (%s, %s, '[]', now() - make_interval(days => %s))",
                [tenant, bytes([number]) * 32, days],
            )
    async with untenanted_transaction(relay_pool) as db:
        assert await forget_labels(db) == 2
    async with admin.connection() as db:
        left = await (await db.execute("SELECT key FROM label_cache WHERE tenant_id = %s", [tenant])).fetchall()
    assert left == [(bytes(32),)]
