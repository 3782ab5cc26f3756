"""All SQL of documents. Each function runs in the caller's tenant transaction, and is given redacted text only."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.dataset_errors import SourceNotFound
from sightglass_common.db import Db
from sightglass_scanner.documents.whole import Passage
from sightglass_scanner.masking import storable

_SOURCE: Final = """
    SELECT s.tenant_id, s.source_id, s.dataset_id, s.bucket, s.object_key, s.version_id, s.etag, s.size_bytes,
           s.filename, s.content_type, s.of_videos
    FROM source s JOIN dataset d USING (tenant_id, dataset_id)
    WHERE s.source_id = %(source_id)s AND d.deleted_at IS NULL
"""
# What has a name takes the place of the document of that name, whatever source that came from.
_NAMED: Final = """
    INSERT INTO document (tenant_id, document_id, dataset_id, source_id, ref, title, metadata, status, reason, detail,
                          detectors, threshold, redactions)
    SELECT %(tenant_id)s, r.document_id, %(dataset_id)s, %(source_id)s, r.ref, r.title, r.metadata, r.status, r.reason,
           r.detail, %(detectors)s, %(threshold)s, r.redactions
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (document_id uuid, ref text, title text, metadata jsonb, status text,
                                                   reason text, detail text, redactions bigint)
    ORDER BY r.ref
    ON CONFLICT (tenant_id, dataset_id, ref) WHERE ref IS NOT NULL
    DO UPDATE SET source_id = excluded.source_id, title = excluded.title, metadata = excluded.metadata,
                  status = excluded.status, reason = excluded.reason, detail = excluded.detail,
                  detectors = excluded.detectors, threshold = excluded.threshold, redactions = excluded.redactions,
                  video_id = NULL, analysis_id = NULL, reading = document.reading + 1
    RETURNING ref, document_id
"""
# What has none takes the place of what an earlier attempt at its source has left.
_UNNAMED: Final = """
    INSERT INTO document (tenant_id, document_id, dataset_id, source_id, title, metadata, status, reason, detail,
                          detectors, threshold, redactions)
    SELECT %(tenant_id)s, r.document_id, %(dataset_id)s, %(source_id)s, r.title, r.metadata, r.status, r.reason,
           r.detail, %(detectors)s, %(threshold)s, r.redactions
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (document_id uuid, title text, metadata jsonb, status text,
                                                   reason text, detail text, redactions bigint)
    ORDER BY r.document_id
    ON CONFLICT (tenant_id, document_id)
    DO UPDATE SET title = excluded.title, metadata = excluded.metadata, status = excluded.status,
                  reason = excluded.reason, detail = excluded.detail, detectors = excluded.detectors,
                  threshold = excluded.threshold, redactions = excluded.redactions, reading = document.reading + 1
"""
_READ: Final = """
    UPDATE document SET status = 'read', redactions = %(redactions)s WHERE document_id = %(document_id)s
"""
_FORGET: Final = "DELETE FROM content WHERE document_id = ANY(%(document_ids)s)"
_CONTENT: Final = """
    INSERT INTO content (tenant_id, document_id, number, passages)
    SELECT %(tenant_id)s, r.document_id, r.number, r.passages
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (document_id uuid, number bigint, passages jsonb)
"""

_ROWS_AT_ONCE: Final = 16

# RFC 9562: version 8, "custom", and its variant.
_VERSION_8: Final = 0x8 << 76
_VARIANT: Final = 0b10 << 62
_TIME: Final = ((1 << 48) - 1) << 80


@dataclass(frozen=True, slots=True)
class Source:
    """What documents are read from: an object, or (of_videos) what analyses have seen in the dataset's videos."""

    tenant_id: UUID
    source_id: UUID
    dataset_id: UUID
    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    filename: str
    content_type: str
    of_videos: bool = False


@dataclass(frozen=True, slots=True)
class Detectors:
    """With what documents are redacted. version: of detectors and readers. threshold: the least confidence."""

    version: str
    threshold: float


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as it is stored. number: of its line in the source, from 1; 0: it is all of it."""

    number: int
    ref: str | None
    title: str
    status: str
    reason: str | None = None
    detail: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    redactions: int = 0


@dataclass(frozen=True, slots=True)
class ContentRow:
    """Some passages of a document that follow one another. number: from 0."""

    number: int
    passages: Sequence[Passage]


async def source_of(db: Db, source_id: UUID) -> Source:
    """A source of a dataset that is not deleted. Raises SourceNotFound."""
    async with db.cursor(row_factory=class_row(Source)) as cursor:
        row = await (await cursor.execute(_SOURCE, {"source_id": source_id})).fetchone()
    if row is None:
        raise SourceNotFound(source_id=str(source_id))
    return row


async def put(db: Db, source: Source, detectors: Detectors, documents: Sequence[DocumentRow]) -> dict[int, UUID]:
    """Store documents, in place of those that they take the place of, without content; their ids by their numbers.

    Of documents with one name the last is stored.
    """
    values = {
        "tenant_id": source.tenant_id,
        "dataset_id": source.dataset_id,
        "source_id": source.source_id,
        "detectors": detectors.version,
        "threshold": detectors.threshold,
    }
    named = {row.ref: row for row in documents if row.ref is not None}
    unnamed = [row for row in documents if row.ref is None]
    ids = {row.number: document_id(source.source_id, row.number, named=False) for row in unnamed}
    if named:
        rows = json.dumps([_json(source, row) for row in named.values()])
        cursor = await db.execute(_NAMED, {**values, "rows": rows})
        ids |= {named[ref].number: known for ref, known in await cursor.fetchall()}
    if unnamed:
        await db.execute(_UNNAMED, {**values, "rows": json.dumps([_json(source, row) for row in unnamed])})
    await db.execute(_FORGET, {"document_ids": list(ids.values())})
    return ids


async def add_content(db: Db, tenant_id: UUID, rows: Iterable[tuple[UUID, ContentRow]]) -> None:
    """Store what documents say."""
    source = iter(rows)
    while some := list(islice(source, _ROWS_AT_ONCE)):
        told = [
            {
                "document_id": str(known),
                "number": row.number,
                "passages": [{"text": storable(str(one.text)), "locator": dict(one.place)} for one in row.passages],
            }
            for known, row in some
        ]
        await db.execute(_CONTENT, {"tenant_id": tenant_id, "rows": json.dumps(told, ensure_ascii=False)})


async def mark_read(db: Db, document_id: UUID, redactions: int) -> None:
    """Say that all that a document says is stored."""
    await db.execute(_READ, {"document_id": document_id, "redactions": redactions})


def document_id(source_id: UUID, number: int, *, named: bool) -> UUID:
    """The id of a document that a source is the first to have: the same each time, and in order of the source.

    named: whether it has a name, by which another source may have it then. What is all of its source has that one's id.
    """
    if not number:
        return source_id
    digest = blake2b(source_id.bytes, digest_size=8, key=b"named" if named else b"unnamed").digest()
    salt = int.from_bytes(digest) >> 22  # 42 bits
    ordered = (number >> 20 & 0xFFF) << 64 | (number & 0xFFFFF) << 42
    return UUID(int=source_id.int & _TIME | _VERSION_8 | _VARIANT | ordered | salt)


def _json(source: Source, row: DocumentRow) -> dict[str, Any]:
    return {
        "document_id": str(document_id(source.source_id, row.number, named=row.ref is not None)),
        "ref": row.ref,
        "title": row.title,
        "metadata": row.metadata,
        "status": row.status,
        "reason": row.reason,
        "detail": row.detail,
        "redactions": row.redactions,
    }
