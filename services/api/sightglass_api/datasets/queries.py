"""All SQL of datasets and their documents."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from sightglass_common.dataset_errors import DatasetNameTaken, DatasetNotFound, DocumentNotFound
from sightglass_common.db import Db
from sightglass_common.redaction_queries import DETECTORS_VERSION, RULES

_COLUMNS: Final = f"""
    SELECT d.dataset_id, d.name, d.description, d.language, d.all_videos, d.created_at,
           coalesce(c.segments, 0) AS segments,
           (SELECT count(*) FROM document o
            WHERE o.tenant_id = d.tenant_id AND o.dataset_id = d.dataset_id AND o.status <> 'deleting') AS documents,
           (SELECT count(*) FROM document o
            WHERE o.tenant_id = d.tenant_id AND o.dataset_id = d.dataset_id AND o.served IS NOT NULL
              AND (o.served_rules < {RULES} OR o.served_rules > {RULES})) AS withheld
    FROM dataset d LEFT JOIN corpus c ON c.tenant_id = d.tenant_id AND c.dataset_id = d.dataset_id
    WHERE d.deleted_at IS NULL
"""
_ONE: Final = _COLUMNS + " AND d.dataset_id = %(dataset_id)s"
_PAGE: Final = (
    _COLUMNS
    + """ AND (%(before)s::uuid IS NULL OR d.dataset_id < %(before)s) ORDER BY d.dataset_id DESC LIMIT %(limit)s"""
)
_INSERT: Final = f"""
    INSERT INTO dataset (tenant_id, dataset_id, name, description, language, rules)
    VALUES (%(tenant_id)s, %(dataset_id)s, %(name)s, %(description)s, %(language)s, {RULES})
"""
_CHANGE: Final = """
    UPDATE dataset SET name = coalesce(%(name)s, name), description = coalesce(%(description)s, description)
    WHERE dataset_id = %(dataset_id)s AND deleted_at IS NULL
"""
_DELETE: Final = """
    UPDATE dataset SET deleted_at = now(), deleting_job_id = %(job_id)s
    WHERE dataset_id = %(dataset_id)s AND deleted_at IS NULL
"""
_LIVE: Final = "SELECT dataset_id FROM dataset WHERE deleted_at IS NULL ORDER BY dataset_id"
_ADD_SOURCE: Final = """
    INSERT INTO source (tenant_id, source_id, dataset_id, job_id, bucket, object_key, version_id, etag, size_bytes,
                        filename, content_type)
    VALUES (%(tenant_id)s, %(source_id)s, %(dataset_id)s, %(job_id)s, %(bucket)s, %(object_key)s, %(version_id)s,
            %(etag)s, %(size_bytes)s, %(filename)s, %(content_type)s)
"""
_DOCUMENT_COLUMNS: Final = f"""
    SELECT document_id, dataset_id, source_id, ref, title, metadata, status, reason, detail, redactions, segments,
           detectors, threshold, created_at, indexed_at,
           CASE WHEN served IS NULL OR served_rules = {RULES} THEN NULL
                WHEN split_part(served_rules, '.', 1) = '{DETECTORS_VERSION}' THEN 'settings_changed'
                ELSE 'detectors_changed' END AS withheld_reason
    FROM document WHERE dataset_id = %(dataset_id)s AND status <> 'deleting'
      AND NOT EXISTS (SELECT FROM source s WHERE s.source_id = document.source_id AND s.deleted_at IS NOT NULL)
"""
_DOCUMENT: Final = _DOCUMENT_COLUMNS + " AND document_id = %(document_id)s"
_REFS: Final = """
    SELECT coalesce(ref, document_id::text) FROM document
    WHERE dataset_id = %(dataset_id)s AND (ref = ANY(%(refs)s) OR ref IS NULL AND document_id::text = ANY(%(refs)s))
