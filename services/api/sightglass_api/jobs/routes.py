"""Jobs: looked at, followed, cancelled, tried again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.jobs import queries
from sightglass_api.jobs.events import Follower
from sightglass_api.jobs.rules import job_of
from sightglass_api.jobs.schemas import Job, JobStatus
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common import jobs
from sightglass_common.errors import InvalidCursor, JobNotCancellable, JobNotFound, JobNotRetryable

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_jobs(
    db: TenantDb,
    status: Annotated[JobStatus | None, Query(description="Only jobs in this state.")] = None,
    limit: cursors.Limit = 50,
    cursor: cursors.Cursor = None,
) -> cursors.Page[Job]:
    """The tenant's jobs, the newest first."""
    listing = f"jobs:{status or ''}"
    rows = await queries.jobs(db, status=status, before=cursors.decode_id(listing, cursor), limit=limit + 1)
    return cursors.page(listing, [job_of(row) for row in rows], limit, lambda job: str(job.job_id))


@router.get("/{job_id}", **guarded(Permission.READ, JobNotFound))
async def get_job(job_id: UUID, db: TenantDb) -> Job:
    """How far the job has come."""
    return job_of(await queries.job(db, job_id))


@router.post("/{job_id}/cancel", status_code=202, **guarded(Permission.CONTROL_JOBS, JobNotFound, JobNotCancellable))
async def cancel_job(job_id: UUID, db: TenantDb) -> Job:
    """Cancel the job: at once while it is queued, at its next report while it runs."""
    await jobs.request_cancel(db, job_id)
    return job_of(await queries.job(db, job_id))


@router.post("/{job_id}/retry", status_code=202, **guarded(Permission.CONTROL_JOBS, JobNotFound, JobNotRetryable))
async def retry_job(job_id: UUID, tenant: CallersTenant) -> Job:
    """Queue a failed or cancelled job again, with all its attempts."""
    async with tenant.transaction() as db:
        await jobs.retry(db, job_id, trace=tenant.trace)
        row = await queries.job(db, job_id)
    tenant.context.hint.ring()
    return job_of(row)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    **guarded(Permission.READ, JobNotFound),
)
async def follow_job(
    job_id: UUID,
    tenant: CallersTenant,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """The job as server-sent events: one at once, one for each change seen, until it is over.

    `Last-Event-ID` (a revision) leaves out what is known; 204 says that nothing will follow.
    """
    follower = Follower(tenant, job_id, known=last_event_id)
    first = await follower.look()
    if first is None and follower.over:
        return Response(status_code=204)
    return StreamingResponse(
        follower.events(first),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # a proxy must pass events on as they come
    )
