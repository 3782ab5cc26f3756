"""All SQL of the prefixes of buckets that datasets are kept in step with, as clients see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from sightglass_common.dataset_errors import PrefixNotFound, PrefixTaken
from sightglass_common.db import Db
from sightglass_common.redaction_queries import RULES

_INSERT: Final = """
    INSERT INTO dataset_prefix (tenant_id, prefix_id, dataset_id, bucket, prefix, include_patterns, exclude_patterns,
                                every_minutes, next_at, job_id)
    VALUES (%(tenant_id)s, %(prefix_id)s, %(dataset_id)s, %(bucket)s, %(prefix)s, %(include)s, %(exclude)s,
            %(every_minutes)s::bigint, now() + make_interval(mins => %(every_minutes)s::bigint::int), %(job_id)s)
"""
_CHANGE: Final = """
    UPDATE dataset_prefix
    SET every_minutes = %(every_minutes)s::bigint,
        next_at = now() + make_interval(mins => %(every_minutes)s::bigint::int)
    WHERE dataset_id = %(dataset_id)s AND prefix_id = %(prefix_id)s AND deleted_at IS NULL
"""
_COLUMNS: Final = f"""
    SELECT p.prefix_id, p.dataset_id, p.bucket, p.prefix, p.include_patterns, p.exclude_patterns, p.every_minutes,
           p.next_at, p.job_id, j.status, j.started_at, j.finished_at, j.error_code, j.error_detail, j.error_stage,
           j.error_retryable, p.listed, p.new, p.changed, p.retried, p.unchanged, p.removed, p.skipped, p.synced_at,
           p.created_at, o.objects, o.reading, o.failed, d.documents, d.ready, d.skipped AS skipped_documents,
           d.withheld
    FROM dataset_prefix p JOIN job j USING (tenant_id, job_id),
         LATERAL (SELECT count(*) AS objects, count(*) FILTER (WHERE k.status IN ('queued', 'running')) AS reading,
                         count(*) FILTER (WHERE k.status IN ('failed', 'cancelled')) AS failed
                  FROM source s JOIN job k USING (tenant_id, job_id)
                  WHERE s.prefix_id = p.prefix_id AND s.deleted_at IS NULL) AS o,
         LATERAL (SELECT count(*) AS documents, count(*) FILTER (WHERE c.status = 'ready') AS ready,
                         count(*) FILTER (WHERE c.status = 'skipped') AS skipped,
                         count(*) FILTER (WHERE c.served IS NOT NULL AND c.served_rules <> {RULES}) AS withheld
                  FROM source s JOIN document c USING (tenant_id, source_id)
                  WHERE s.prefix_id = p.prefix_id AND s.deleted_at IS NULL AND c.status <> 'deleting') AS d
    WHERE p.dataset_id = %(dataset_id)s AND p.deleted_at IS NULL
"""
_ONE: Final = _COLUMNS + " AND p.prefix_id = %(prefix_id)s"
_PAGE: Final = (
    _COLUMNS + " AND (%(before)s::uuid IS NULL OR p.prefix_id < %(before)s) ORDER BY p.prefix_id DESC LIMIT %(limit)s"
)
_JOB: Final = """
    SELECT job_id FROM dataset_prefix
    WHERE dataset_id = %(dataset_id)s AND prefix_id = %(prefix_id)s AND deleted_at IS NULL
"""
_DELETE: Final = """
    UPDATE dataset_prefix SET deleted_at = now(), next_at = NULL
    WHERE dataset_id = %(dataset_id)s AND prefix_id = %(prefix_id)s AND deleted_at IS NULL
"""
# In order of their ids, as others who hold several do.
_DELETE_SOURCES: Final = """
    UPDATE source SET deleted_at = now()
    WHERE source_id IN (SELECT source_id FROM source WHERE prefix_id = %(prefix_id)s AND deleted_at IS NULL
                        ORDER BY source_id FOR UPDATE)
