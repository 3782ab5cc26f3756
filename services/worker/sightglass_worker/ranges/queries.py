"""All SQL of ranges. Each function runs in the caller's tenant transaction.

Whoever changes ranges of an analysis locks the row of its job first, `locked`: so their changes come one after the
other, and the sum over the ranges is exact.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound
from sightglass_common.jobs import Status

# While nothing of a film moves for so long, its job is looked after as one whose worker is gone: see planning.py.
WAIT_S: Final = 300.0

_LOCKED: Final = """
    SELECT j.tenant_id, j.job_id, j.kind, j.status, j.attempt, j.attempts_left,
           j.cancel_requested_at IS NOT NULL AS cancel_requested
    FROM job j JOIN analysis a ON a.tenant_id = j.tenant_id AND a.job_id = j.job_id
    WHERE a.analysis_id = %(analysis_id)s FOR UPDATE OF j
"""
_RANGES: Final = """
    SELECT number, plan, job_id, first_pts, start_pts, end_pts, start_us, end_us, restarts_us,
           done_us, result_key
    FROM analysis_range WHERE analysis_id = %(analysis_id)s
"""
_ALL: Final = _RANGES + " ORDER BY number"
_ONE: Final = _RANGES + " AND plan = %(plan)s AND number = %(number)s"
_INSERT: Final = """
    INSERT INTO analysis_range (tenant_id, analysis_id, number, plan, job_id, first_pts, start_pts, end_pts,
                                start_us, end_us, restarts_us)
    SELECT %(tenant_id)s, %(analysis_id)s, r.number, r.plan, r.job_id, r.first_pts, r.start_pts, r.end_pts,
           r.start_us, r.end_us, r.restarts_us
    FROM jsonb_to_recordset(%(ranges)s::jsonb) AS r (
        number bigint, plan bigint, job_id uuid, first_pts bigint, start_pts bigint, end_pts bigint,
        start_us bigint, end_us bigint, restarts_us bigint[])
"""
_FORGET: Final = "DELETE FROM analysis_range WHERE analysis_id = %(analysis_id)s"
_MOVED: Final = """
    UPDATE analysis_range SET done_us = greatest(done_us, least(%(done_us)s, end_us - start_us))
    WHERE analysis_id = %(analysis_id)s AND plan = %(plan)s AND number = %(number)s
"""
_FOUND: Final = """
    UPDATE analysis_range SET done_us = end_us - start_us, result_key = %(result_key)s
    WHERE analysis_id = %(analysis_id)s AND plan = %(plan)s AND number = %(number)s
"""
# The message gets a new id: older deliveries of it are over, and the next one may have an effect of its own.
_WAIT: Final = """
    UPDATE job
    SET stage = 'ranges', attempts_left = DEFAULT, lease_until = now() + make_interval(secs => %(wait_s)s),
        message = message || jsonb_build_object('id', %(message_id)s::text),
        stages = stages || jsonb_build_object('stage', 'ranges', 'started_at', now(), 'attempt', attempt),
        revision = revision + 1
    WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running'
"""
# Of decoding: by how far each range is; of putting them together: by those that are in.
_PROGRESS: Final = """
    UPDATE job
    SET stage = %(stage)s, done = r.done, total = r.total, lease_until = now() + make_interval(secs => %(wait_s)s),
        stages = CASE WHEN job.stage = %(stage)s THEN job.stages ELSE job.stages || jsonb_build_object(
            'stage', %(stage)s::text, 'started_at', now(), 'attempt', job.attempt) END,
        revision = revision
                 + ((job.stage, job.done, job.total) IS DISTINCT FROM (%(stage)s::text, r.done, r.total))::int
    FROM (SELECT sum(CASE WHEN %(joined)s::bigint IS NULL THEN done_us
                          WHEN number < %(joined)s::bigint THEN end_us - start_us ELSE 0 END)::bigint AS done,
                 sum(end_us - start_us)::bigint AS total
          FROM analysis_range WHERE analysis_id = %(analysis_id)s) AS r
    WHERE job_id = %(job_id)s AND status = 'running'
"""
_FAIL: Final = """
    UPDATE job
    SET status = 'failed', finished_at = now(), lease_until = NULL, attempts_left = 0,
        error_code = r.error_code, error_detail = r.error_detail, error_stage = coalesce(r.error_stage, 'ranges'),
        error_retryable = r.error_retryable, revision = job.revision + 1
    FROM job AS r
    WHERE job.job_id = %(job_id)s AND job.status = 'running'
      AND r.tenant_id = job.tenant_id AND r.job_id = %(failed_id)s AND r.status = 'failed'
    RETURNING job.error_code
