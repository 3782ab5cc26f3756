"""Long films are handed to their ranges: rows and messages in the transaction in which its job begins to wait.

The job stays `running`, with the lease that its ranges renew; a worker slot is not held. When nothing has moved for
`queries.WAIT_S`, the reconciler sends the job's message again, and the ranges are looked after: see `resumed`.
"""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sightglass_common import jobs, leases
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import Cancelled, LeaseLost
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeRange, AnalyzeVideo, wrap
from sightglass_common.queues import VIDEO_RANGES
from sightglass_common.s3 import ObjectRef, read_range
from sightglass_common.tracing import Trace
from sightglass_worker.decode.range_results import FilmPlan, RangeSpan
from sightglass_worker.decode.range_run import ranges_of
from sightglass_worker.decode.run import FilmDecoder
from sightglass_worker.ranges import queries
from sightglass_worker.ranges.counters import PLANS
from sightglass_worker.ranges.queries import Parent, RangeRow
from sightglass_worker.settings import WorkerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

SOURCE = "worker"
KIND = "range"


async def find(
    s3: "S3Client",
    settings: WorkerSettings,
    ref: ObjectRef,
    length_us: int | None,
    job: JobContext,
    *,
    film: FilmDecoder,
    whole_because: str | None,
) -> FilmPlan | None:
    """Where a long film is cut into ranges; None for one that is analysed as a whole, which is said and counted.

    length_us: as far as is known before. film: the decoder that has looked at it. whole_because: why no film is to be
        taken in ranges, if none is.
    Raises the errors of S3 and of RangeDecoder.plan.
    """
    if length_us is None or length_us <= settings.range_over_s * 1_000_000:
        return None
    if whole_because is not None:
        PLANS.labels(whole_because).inc()
        job.log.info("ranges.not_planned", whole_because=whole_because)
        return None

    async def ranged(start: int, length: int) -> bytes:
        return await read_range(s3, ref, start, length)

    await job.report("plan", 0, None)
    plan = await ranges_of(film).plan(ranged, ref.size_bytes, settings.range_s * 1_000_000)
    PLANS.labels(plan.whole_because or "ranges").inc()
    job.log.info("ranges.planned", ranges=len(plan.key_pts) + 1, whole_because=plan.whole_because)
    return None if plan.whole_because else plan


def planned(message: AnalyzeVideo, job: JobContext, plan: FilmPlan, length_us: int) -> Effect:
    """The effect that hands an analysis to the ranges of a plan. length_us: as the header says."""

    async def effect(db: Db) -> None:
        await queries.locked(db, message.analysis_id)
        rows = range_rows(plan, job.claim.attempt, length_us)
        await begin(db, message.tenant_id, message.analysis_id, rows, job.trace)
        await _wait(db, message, job.claim)

    return effect


async def resumed(pool: Pool, message: AnalyzeVideo, job: JobContext) -> Effect | None:
    """The effect that goes on waiting for the ranges of an analysis; None when it has none.

    Those that were cancelled are queued again; one that has failed, and that nobody has noticed, fails the analysis.
    A message that was lost is the reconciler's to find, as any job's is.
    """
    async with tenant_transaction(pool, message.tenant_id) as db:
        if not await queries.all_ranges(db, message.analysis_id):
            return None

    async def effect(db: Db) -> None:
        await queries.locked(db, message.analysis_id)
        for row in await queries.all_ranges(db, message.analysis_id):
            if await queries.fail_with(db, job.claim.job_id, row.job_id) is not None:
                await queries.forget(db, message.analysis_id)
                return
            if await queries.status_of(db, row.job_id) == "cancelled":
                await jobs.retry(db, row.job_id, trace=job.trace)
        await _wait(db, message, job.claim)

    return effect


def range_rows(plan: FilmPlan, number: int, length_us: int) -> list[RangeRow]:
    """The ranges of a plan, which tile the film. number: of the plan; negative: the film is one range."""
    edges_pts = [None, *plan.key_pts, None]
    edges_us = [0, *plan.key_us, max(length_us, max(plan.key_us, default=0) + 1)]
    return [
        RangeRow(i, number, new_id(), plan.first_pts, edges_pts[i], edges_pts[i + 1], edges_us[i], edges_us[i + 1])
        for i in range(len(edges_us) - 1)
    ]


def span_of(row: RangeRow) -> RangeSpan:
    """A range as a decoder takes it."""
    return RangeSpan(row.first_pts, row.start_pts, row.end_pts, tuple(row.restarts_us))


async def begin(db: Db, tenant_id: UUID, analysis_id: UUID, rows: list[RangeRow], trace: Trace) -> None:
    """Store ranges, and send the message of each when this commits."""
    await queries.replace_ranges(db, tenant_id, analysis_id, rows)
    for row in rows:
        await send(db, AnalyzeRange(
            tenant_id=tenant_id, job_id=row.job_id, analysis_id=analysis_id, plan=row.plan, number=row.number
        ), trace)  # fmt: skip


async def send(db: Db, message: AnalyzeRange, trace: Trace) -> None:
    """Make the job of a range, or of putting all together."""
    await jobs.enqueue(db, VIDEO_RANGES, wrap(message, source=SOURCE, trace=trace), kind=KIND, job_id=message.job_id)


async def current(db: Db, message: AnalyzeRange) -> tuple[Parent, list[RangeRow]]:
    """The analysis' job, which is held, and the ranges of the plan. Raises Cancelled when that is over."""
    parent = await queries.locked(db, message.analysis_id)
    ranges = [row for row in await queries.all_ranges(db, message.analysis_id) if row.plan == message.plan]
    if not ranges or not parent.goes_on:
        raise Cancelled(job_id=str(message.job_id))
    return parent, ranges


def begun_as_one(message: AnalyzeRange, job: JobContext, reason: str) -> Effect:
    """The effect that begins anew with the whole film as one range. reason: why, which is counted."""

    async def effect(db: Db) -> FinalStatus:
        await current(db, message)
        await as_one(db, message, job.trace)
        PLANS.labels(reason).inc()
        return "done"

    return effect


async def as_one(db: Db, message: AnalyzeRange, trace: Trace) -> None:
    """Begin anew with the whole film as one range, since it cannot be taken in several."""
    rows = await queries.all_ranges(db, message.analysis_id)
    (whole,) = range_rows(FilmPlan(rows[0].first_pts), -abs(message.plan), rows[-1].end_us)
    restarts_us = tuple(row.start_us for row in rows[1:]) or rows[0].restarts_us
    await begin(db, message.tenant_id, message.analysis_id, [replace(whole, restarts_us=restarts_us)], trace)


async def _wait(db: Db, message: AnalyzeVideo, claim: leases.Claim) -> None:
    if not await queries.wait(db, claim.job_id, claim.attempt, new_id()):
        raise LeaseLost(job_id=str(claim.job_id), attempt=claim.attempt)
    await queries.show_progress(db, message.analysis_id, claim.job_id)
