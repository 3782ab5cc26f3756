"""All SQL of documents. Each function runs in the caller's tenant transaction, and is given redacted text only."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.dataset_errors import SourceNotFound
from sightglass_common.db import Db
from sightglass_scanner.documents.whole import Passage
from sightglass_scanner.masking import storable

# Of videos any job reads what it finds due.
_SOURCE: Final = """
    SELECT s.tenant_id, s.source_id, s.dataset_id, s.bucket, s.object_key, s.version_id, s.etag, s.size_bytes,
           s.filename, s.content_type, s.of_videos, s.prefix_id,
           s.prefix_id IS NULL OR EXISTS (SELECT FROM bucket_link b WHERE b.bucket = s.bucket) AS linked
    FROM source s JOIN dataset d USING (tenant_id, dataset_id)
    WHERE s.source_id = %(source_id)s AND (s.of_videos OR s.job_id = %(job_id)s)
      AND s.deleted_at IS NULL AND d.deleted_at IS NULL
"""
# Who deletes it, or has it read anew, waits until this is committed; who has done so is seen.
_HELD: Final = _SOURCE + " FOR SHARE OF s, d"
# What is left of a source that is deleted has its names no more: they are free for another's documents.
_FREE_NAMES: Final = """
    UPDATE document d SET ref = NULL, status = 'deleting', served = NULL
    FROM source s
    WHERE d.dataset_id = %(dataset_id)s AND d.ref = ANY(%(refs)s)
          AND s.tenant_id = d.tenant_id AND s.source_id = d.source_id AND s.deleted_at IS NOT NULL
"""
# What has a name takes the place of the document of that name, unless that came with a newer source, or was deleted
# since. What it says is searched until what takes its place is there; if that is skipped, not any more.
_NAMED: Final = """
    INSERT INTO document (tenant_id, document_id, dataset_id, source_id, ref, title, metadata, status, reason, detail,
                          detectors, threshold, rules, redactions, read_by, reading)
    SELECT %(tenant_id)s, r.document_id, %(dataset_id)s, %(source_id)s, r.ref, r.title, r.metadata, r.status, r.reason,
           r.detail, %(detectors)s, %(threshold)s, %(rules)s, r.redactions, %(read_by)s, 1
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (document_id uuid, ref text, title text, metadata jsonb, status text,
                                                   reason text, detail text, redactions bigint)
    WHERE NOT EXISTS (SELECT FROM deleted_document g WHERE g.dataset_id = %(dataset_id)s
                      AND g.key = md5(r.ref)::uuid AND g.source_id >= %(source_id)s)
    ORDER BY r.ref
    ON CONFLICT (tenant_id, dataset_id, ref) WHERE ref IS NOT NULL
    DO UPDATE SET source_id = excluded.source_id, title = excluded.title, metadata = excluded.metadata,
                  status = excluded.status, reason = excluded.reason, detail = excluded.detail,
                  detectors = excluded.detectors, threshold = excluded.threshold, rules = excluded.rules,
                  redactions = excluded.redactions, read_by = excluded.read_by, video_id = NULL, analysis_id = NULL,
                  reading = document.reading + 1,
                  served = CASE WHEN excluded.status <> 'skipped' THEN document.served END
    WHERE document.source_id <= excluded.source_id
    RETURNING ref, document_id, reading
"""
# What has none takes the place of what an earlier reading of its source has left.
_UNNAMED: Final = """
    INSERT INTO document (tenant_id, document_id, dataset_id, source_id, title, metadata, status, reason, detail,
                          detectors, threshold, rules, redactions, read_by, reading)
    SELECT %(tenant_id)s, r.document_id, %(dataset_id)s, %(source_id)s, r.title, r.metadata, r.status, r.reason,
           r.detail, %(detectors)s, %(threshold)s, %(rules)s, r.redactions, %(read_by)s, 1
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (document_id uuid, title text, metadata jsonb, status text,
                                                   reason text, detail text, redactions bigint)
    WHERE NOT EXISTS (SELECT FROM deleted_document g WHERE g.dataset_id = %(dataset_id)s AND g.key = r.document_id)
    ORDER BY r.document_id
    ON CONFLICT (tenant_id, document_id)
    DO UPDATE SET title = excluded.title, metadata = excluded.metadata, status = excluded.status,
                  reason = excluded.reason, detail = excluded.detail, detectors = excluded.detectors,
                  threshold = excluded.threshold, rules = excluded.rules, redactions = excluded.redactions,
                  read_by = excluded.read_by, reading = document.reading + 1,
                  segments = CASE WHEN excluded.status <> 'skipped' THEN document.segments ELSE 0 END,
                  served = CASE WHEN excluded.status <> 'skipped' THEN document.served END
    RETURNING document_id, reading
