"""Jobs as a worker sees them: claim one, report how far it is, finish it or give it back.

Every write is fenced: it names the attempt that it belongs to, and changes nothing once another has begun.
Every function runs in the caller's tenant transaction, so a job of another tenant is a job that does not exist.
"""

from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.errors import (
    AttemptsExhausted,
    Cancelled,
    JobBusy,
    JobNotFound,
    JobOver,
    LeaseLost,
    SightglassError,
)
from sightglass_common.jobs import FinalStatus, Status

_FIND: Final = """
    SELECT tenant_id, kind, status, attempts_left, message->>'id' AS message_id,
           cancel_requested_at IS NOT NULL AS cancel_requested,
           coalesce(extract(epoch FROM lease_until - now())::float8, 0) AS lease_left_s
    FROM job WHERE job_id = %(job_id)s FOR UPDATE
"""
_CLAIM: Final = """
    UPDATE job
    SET status = 'running', attempt = attempt + 1, attempts_left = %(attempts_left)s,
        started_at = coalesce(started_at, now()), lease_until = now() + make_interval(secs => %(lease_s)s),
        stage = NULL, done = 0, total = NULL,
        error_code = NULL, error_detail = NULL, error_stage = NULL, error_retryable = NULL,
        revision = revision + 1
    WHERE job_id = %(job_id)s
    RETURNING tenant_id, job_id, kind, attempt, attempts_left
"""
# Progress is the fraction done/total: a report that would lower it, or take it away, keeps the old pair.
# Renewing the lease alone is nothing that a watcher should see, so it leaves the revision as it is.
_REPORT: Final = """
    WITH old AS (
        SELECT job_id, stage, done, total,
               total IS NULL OR (%(total)s::bigint IS NOT NULL
                                 AND %(done)s::numeric * total >= done::numeric * %(total)s::bigint) AS forward
        FROM job WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running' FOR UPDATE
    ), new AS (
        SELECT job_id, stage IS DISTINCT FROM %(stage)s::text AS staged,
               CASE WHEN NOT forward THEN done
                    WHEN total IS NULL AND %(total)s::bigint IS NULL THEN greatest(done, %(done)s::bigint)
                    ELSE %(done)s::bigint END AS done,
               CASE WHEN forward THEN %(total)s::bigint ELSE total END AS total
        FROM old
    )
    UPDATE job
    SET stage = %(stage)s::text, done = new.done, total = new.total,
        lease_until = now() + make_interval(secs => %(lease_s)s),
        stages = CASE WHEN staged AND %(stage)s::text IS NOT NULL
                      THEN stages || jsonb_build_object('stage', %(stage)s::text, 'started_at', now(),
                                                        'attempt', job.attempt)
                      ELSE stages END,
        revision = revision
                   + (staged OR (new.done, new.total) IS DISTINCT FROM (job.done, job.total))::int
    FROM new WHERE job.job_id = new.job_id
    RETURNING cancel_requested_at IS NOT NULL
"""
_HOLD: Final = """
    SELECT true FROM job WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running' FOR UPDATE
"""
_FINISH: Final = """
    UPDATE job
    SET status = %(status)s, finished_at = now(), lease_until = NULL,
        done = CASE WHEN %(status)s IN ('done', 'partial') THEN coalesce(total, done) ELSE done END,
        error_code = %(code)s, error_detail = %(detail)s, error_retryable = %(retryable)s,
        error_stage = CASE WHEN %(code)s::text IS NOT NULL THEN stage END,
        revision = revision + 1
    WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running'
    RETURNING true
"""
_RELEASE: Final = """
    UPDATE job
    SET status = CASE WHEN attempts_left <= %(spent)s THEN 'failed' ELSE 'queued' END,
        finished_at = CASE WHEN attempts_left <= %(spent)s THEN now() END,
        attempts_left = attempts_left - %(spent)s, queued_at = now(), lease_until = NULL,
        error_code = %(code)s, error_detail = %(detail)s, error_retryable = %(retryable)s,
        error_stage = CASE WHEN %(code)s::text IS NOT NULL THEN stage END,
        revision = revision + 1
    WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running'
    RETURNING attempts_left
"""
_CLOSE: Final = """
    UPDATE job
    SET status = %(status)s, finished_at = now(), lease_until = NULL, attempts_left = 0,
        error_code = %(code)s, error_detail = %(detail)s, error_retryable = %(retryable)s,
        error_stage = CASE WHEN %(code)s::text IS NOT NULL THEN stage END,
        attempt = attempt + 1, revision = revision + 1
    WHERE job_id = %(job_id)s
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job: it holds until its lease runs out and another attempt begins."""

    tenant_id: UUID
    job_id: UUID
    kind: str
    attempt: int
    attempts_left: int


@dataclass(frozen=True, slots=True)
class _Job:
    tenant_id: UUID
    kind: str
    status: Status
    attempts_left: int
    message_id: str
    cancel_requested: bool
    lease_left_s: float