"""
_STATUS: Final = "SELECT status FROM job WHERE job_id = %(job_id)s"
_REFERRED: Final = """
    SELECT thumbnail_key FROM scene WHERE analysis_id = %(analysis_id)s AND thumbnail_key IS NOT NULL
    UNION SELECT object_key FROM artifact WHERE analysis_id = %(analysis_id)s
    UNION SELECT sprite_key FROM analysis WHERE analysis_id = %(analysis_id)s AND sprite_key IS NOT NULL
    UNION SELECT storyboard_key FROM analysis WHERE analysis_id = %(analysis_id)s AND storyboard_key IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Parent:
    """The job of the analysis that the ranges are of."""

    tenant_id: UUID
    job_id: UUID
    kind: str
    status: Status
    attempt: int
    attempts_left: int
    cancel_requested: bool

    @property
    def goes_on(self) -> bool:
        """Whether its ranges are wanted. It is queued while the reconciler has it looked after."""
        return self.status in {"queued", "running"} and not self.cancel_requested


@dataclass(frozen=True, slots=True)
class RangeRow:
    """A range as it is stored. job_id: of its own job. Ticks are the stream's; times the film's.

    restarts_us: as of RangeSpan.
    """

    number: int
    plan: int
    job_id: UUID
    first_pts: int
    start_pts: int | None
    end_pts: int | None
    start_us: int
    end_us: int
    restarts_us: Sequence[int] = ()
    done_us: int = 0
    result_key: str | None = None


async def locked(db: Db, analysis_id: UUID) -> Parent:
    """The analysis' job, held until the transaction ends. Raises AnalysisNotFound."""
    async with db.cursor(row_factory=class_row(Parent)) as cursor:
        await cursor.execute(_LOCKED, {"analysis_id": analysis_id})
        parent = await cursor.fetchone()
    if parent is None:
        raise AnalysisNotFound(analysis_id=str(analysis_id))
    return parent


async def all_ranges(db: Db, analysis_id: UUID) -> list[RangeRow]:
    """The ranges of an analysis in order; none when it is not in ranges, or over."""
    async with db.cursor(row_factory=class_row(RangeRow)) as cursor:
        await cursor.execute(_ALL, {"analysis_id": analysis_id})
        return await cursor.fetchall()


async def one_range(db: Db, analysis_id: UUID, plan: int, number: int) -> RangeRow | None:
    """One range; None when its plan is over."""
    async with db.cursor(row_factory=class_row(RangeRow)) as cursor:
        await cursor.execute(_ONE, {"analysis_id": analysis_id, "plan": plan, "number": number})
        return await cursor.fetchone()


async def replace_ranges(db: Db, tenant_id: UUID, analysis_id: UUID, ranges: Sequence[RangeRow]) -> None:
    """Store a plan, in place of an older one."""
    await forget(db, analysis_id)
    rows: list[dict[str, Any]] = [asdict(row) | {"job_id": str(row.job_id)} for row in ranges]
    await db.execute(_INSERT, {"tenant_id": tenant_id, "analysis_id": analysis_id, "ranges": json.dumps(rows)})


async def forget(db: Db, analysis_id: UUID) -> None:
    """Remove the plan: its messages find nothing to do any more."""
    await db.execute(_FORGET, {"analysis_id": analysis_id})


async def moved(db: Db, analysis_id: UUID, plan: int, number: int, done_us: int) -> None:
    """Note how far a range is; less than before changes nothing."""
    values = {"analysis_id": analysis_id, "plan": plan, "number": number, "done_us": done_us}
    await db.execute(_MOVED, values)


async def found(db: Db, analysis_id: UUID, plan: int, number: int, result_key: str) -> None:
    """Note that a range is done, and where its result lies."""
    values = {"analysis_id": analysis_id, "plan": plan, "number": number, "result_key": result_key}
    await db.execute(_FOUND, values)


async def wait(db: Db, job_id: UUID, attempt: int, message_id: UUID) -> bool:
    """Leave a claimed job to its ranges. False when another attempt has begun."""
    values = {"job_id": job_id, "attempt": attempt, "message_id": message_id, "wait_s": WAIT_S}
    return (await db.execute(_WAIT, values)).rowcount == 1


async def show_progress(db: Db, analysis_id: UUID, job_id: UUID, *, joined: int | None = None) -> None:
    """Set the progress of an analysis' running job to the sum over its ranges, and renew its lease.

    joined: so many ranges are put together, once all are decoded.
    """
    stage = "ranges" if joined is None else "merge"
    values = {"analysis_id": analysis_id, "job_id": job_id, "stage": stage, "joined": joined, "wait_s": WAIT_S}
    await db.execute(_PROGRESS, values)


async def fail_with(db: Db, job_id: UUID, failed_id: UUID) -> str | None:
    """Fail an analysis' job with the error of a range's; the error's code, None if either is not so far."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_FAIL, {"job_id": job_id, "failed_id": failed_id})
        code: str | None = await cursor.fetchone()
    return code


async def status_of(db: Db, job_id: UUID) -> Status | None:
    """The status of a job."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_STATUS, {"job_id": job_id})
        status: Status | None = await cursor.fetchone()
    return status


async def referred_keys(db: Db, analysis_id: UUID) -> set[str]:
    """The keys of all objects that an analysis' result refers to."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_REFERRED, {"analysis_id": analysis_id})
        return set(await cursor.fetchall())
