"""All SQL of objects that others look at. Each function runs in the caller's tenant transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.jobs import Status
from sightglass_scanner.media.looked import Looked, gaps_of_film

# One that has read the screen, or one that is to. An analyser without a text engine reads nothing, whatever it costs.
_USABLE: Final = """
    SELECT a.job_id FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
    WHERE a.video_id = %(video_id)s AND a.tier = 'exact'
      AND (j.status IN ('done', 'partial') AND a.text_coverage IS NOT NULL
           OR j.status IN ('queued', 'running') AND j.cancel_requested_at IS NULL)
    ORDER BY j.status IN ('done', 'partial') DESC, a.analysis_id DESC LIMIT 1
"""
_HELD: Final = """
    SELECT job_id, status, cancel_requested_at IS NOT NULL AS cancel_requested
    FROM job WHERE job_id = ANY(%(job_ids)s) ORDER BY job_id FOR SHARE
"""
_ANALYSIS: Final = """
    SELECT j.status, j.error_code, j.error_detail, j.error_retryable,
           a.partial, a.partial_reason, a.text_coverage
    FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id WHERE a.job_id = %(job_id)s
"""
_ANALYSIS_ID: Final = "SELECT analysis_id FROM analysis WHERE job_id = %(job_id)s"
_READING: Final = """
    SELECT j.status, j.error_code, j.error_detail, j.error_retryable, r.lines IS NOT NULL AS is_read, r.left_out
    FROM image_reading r JOIN job j ON j.tenant_id = r.tenant_id AND j.job_id = r.job_id WHERE r.job_id = %(job_id)s
"""
_LINES: Final = "SELECT lines FROM image_reading WHERE job_id = %(job_id)s"
_ONE_READING: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended(
        concat_ws(chr(10), %(bucket)s::text, %(object_key)s::text, %(version_id)s::text, %(etag)s::text), 1))
"""
_KNOWN: Final = """
    SELECT job_id FROM image_reading
    WHERE bucket = %(bucket)s AND object_key = %(object_key)s AND version_id = %(version_id)s AND etag = %(etag)s
"""
_ADD_READING: Final = """
    INSERT INTO image_reading (tenant_id, job_id, bucket, object_key, version_id, etag, size_bytes)
    VALUES (%(tenant_id)s, %(job_id)s, %(bucket)s, %(object_key)s, %(version_id)s, %(etag)s, %(size_bytes)s)
"""
_AWAITED: Final = "SELECT awaits FROM scan_part WHERE scan_id = %(scan_id)s AND awaits IS NOT NULL"
_NO_LONGER: Final = """
    UPDATE job SET status = 'cancelled', finished_at = now(), revision = job.revision + 1
    FROM scan_part p
    WHERE p.scan_id = %(scan_id)s AND p.awaits IS NOT NULL AND job.tenant_id = p.tenant_id AND job.job_id = p.job_id
      AND job.status = 'queued' AND job.sends = 0
"""
_OF_SCANS: Final = """
    SELECT j.job_id FROM job j LEFT JOIN analysis a ON a.tenant_id = j.tenant_id AND a.job_id = j.job_id
    WHERE j.job_id = ANY(%(job_ids)s) AND (a.for_scans OR j.kind = 'image') AND j.status IN ('queued', 'running')
    ORDER BY j.job_id FOR UPDATE OF j
"""
_CANCEL: Final = """
    UPDATE job
    SET cancel_requested_at = coalesce(cancel_requested_at, now()), revision = revision + 1,
        status = CASE status WHEN 'queued' THEN 'cancelled' ELSE status END,
        finished_at = CASE status WHEN 'queued' THEN now() END
    WHERE job_id = ANY(%(job_ids)s)
      AND NOT EXISTS (SELECT FROM scan_part p WHERE p.tenant_id = job.tenant_id AND p.awaits = job.job_id)
      AND NOT EXISTS (SELECT FROM analysis a
                      WHERE a.tenant_id = job.tenant_id AND a.job_id = job.job_id AND NOT a.for_scans)
"""