async def claim(db: Db, job_id: UUID, *, lease_s: float, message_id: UUID | None = None) -> Claim:
    """Begin an attempt that holds the job for `lease_s` seconds from now, and longer with every report.

    A job whose lease ran out was left by a worker that is gone: that attempt counts as spent.
    message_id: of the envelope that led here; one from before a retry by hand is over.
    Raises, having changed nothing: JobNotFound; JobOver; JobBusy (with `lease_left_s`); Cancelled and
    AttemptsExhausted for a job that is to be closed as such, by `close`.
    """
    job = await _find(db, job_id)
    _check(job, job_id, message_id)
    left = _attempts_left(job)
    if left <= 0:
        raise AttemptsExhausted(job_id=str(job_id))
    values = {"job_id": job_id, "lease_s": lease_s, "attempts_left": left}
    async with db.cursor(row_factory=class_row(Claim)) as cursor:
        await cursor.execute(_CLAIM, values)
        claimed = await cursor.fetchone()
    if claimed is None:
        raise JobNotFound(job_id=str(job_id))
    return claimed


async def close(db: Db, job_id: UUID) -> tuple[str, FinalStatus] | None:
    """End a job that `claim` refused as cancelled or exhausted; its kind and status.

    None when it is neither any more: it was taken up or ended in the meantime.
    """
    job = await _find(db, job_id)
    try:
        _check(job, job_id, None)
    except Cancelled:
        await db.execute(_CLOSE, {"job_id": job_id, "status": "cancelled", **_columns(None)})
        return job.kind, "cancelled"
    except (JobOver, JobBusy):
        return None
    if _attempts_left(job) > 0:
        return None
    await db.execute(_CLOSE, {"job_id": job_id, "status": "failed", **_columns(AttemptsExhausted())})
    return job.kind, "failed"


async def report(db: Db, claim: Claim, stage: str | None, done: int, total: int | None, *, lease_s: float) -> bool:
    """Say how far the attempt is, and hold the job for `lease_s` more seconds. True when a cancel was asked for.

    Within an attempt done/total never goes back. Raises LeaseLost.
    """
    values = {"stage": stage, "done": done, "total": total, "lease_s": lease_s, **_fence(claim)}
    return await _fenced(db, _REPORT, values) is True


async def hold(db: Db, claim: Claim) -> None:
    """Fence the caller's transaction: no other attempt begins before it ends. Raises LeaseLost if one has begun."""
    await _fenced(db, _HOLD, _fence(claim))


async def finish(db: Db, claim: Claim, status: FinalStatus, error: SightglassError | None = None) -> None:
    """End the job. Raises LeaseLost: the caller's transaction must then not commit."""
    await _fenced(db, _FINISH, {"status": status, **_fence(claim), **_columns(error)})


async def release(db: Db, claim: Claim, *, error: SightglassError | None = None, spent: bool) -> int:
    """Give the job back to its queue, showing `error`; the number of attempts that are left.

    With none left it has failed instead. spent: False when the attempt is not to blame, as in a shutdown.
    Raises LeaseLost.
    """
    return int(await _fenced(db, _RELEASE, {"spent": int(spent), **_fence(claim), **_columns(error)}))


async def _find(db: Db, job_id: UUID) -> _Job:
    async with db.cursor(row_factory=class_row(_Job)) as cursor:
        await cursor.execute(_FIND, {"job_id": job_id})
        job = await cursor.fetchone()
    if job is None:
        raise JobNotFound(job_id=str(job_id))
    return job


def _check(job: _Job, job_id: UUID, message_id: UUID | None) -> None:
    if job.status not in {"queued", "running"}:
        raise JobOver(f"The job is {job.status}.", job_id=str(job_id))
    if message_id is not None and job.message_id != str(message_id):
        raise JobOver("The job has a newer message.", job_id=str(job_id))
    if job.status == "running" and job.lease_left_s > 0:
        raise JobBusy(job_id=str(job_id), lease_left_s=job.lease_left_s)
    if job.cancel_requested:
        raise Cancelled(job_id=str(job_id))


def _attempts_left(job: _Job) -> int:
    return job.attempts_left - (job.status == "running")


def _fence(claim: Claim) -> dict[str, object]:
    return {"job_id": claim.job_id, "attempt": claim.attempt}


def _columns(error: SightglassError | None) -> dict[str, object]:
    if error is None:
        return {"code": None, "detail": None, "retryable": None}
    return {"code": error.code, "detail": error.detail, "retryable": error.retryable}


async def _fenced(db: Db, statement: LiteralString, values: dict[str, object]) -> Any:
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(statement, values)
        value = await cursor.fetchone()
    if value is None:
        raise LeaseLost(job_id=str(values["job_id"]), attempt=values["attempt"])
    return value
