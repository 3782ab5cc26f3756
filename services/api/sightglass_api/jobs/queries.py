"""All SQL that reads jobs for clients. Their life cycle is written by sightglass_common.jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import JobNotFound


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with the analysis or the scan that it is for."""

    job_id: UUID
    kind: str
    status: str
    attempt: int
    stage: str | None
    done: int
    total: int | None
    stages: Sequence[Mapping[str, Any]]
    error_code: str | None
    error_detail: str | None
    error_stage: str | None
    error_retryable: bool | None
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    revision: int
    analysis_id: UUID | None
    video_id: UUID | None
    scan_id: UUID | None
    cancel_requested: bool


_SELECT: Final = """
    SELECT j.job_id, j.kind, j.status, j.attempt - j.attempts_before AS attempt, j.stage, j.done, j.total, j.stages,
           j.error_code, j.error_detail, j.error_stage, j.error_retryable,
           j.created_at, j.queued_at, j.started_at, j.finished_at, j.revision,
           a.analysis_id, a.video_id, s.scan_id, j.cancel_requested_at IS NOT NULL AS cancel_requested
    FROM job j LEFT JOIN analysis a ON a.tenant_id = j.tenant_id AND a.job_id = j.job_id
    LEFT JOIN scan s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id
"""
# Parts of a job, which are the worker's own, are no jobs to a client.
_JOB: Final = _SELECT + " WHERE j.job_id = %(job_id)s AND j.kind NOT IN ('range', 'scan_part', 'text_scan', 'image')"
# Turns of conversations and objects of prefixes are jobs to who asks for one; the list is of what people wait for.
# Ids are made in the order of time (UUIDv7), so they are the order of the list and its cursor too.
_JOBS: Final = (
    _SELECT
    + """
    WHERE j.kind NOT IN ('range', 'scan_part', 'text_scan', 'image', 'turn', 'object')
      AND (%(status)s::text IS NULL OR j.status = %(status)s) AND (%(before)s::uuid IS NULL OR j.job_id < %(before)s)
    ORDER BY j.job_id DESC LIMIT %(limit)s
"""
)


async def job(db: Db, job_id: UUID) -> JobRow:
    """One job. Raises JobNotFound when there is none, or when it is another tenant's."""
    async with db.cursor(row_factory=class_row(JobRow)) as cursor:
        row = await (await cursor.execute(_JOB, {"job_id": job_id})).fetchone()
    if row is None:
        raise JobNotFound
    return row


async def jobs(db: Db, *, status: str | None, before: UUID | None, limit: int) -> list[JobRow]:
    """Jobs, the newest first; those older than `before` if it is given."""
    async with db.cursor(row_factory=class_row(JobRow)) as cursor:
        return await (await cursor.execute(_JOBS, {"status": status, "before": before, "limit": limit})).fetchall()
