"""All SQL of sources that are objects, as clients see them, and of what hides them and their documents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.dataset_errors import DocumentNotFound, SourceNotFound
from sightglass_common.db import Db
from sightglass_common.redaction_queries import RULES

_COLUMNS: Final = f"""
    SELECT s.source_id, s.dataset_id, s.job_id, coalesce(s.origin, s.filename) AS filename, s.content_type,
           s.size_bytes, s.created_at,
           CASE WHEN s.deleted_at IS NULL THEN j.status ELSE 'deleting' END AS state,
           d.documents, d.ready, d.skipped, d.withheld
    FROM source s JOIN job j USING (tenant_id, job_id),
         LATERAL (SELECT count(*) AS documents, count(*) FILTER (WHERE o.status = 'ready') AS ready,
                         count(*) FILTER (WHERE o.status = 'skipped') AS skipped,
                         count(*) FILTER (WHERE o.served IS NOT NULL AND o.served_rules <> {RULES}) AS withheld
                  FROM document o WHERE o.source_id = s.source_id AND o.status <> 'deleting') AS d
    WHERE s.dataset_id = %(dataset_id)s AND NOT s.of_videos
"""
_ONE: Final = _COLUMNS + " AND s.source_id = %(source_id)s"
_PAGE: Final = (
    _COLUMNS
    + """ AND (%(prefix_id)s::uuid IS NULL OR s.prefix_id = %(prefix_id)s)
          AND (%(before)s::uuid IS NULL OR s.source_id < %(before)s) ORDER BY s.source_id DESC LIMIT %(limit)s"""
)
_DELETE: Final = """
    UPDATE source SET deleted_at = now()
    WHERE dataset_id = %(dataset_id)s AND source_id = %(source_id)s AND deleted_at IS NULL
"""
# No source that is there by now brings it back.
_NAME: Final = """
    INSERT INTO deleted_document (tenant_id, dataset_id, key, source_id)
    SELECT tenant_id, dataset_id, coalesce(md5(ref)::uuid, document_id), source_id FROM document
    WHERE dataset_id = %(dataset_id)s AND document_id = %(document_id)s AND status <> 'deleting'
    ON CONFLICT (tenant_id, dataset_id, key) DO UPDATE SET source_id = excluded.source_id
"""
_HIDE: Final = """
    UPDATE document SET status = 'deleting', served = NULL, ref = NULL, title = '', metadata = '{}', detail = ''
    WHERE dataset_id = %(dataset_id)s AND document_id = %(document_id)s AND status <> 'deleting'
"""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source with its job's state, and how many documents it is the newest source of."""

    source_id: UUID
    dataset_id: UUID
    job_id: UUID
    filename: str
    content_type: str
    size_bytes: int
    created_at: datetime
    state: str
    documents: int
    ready: int
    skipped: int
    withheld: int


async def source(db: Db, dataset_id: UUID, source_id: UUID) -> SourceRow:
    """One source. Raises SourceNotFound."""
    async with db.cursor(row_factory=class_row(SourceRow)) as cursor:
        found = await cursor.execute(_ONE, {"dataset_id": dataset_id, "source_id": source_id})
        row = await found.fetchone()
    if row is None:
        raise SourceNotFound
    return row


async def sources(
    db: Db, dataset_id: UUID, prefix_id: UUID | None, *, before: UUID | None, limit: int
) -> list[SourceRow]:
    """Some sources of a dataset, the newest first. prefix_id: only objects of that."""
    values = {"dataset_id": dataset_id, "prefix_id": prefix_id, "before": before, "limit": limit}
    async with db.cursor(row_factory=class_row(SourceRow)) as cursor:
        return await (await cursor.execute(_PAGE, values)).fetchall()


async def delete(db: Db, dataset_id: UUID, source_id: UUID) -> None:
    """Hide a source with its documents from now on. Raises SourceNotFound, also when it is hidden."""
    if (await db.execute(_DELETE, {"dataset_id": dataset_id, "source_id": source_id})).rowcount == 0:
        raise SourceNotFound


async def delete_document(db: Db, dataset_id: UUID, document_id: UUID) -> None:
    """Hide a document from now on. Raises DocumentNotFound, also when it is hidden."""
    values = {"dataset_id": dataset_id, "document_id": document_id}
    await db.execute(_NAME, values)
    if (await db.execute(_HIDE, values)).rowcount == 0:
        raise DocumentNotFound
