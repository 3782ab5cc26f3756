"""The rules of claims, fences and progress, as the worker's own role."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import pytest
from tests.integration.common.fleet import QUEUE, Fleet, a_tenant

from sightglass_common import jobs, leases
from sightglass_common.db import Db, tenant_transaction
from sightglass_common.errors import (
    AttemptsExhausted,
    Cancelled,
    DownloadFailed,
    JobBusy,
    JobNotCancellable,
    JobNotFound,
    JobNotRetryable,
    JobOver,
    LeaseLost,
)
from sightglass_common.ids import new_id
from sightglass_common.leases import Claim

T = TypeVar("T")


async def as_worker(fleet: Fleet, act: Callable[[Db], Awaitable[T]]) -> T:
    async with tenant_transaction(fleet.worker, fleet.tenant_id) as db:
        return await act(db)


async def as_api(fleet: Fleet, act: Callable[[Db], Awaitable[T]]) -> T:
    async with tenant_transaction(fleet.api, fleet.tenant_id) as db:
        return await act(db)


async def claimed(fleet: Fleet, job_id: UUID, *, lease_s: float = 60) -> Claim:
    return await as_worker(fleet, lambda db: leases.claim(db, job_id, lease_s=lease_s))


async def test_a_claimed_job_is_busy_for_all_others(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    claims = await asyncio.gather(*(claimed(fleet, job_id) for _ in range(5)), return_exceptions=True)
    assert sorted(type(claim).__name__ for claim in claims) == ["Claim"] + ["JobBusy"] * 4
    busy = next(claim for claim in claims if isinstance(claim, JobBusy))
    left = busy.context["lease_left_s"]
    assert isinstance(left, float)
    assert 50 < left <= 60


async def test_taking_over_from_a_silent_worker_spends_its_attempt(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    attempts = [await claimed(fleet, job_id, lease_s=0) for _ in range(5)]
    assert [(claim.attempt, claim.attempts_left) for claim in attempts] == [(1, 5), (2, 4), (3, 3), (4, 2), (5, 1)]
    with pytest.raises(AttemptsExhausted):
        await claimed(fleet, job_id)
    assert await as_worker(fleet, lambda db: leases.close(db, job_id)) == ("analysis", "failed")
    with pytest.raises(JobOver):
        await claimed(fleet, job_id)
    with pytest.raises(LeaseLost):
        await as_worker(fleet, lambda db: leases.finish(db, attempts[-1], "done"))


async def late_report(db: Db, claim: Claim) -> None:
    await leases.report(db, claim, "late", 9, 10, lease_s=60)


async def late_success(db: Db, claim: Claim) -> None:
    await leases.finish(db, claim, "done")


async def late_cancel(db: Db, claim: Claim) -> None:
    await leases.finish(db, claim, "cancelled")


async def late_failure(db: Db, claim: Claim) -> None:
    await leases.release(db, claim, error=DownloadFailed(), spent=True)


async def late_shutdown(db: Db, claim: Claim) -> None:
    await leases.release(db, claim, spent=False)


@pytest.mark.parametrize("late", [late_report, late_success, late_cancel, late_failure, late_shutdown])
async def test_a_write_of_an_older_attempt_changes_nothing(
    fleet: Fleet, late: Callable[[Db, Claim], Awaitable[object]]
) -> None:
    job_id = await fleet.enqueue()
    zombie = await claimed(fleet, job_id, lease_s=0)
    await claimed(fleet, job_id)
    before = await fleet.job(job_id)
    with pytest.raises(LeaseLost):
        await as_worker(fleet, lambda db: late(db, zombie))
    assert await fleet.job(job_id) == before


async def test_progress_never_goes_back(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    claim = await claimed(fleet, job_id)
    shown: list[tuple[str, int, int | None]] = []
    for stage, done, total in (
        ("read", 0, None),
        ("read", 5, None),
        ("read", 3, None),
        ("read", 50, 100),
        ("read", 40, 100),
        ("decode", 200, 1000),
        ("decode", 700, 1000),
        ("decode", 7, None),
        ("decode", 2**62, 2**62),
    ):
        await as_worker(fleet, lambda db, s=stage, d=done, t=total: leases.report(db, claim, s, d, t, lease_s=60))
        job = await fleet.job(job_id)
        shown.append((job["stage"], job["done"], job["total"]))
    assert shown == [
        ("read", 0, None),
        ("read", 5, None),
        ("read", 5, None),
        ("read", 50, 100),
        ("read", 50, 100),
        ("decode", 50, 100),
        ("decode", 700, 1000),
        ("decode", 700, 1000),
        ("decode", 2**62, 2**62),
    ]
    stages = (await fleet.job(job_id))["stages"]
    assert [(stage["stage"], stage["attempt"]) for stage in stages] == [("read", 1), ("decode", 1)]


async def test_the_next_attempt_begins_at_nothing(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    claim = await claimed(fleet, job_id)
    await as_worker(fleet, lambda db: leases.report(db, claim, "read", 9, 10, lease_s=60))
    error = DownloadFailed("It broke off.")
    assert await as_worker(fleet, lambda db: leases.release(db, claim, error=error, spent=True)) == 4
    queued = await fleet.job(job_id)
    assert (queued["status"], queued["error_code"], queued["error_stage"]) == ("queued", "download_failed", "read")
    await claimed(fleet, job_id)
    job = await fleet.job(job_id)
    assert (job["stage"], job["done"], job["total"], job["error_code"]) == (None, 0, None, None)
    assert job["revision"] == 5


async def test_a_cancel_while_running_is_told_to_the_worker(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    claim = await claimed(fleet, job_id)
    assert not await as_worker(fleet, lambda db: leases.report(db, claim, "read", 0, 1, lease_s=60))
    assert await as_api(fleet, lambda db: jobs.request_cancel(db, job_id)) == "running"
    assert await as_api(fleet, lambda db: jobs.request_cancel(db, job_id)) == "running"
    assert await as_worker(fleet, lambda db: leases.report(db, claim, "read", 0, 1, lease_s=0))
    with pytest.raises(Cancelled):
        await claimed(fleet, job_id)
    assert await as_worker(fleet, lambda db: leases.close(db, job_id)) == ("analysis", "cancelled")


async def test_a_job_that_was_taken_up_meanwhile_is_not_closed(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    assert await as_worker(fleet, lambda db: leases.close(db, job_id)) is None
    await claimed(fleet, job_id)
    assert await as_worker(fleet, lambda db: leases.close(db, job_id)) is None
    assert (await fleet.job(job_id))["status"] == "running"


async def test_a_queued_job_is_cancelled_at_once_and_its_message_is_over(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    assert await as_api(fleet, lambda db: jobs.request_cancel(db, job_id)) == "cancelled"
    with pytest.raises(JobOver):
        await claimed(fleet, job_id)
    with pytest.raises(JobNotCancellable):
        await as_api(fleet, lambda db: jobs.request_cancel(db, job_id))


async def test_a_retry_starts_over_under_a_new_message_id(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    old = UUID((await fleet.job(job_id))["message"]["id"])
    with pytest.raises(JobNotRetryable):
        await as_api(fleet, lambda db: jobs.retry(db, job_id))
    for _ in range(5):
        claim = await claimed(fleet, job_id)
        await as_worker(fleet, lambda db, c=claim: leases.release(db, c, error=DownloadFailed(), spent=True))
    assert (await fleet.job(job_id))["status"] == "failed"
    await as_api(fleet, lambda db: jobs.retry(db, job_id))
    job = await fleet.job(job_id)
    assert (job["status"], job["attempts_left"], job["error_code"], job["finished_at"]) == ("queued", 5, None, None)
    assert await fleet.value("SELECT count(*) FROM outbox WHERE job_id = %s", job_id) == 2
    with pytest.raises(JobOver):
        await as_worker(fleet, lambda db: leases.claim(db, job_id, lease_s=60, message_id=old))
    new = UUID(job["message"]["id"])
    claim = await as_worker(fleet, lambda db: leases.claim(db, job_id, lease_s=60, message_id=new))
    assert claim.attempt == 6  # the fence never goes back


async def start(db: Db, job_id: UUID) -> None:
    await leases.claim(db, job_id, lease_s=60)


async def test_another_tenants_job_is_as_one_that_does_not_exist(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    other = await a_tenant(fleet.admin)
    before = await fleet.job(job_id)
    acts: list[Callable[[Db, UUID], Awaitable[object]]] = [start, leases.close, jobs.request_cancel, jobs.retry]
    for act in acts:
        for wanted in (job_id, new_id()):
            with pytest.raises(JobNotFound) as caught:
                async with tenant_transaction(fleet.api, other) as db:
                    await act(db, wanted)
            assert caught.value.detail == "No such job"
    assert await fleet.job(job_id) == before


async def test_a_message_for_another_job_is_not_enqueued(fleet: Fleet) -> None:
    with pytest.raises(ValueError, match="The message is for job"):
        await as_api(fleet, lambda db: jobs.enqueue(db, QUEUE, fleet.message(), kind="analysis", job_id=new_id()))


async def test_an_attempt_that_was_overtaken_cannot_hold_the_job(fleet: Fleet) -> None:
    job_id = await fleet.enqueue()
    first, second = await claimed(fleet, job_id, lease_s=0), await claimed(fleet, job_id)
    with pytest.raises(LeaseLost):
        await as_worker(fleet, lambda db: leases.hold(db, first))
    await as_worker(fleet, lambda db: leases.hold(db, second))