"""
_READ: Final = """
    UPDATE document SET status = 'read', redactions = %(redactions)s
    WHERE document_id = %(document_id)s AND reading = %(reading)s AND status = 'queued'
"""
# What an earlier reading has found in a file, and this one has not: it is not in it any more.
_HIDE_LEFT: Final = """
    UPDATE document SET status = 'deleting', served = NULL, ref = NULL, title = '', metadata = '{}', detail = ''
    WHERE source_id = %(source_id)s AND read_by IS DISTINCT FROM %(read_by)s AND status <> 'deleting'
"""
# Of a prefix it is read as it is now, whatever it was when it was listed.
_NOTE_STATE: Final = """
    UPDATE source SET etag = %(etag)s, version_id = %(version_id)s, size_bytes = %(size_bytes)s, origin = %(origin)s
    WHERE source_id = %(source_id)s
"""
_FORGET: Final = "DELETE FROM content WHERE document_id = ANY(%(document_ids)s)"
_CONTENT: Final = """
    INSERT INTO content (tenant_id, document_id, number, passages)
    SELECT %(tenant_id)s, r.document_id, r.number, r.passages
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (document_id uuid, number bigint, passages jsonb)
"""

# Whose job is newer than the one that asks for it, or has not begun, is read as it is to be anyway.
_READ_BEFORE: Final = """
    SELECT s.source_id
    FROM source s JOIN job j USING (tenant_id, job_id)
                  JOIN dataset d ON d.tenant_id = s.tenant_id AND d.dataset_id = s.dataset_id
    WHERE s.dataset_id = %(dataset_id)s AND s.source_id > %(after)s AND s.job_id < %(job_id)s
      AND s.deleted_at IS NULL AND d.deleted_at IS NULL AND NOT (j.status = 'queued' AND j.attempt = 0)
    ORDER BY s.source_id LIMIT %(limit)s
"""

_ROWS_AT_ONCE: Final = 16

# RFC 9562: version 8, "custom", and its variant.
_VERSION_8: Final = 0x8 << 76
_VARIANT: Final = 0b10 << 62
_TIME: Final = ((1 << 48) - 1) << 80


@dataclass(frozen=True, slots=True)
class Source:
    """What documents are read from: an object, or (of_videos) what analyses have seen in the dataset's videos.

    prefix_id: of the prefix that the object is of; None: it was uploaded. linked: whether it may (still) be read.
    """

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
    prefix_id: UUID | None = None
    linked: bool = True

    @property
    def state(self) -> str:
        """Tells what it is now from what it was; an upload never changes."""
        return "" if self.prefix_id is None else self.etag

    def reading(self, job_id: UUID) -> UUID:
        """Names its reading by a job, all attempts of it, in the state that it has."""
        return UUID(bytes=blake2b(job_id.bytes + self.state.encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True)
class State:
    """An object of a prefix as it was read. etag: without quotes. origin: its address, redacted."""

    etag: str
    version_id: str
    size_bytes: int
    origin: str


@dataclass(frozen=True, slots=True)
class Detectors:
    """With what documents are redacted.

    version: of detectors and readers. threshold: the least confidence. rules: as of `redaction_queries`.
    """

    version: str
    threshold: float
    rules: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that was stored. reading: how often it was, with this time."""

    document_id: UUID
    reading: int


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


async def source_of(db: Db, source_id: UUID, job_id: UUID) -> Source:
    """A source that this job is to read. Raises SourceNotFound, also when it is deleted, or another job's by now."""
    return await _source(db, _SOURCE, source_id, job_id)


async def hold(db: Db, source_id: UUID, job_id: UUID) -> None:
    """Keep a source as it is until the transaction ends. Raises SourceNotFound as `source_of`."""
    await _source(db, _HELD, source_id, job_id)