"""
# As the scanner makes it of what it lists.
_LEAVE_OUT: Final = """
    INSERT INTO dataset_prefix_left_out (tenant_id, prefix_id, key)
    SELECT tenant_id, prefix_id, md5(object_key || chr(10) || etag)::uuid FROM source
    WHERE source_id = %(source_id)s AND prefix_id IS NOT NULL
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class NewPrefixRow:
    """A prefix to keep a dataset in step with. job_id: of its first sync."""

    tenant_id: UUID
    prefix_id: UUID
    dataset_id: UUID
    bucket: str
    prefix: str
    include: Sequence[str]
    exclude: Sequence[str]
    every_minutes: int | None
    job_id: UUID


@dataclass(frozen=True, slots=True)
class PrefixRow:
    """A prefix with its newest sync, and what there is of its objects.

    reading, failed: objects whose reading is not over, or ended without a document. skipped: by reason, of the listing.
    """

    prefix_id: UUID
    dataset_id: UUID
    bucket: str
    prefix: str
    include_patterns: Sequence[str]
    exclude_patterns: Sequence[str]
    every_minutes: int | None
    next_at: datetime | None
    job_id: UUID
    status: str
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str | None
    error_detail: str | None
    error_stage: str | None
    error_retryable: bool | None
    listed: int
    new: int
    changed: int
    retried: int
    unchanged: int
    removed: int
    skipped: Mapping[str, int]
    synced_at: datetime | None
    created_at: datetime
    objects: int
    reading: int
    failed: int
    documents: int
    ready: int
    skipped_documents: int
    withheld: int


async def insert(db: Db, row: NewPrefixRow) -> None:
    """Add a prefix; its job must be there. Raises PrefixTaken."""
    try:
        await db.execute(_INSERT, {name: getattr(row, name) for name in NewPrefixRow.__slots__})
    except UniqueViolation as error:
        raise PrefixTaken from error


async def prefix(db: Db, dataset_id: UUID, prefix_id: UUID) -> PrefixRow:
    """One prefix. Raises PrefixNotFound."""
    async with db.cursor(row_factory=class_row(PrefixRow)) as cursor:
        row = await (await cursor.execute(_ONE, {"dataset_id": dataset_id, "prefix_id": prefix_id})).fetchone()
    if row is None:
        raise PrefixNotFound
    return row


async def prefixes(db: Db, dataset_id: UUID, *, before: UUID | None, limit: int) -> list[PrefixRow]:
    """Some prefixes of a dataset, the newest first."""
    values = {"dataset_id": dataset_id, "before": before, "limit": limit}
    async with db.cursor(row_factory=class_row(PrefixRow)) as cursor:
        return await (await cursor.execute(_PAGE, values)).fetchall()


async def job_of(db: Db, dataset_id: UUID, prefix_id: UUID) -> UUID:
    """The job of a prefix's newest sync. Raises PrefixNotFound."""
    row = await (await db.execute(_JOB, {"dataset_id": dataset_id, "prefix_id": prefix_id})).fetchone()
    if row is None:
        raise PrefixNotFound
    return row[0]


async def change(db: Db, dataset_id: UUID, prefix_id: UUID, every_minutes: int | None) -> None:
    """Sync a prefix so often from now on; None: when somebody asks for it. Raises PrefixNotFound."""
    values = {"dataset_id": dataset_id, "prefix_id": prefix_id, "every_minutes": every_minutes}
    if (await db.execute(_CHANGE, values)).rowcount == 0:
        raise PrefixNotFound


async def delete(db: Db, dataset_id: UUID, prefix_id: UUID) -> None:
    """Hide a prefix with its objects' documents from now on. Raises PrefixNotFound, also when it is hidden."""
    values = {"dataset_id": dataset_id, "prefix_id": prefix_id}
    if (await db.execute(_DELETE, values)).rowcount == 0:
        raise PrefixNotFound
    await db.execute(_DELETE_SOURCES, values)


async def leave_out(db: Db, source_id: UUID) -> None:
    """Have no sync bring back an object of a prefix as it is; an upload is none."""
    await db.execute(_LEAVE_OUT, {"source_id": source_id})