"""
_DOCUMENTS: Final = (
    _DOCUMENT_COLUMNS
    + """ AND (%(source_id)s::uuid IS NULL OR source_id = %(source_id)s)
          AND (%(status)s::text IS NULL OR status = %(status)s) AND (%(ref)s::text IS NULL OR ref = %(ref)s)
          AND (%(before)s::uuid IS NULL OR document_id < %(before)s) ORDER BY document_id DESC LIMIT %(limit)s"""
)


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset that is not deleted, with its counts."""

    dataset_id: UUID
    name: str
    description: str
    language: str
    all_videos: bool
    created_at: datetime
    segments: int
    documents: int
    withheld: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of a dataset."""

    document_id: UUID
    dataset_id: UUID
    source_id: UUID
    ref: str | None
    title: str
    metadata: Mapping[str, Any]
    status: str
    reason: str | None
    detail: str
    redactions: int
    segments: int
    detectors: str | None
    threshold: float | None
    created_at: datetime
    indexed_at: datetime | None
    withheld_reason: Literal["settings_changed", "detectors_changed"] | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An object that documents are read from."""

    source_id: UUID
    dataset_id: UUID
    job_id: UUID
    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    filename: str
    content_type: str


async def insert(db: Db, tenant_id: UUID, dataset_id: UUID, *, name: str, description: str, language: str) -> None:
    """Add a dataset. Raises DatasetNameTaken."""
    values = {"tenant_id": tenant_id, "dataset_id": dataset_id, "name": name, "description": description}
    try:
        await db.execute(_INSERT, values | {"language": language})
    except UniqueViolation as error:
        raise DatasetNameTaken from error


async def dataset(db: Db, dataset_id: UUID) -> DatasetRow:
    """One dataset. Raises DatasetNotFound, also for another tenant's and for a deleted one."""
    async with db.cursor(row_factory=class_row(DatasetRow)) as cursor:
        row = await (await cursor.execute(_ONE, {"dataset_id": dataset_id})).fetchone()
    if row is None:
        raise DatasetNotFound
    return row


async def datasets(db: Db, *, before: UUID | None, limit: int) -> list[DatasetRow]:
    """Some datasets, the newest first."""
    async with db.cursor(row_factory=class_row(DatasetRow)) as cursor:
        return await (await cursor.execute(_PAGE, {"before": before, "limit": limit})).fetchall()


async def change(db: Db, dataset_id: UUID, *, name: str | None, description: str | None) -> None:
    """Change what is not None. Raises DatasetNotFound, DatasetNameTaken."""
    values = {"dataset_id": dataset_id, "name": name, "description": description}
    try:
        changed = (await db.execute(_CHANGE, values)).rowcount
    except UniqueViolation as error:
        raise DatasetNameTaken from error
    if not changed:
        raise DatasetNotFound


async def delete(db: Db, dataset_id: UUID, job_id: UUID) -> None:
    """Hide a dataset, and all that is in it, from now on. job_id: of what removes it. Raises DatasetNotFound."""
    if (await db.execute(_DELETE, {"dataset_id": dataset_id, "job_id": job_id})).rowcount == 0:
        raise DatasetNotFound


async def live(db: Db) -> list[UUID]:
    """The ids of all datasets."""
    return [row[0] for row in await (await db.execute(_LIVE)).fetchall()]


async def add_source(db: Db, tenant_id: UUID, row: SourceRow) -> None:
    """Add an object that documents are to be read from."""
    await db.execute(_ADD_SOURCE, {name: getattr(row, name) for name in SourceRow.__slots__} | {"tenant_id": tenant_id})


async def document(db: Db, dataset_id: UUID, document_id: UUID) -> DocumentRow:
    """One document. Raises DocumentNotFound."""
    async with db.cursor(row_factory=class_row(DocumentRow)) as cursor:
        found = await cursor.execute(_DOCUMENT, {"dataset_id": dataset_id, "document_id": document_id})
        row = await found.fetchone()
    if row is None:
        raise DocumentNotFound
    return row


async def known_refs(db: Db, dataset_id: UUID, refs: Collection[str]) -> set[str]:
    """Those of the callers' ids that documents of a dataset have; of one without any, our id counts as such."""
    found = await db.execute(_REFS, {"dataset_id": dataset_id, "refs": list(refs)})
    return {row[0] for row in await found.fetchall()}


async def documents(
    db: Db, dataset_id: UUID, wanted: Mapping[str, object], *, before: UUID | None, limit: int
) -> list[DocumentRow]:
    """Some documents of a dataset, the newest first. wanted: status, ref and source_id, each None for any."""
    values = {"dataset_id": dataset_id, **wanted, "before": before, "limit": limit}
    async with db.cursor(row_factory=class_row(DocumentRow)) as cursor:
        return await (await cursor.execute(_DOCUMENTS, values)).fetchall()