async def _source(db: Db, statement: LiteralString, source_id: UUID, job_id: UUID) -> Source:
    async with db.cursor(row_factory=class_row(Source)) as cursor:
        row = await (await cursor.execute(statement, {"source_id": source_id, "job_id": job_id})).fetchone()
    if row is None:
        raise SourceNotFound(source_id=str(source_id))
    return row


async def read_before(db: Db, dataset_id: UUID, job_id: UUID, after: UUID, limit: int) -> list[UUID]:
    """Some sources of a dataset behind one, whose reading began before this job was made."""
    values = {"dataset_id": dataset_id, "job_id": job_id, "after": after, "limit": limit}
    return [row[0] for row in await (await db.execute(_READ_BEFORE, values)).fetchall()]


async def put(
    db: Db, source: Source, detectors: Detectors, documents: Sequence[DocumentRow], *, job_id: UUID
) -> dict[int, Stored]:
    """Store documents, in place of those that they take the place of, without content; by their numbers.

    Of documents with one name the last is stored; of those that were deleted, or came with a newer source, none is.
    The caller holds the source.
    """
    values = {
        "tenant_id": source.tenant_id,
        "dataset_id": source.dataset_id,
        "source_id": source.source_id,
        "detectors": detectors.version,
        "threshold": detectors.threshold,
        "rules": detectors.rules,
        "read_by": source.reading(job_id),
    }
    named = {row.ref: row for row in documents if row.ref is not None}
    unnamed = {document_id(source, row.number, named=False): row for row in documents if row.ref is None}
    stored: dict[int, Stored] = {}
    if named:
        await db.execute(_FREE_NAMES, {"dataset_id": source.dataset_id, "refs": list(named)})
        rows = json.dumps([_json(source, row) for row in named.values()])
        cursor = await db.execute(_NAMED, {**values, "rows": rows})
        stored |= {named[ref].number: Stored(*known) for ref, *known in await cursor.fetchall()}
    if unnamed:
        rows = json.dumps([_json(source, row) for row in unnamed.values()])
        cursor = await db.execute(_UNNAMED, {**values, "rows": rows})
        stored |= {unnamed[known].number: Stored(known, reading) for known, reading in await cursor.fetchall()}
    await db.execute(_FORGET, {"document_ids": [one.document_id for one in stored.values()]})
    return stored


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


async def mark_read(db: Db, document: Stored, redactions: int) -> None:
    """Say that all that a document says is stored."""
    values = {"document_id": document.document_id, "reading": document.reading, "redactions": redactions}
    await db.execute(_READ, values)


async def hide_left(db: Db, source: Source, job_id: UUID) -> int:
    """Hide the documents of a source that the reading by this job did not store; how many. The caller holds it."""
    values = {"source_id": source.source_id, "read_by": source.reading(job_id)}
    return (await db.execute(_HIDE_LEFT, values)).rowcount


async def note_state(db: Db, source_id: UUID, state: "State") -> None:
    """Note the state in which a source was read. The caller holds it."""
    values = {"etag": state.etag, "version_id": state.version_id, "size_bytes": state.size_bytes}
    await db.execute(_NOTE_STATE, values | {"source_id": source_id, "origin": state.origin})


def document_id(source: Source, number: int, *, named: bool) -> UUID:
    """The id of a document that a source is the first to have: the same each time, and in order of the source.

    A line of a file that has changed is another one. named: whether it has a name, by which another source may have it
    then. What is all of its source has that one's id.
    """
    source_id = source.source_id
    if not number:
        return source_id
    digest = blake2b(
        source_id.bytes + source.state.encode(), digest_size=8, key=b"named" if named else b"unnamed"
    ).digest()
    salt = int.from_bytes(digest) >> 22  # 42 bits
    ordered = (number >> 20 & 0xFFF) << 64 | (number & 0xFFFFF) << 42
    return UUID(int=source_id.int & _TIME | _VERSION_8 | _VARIANT | ordered | salt)


def _json(source: Source, row: DocumentRow) -> dict[str, Any]:
    return {
        "document_id": str(document_id(source, row.number, named=row.ref is not None)),
        "ref": row.ref,
        "title": row.title,
        "metadata": row.metadata,
        "status": row.status,
        "reason": row.reason,
        "detail": row.detail,
        "redactions": row.redactions,
    }
