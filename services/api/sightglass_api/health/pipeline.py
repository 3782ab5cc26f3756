"""Sends a one-second video through the real queue and worker, and tells how long each step took."""

import asyncio
import time
from typing import Final
from uuid import UUID

from sightglass_api.analyses.submission import submit, video_of
from sightglass_api.context import Context
from sightglass_api.health import queries, video
from sightglass_api.health.rules import seconds_of
from sightglass_api.health.schemas import PipelineResult
from sightglass_api.jobs import queries as jobs
from sightglass_api.jobs.rules import FINAL, job_of
from sightglass_api.jobs.schemas import Job
from sightglass_api.tenants.queries import HEALTH_TENANT, HEALTH_TENANT_NAME, ensure_tenant
from sightglass_common.db import tenant_transaction
from sightglass_common.outage import pause
from sightglass_common.tracing import Trace

_LOOK_EVERY_S: Final = 0.2
_KEY: Final = f"tenants/{HEALTH_TENANT}/uploads/{video.FILENAME}"


class PipelineCheck:
    """One run at a time, at most one in `pipeline_every_s` seconds; everybody else gets the last result.

    A run of another process that is as young is joined, not repeated.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._last: PipelineResult | None = None
        self._last_at = 0.0

    async def result(self, context: Context, trace: Trace) -> PipelineResult:
        """The last result while it is young, else that of a new run."""
        asked_at = time.monotonic()
        async with self._lock:
            if self._last is not None and self._is_young(context, asked_at):
                return self._last.model_copy(update={"cached": True})
            self._last = await _run(context, trace)
            self._last_at = time.monotonic()
            return self._last

    def _is_young(self, context: Context, asked_at: float) -> bool:
        # Whoever waited for a run that has just ended gets its result too.
        return self._last_at >= asked_at or asked_at - self._last_at < context.settings.pipeline_every_s


async def _run(context: Context, trace: Trace) -> PipelineResult:
    await _forget_old(context)
    job_id = await _begin(context, trace)
    job = await _wait(context, job_id)
    ok = job.status.value == "done"
    return PipelineResult(
        ok=ok,
        detail=None if ok else _why(job, context.settings.pipeline_timeout_s),
        seconds=seconds_of(job, context.clock.now()),
        job_id=job_id,
        checked_at=context.clock.now(),
        cached=False,
    )


async def _forget_old(context: Context) -> None:
    """Remove what runs of over an hour ago have left: pictures first, so that no rows means no pictures."""
    async with tenant_transaction(context.pool, HEALTH_TENANT) as db:
        old = await queries.old_runs(db)
    objects, bucket = await context.objects(), context.settings.bucket
    for analysis_id in old:
        await objects.remove_all(bucket, f"tenants/{HEALTH_TENANT}/analyses/{analysis_id}/")
    async with tenant_transaction(context.pool, HEALTH_TENANT) as db:
        await queries.forget(db, old)


async def _begin(context: Context, trace: Trace) -> UUID:
    """Put the video into S3 and its analysis into the queue; or join a run that began a moment ago."""
    objects, bucket = await context.objects(), context.settings.bucket
    await objects.put(bucket, _KEY, video.one_second(), video.CONTENT_TYPE)
    head = await objects.head(bucket, _KEY)
    row = video_of(HEALTH_TENANT, bucket, _KEY, head, filename=video.FILENAME, content_type=video.CONTENT_TYPE)
    async with tenant_transaction(context.pool, HEALTH_TENANT) as db:
        await ensure_tenant(db, HEALTH_TENANT, HEALTH_TENANT_NAME)
        running = await queries.recent_run(db, within_s=context.settings.pipeline_every_s)
        if running is not None:
            return running
        job_id = (await submit(db, row, trace=trace)).job_id
    context.hint.ring()
    return job_id


async def _wait(context: Context, job_id: UUID) -> Job:
    """The job when it is over, or as it stands when the time is."""
    end = time.monotonic() + context.settings.pipeline_timeout_s
    while True:
        async with tenant_transaction(context.pool, HEALTH_TENANT) as db:
            job = job_of(await jobs.job(db, job_id))
        if job.status in FINAL or time.monotonic() >= end or context.stopping.is_set():
            return job
        await pause(context.stopping, _LOOK_EVERY_S)


def _why(job: Job, timeout_s: float) -> str:
    if job.status in FINAL:
        return f"The job ended {job.status}" + (f": {job.error.title}." if job.error else ".")
    return f"The job is {job.status} after {timeout_s:g} s."