@dataclass(frozen=True, slots=True)
class HeldJob:
    """A job that does not end before the transaction does."""

    job_id: UUID
    status: Status
    cancel_requested: bool

    @property
    def is_over(self) -> bool:
        """Whether it has come to something."""
        return self.status in {"done", "partial"}

    @property
    def is_usable(self) -> bool:
        """Whether it has come to something, or is to."""
        return self.is_over or (self.status in {"queued", "running"} and not self.cancel_requested)


@dataclass(frozen=True, slots=True)
class _AnalysisRow:
    status: Status
    error_code: str | None
    error_detail: str | None
    error_retryable: bool | None
    partial: bool | None
    partial_reason: str | None
    text_coverage: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class _ReadingRow:
    status: Status
    error_code: str | None
    error_detail: str | None
    error_retryable: bool | None
    is_read: bool
    left_out: int


async def usable(db: Db, video_id: UUID) -> UUID | None:
    """The job of an analysis that has read a video's screen, or is to."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_USABLE, {"video_id": video_id})).fetchone()


async def held(db: Db, job_ids: Sequence[UUID]) -> list[HeldJob]:
    """Jobs as they stay until the transaction ends."""
    async with db.cursor(row_factory=class_row(HeldJob)) as cursor:
        return await (await cursor.execute(_HELD, {"job_ids": list(job_ids)})).fetchall()


async def film(db: Db, job_id: UUID) -> Looked | None:
    """What an analysis has come to."""
    async with db.cursor(row_factory=class_row(_AnalysisRow)) as cursor:
        row = await (await cursor.execute(_ANALYSIS, {"job_id": job_id})).fetchone()
    if row is None:
        return None
    gaps = gaps_of_film(partial=row.partial, partial_reason=row.partial_reason, coverage=row.text_coverage)
    told = row.status, row.error_code, row.error_detail, row.error_retryable
    return Looked(*told, is_read=row.text_coverage is not None, gaps=gaps)


async def image(db: Db, job_id: UUID) -> Looked | None:
    """What the reading of an image has come to."""
    async with db.cursor(row_factory=class_row(_ReadingRow)) as cursor:
        row = await (await cursor.execute(_READING, {"job_id": job_id})).fetchone()
    if row is None:
        return None
    told = row.status, row.error_code, row.error_detail, row.error_retryable
    gaps = [("text_not_all_read", f"{row.left_out} lines")] if row.left_out else []
    return Looked(*told, is_read=row.is_read, gaps=gaps)


async def analysis_of(db: Db, job_id: UUID) -> UUID | None:
    """The analysis that a job is of."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_ANALYSIS_ID, {"job_id": job_id})).fetchone()


async def lines_of(db: Db, job_id: UUID) -> Sequence[Mapping[str, Any]]:
    """What an image says: `{"text", "box"}` each."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_LINES, {"job_id": job_id})).fetchone() or ()


async def known_reading(db: Db, values: Mapping[str, Any]) -> UUID | None:
    """The job that reads an image, or has. Holds off others who ask the same until the transaction ends.

    values: bucket, object_key, version_id and etag of the object.
    """
    await db.execute(_ONE_READING, values)
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_KNOWN, values)).fetchone()


async def add_reading(db: Db, values: Mapping[str, Any]) -> None:
    """Add an image that is to be read; its job must be there. values: the columns."""
    await db.execute(_ADD_READING, values)


async def awaited(db: Db, scan_id: UUID) -> list[UUID]:
    """The jobs that a scan waits for."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_AWAITED, {"scan_id": scan_id})).fetchall()


async def end_waiting(db: Db, scan_id: UUID) -> None:
    """Cancel the parts of a scan whose messages nobody has sent: nobody will."""
    await db.execute(_NO_LONGER, {"scan_id": scan_id})


async def cancel_unwanted(db: Db, job_ids: Sequence[UUID]) -> None:
    """Cancel those jobs that were asked for by scans alone, and that none waits for any more."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        found = await (await cursor.execute(_OF_SCANS, {"job_ids": list(job_ids)})).fetchall()
    # A statement of its own: it sees who has come to wait until the rows were held.
    await db.execute(_CANCEL, {"job_ids": found})
