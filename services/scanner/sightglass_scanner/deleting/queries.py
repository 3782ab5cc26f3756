"""All SQL of removing what was deleted. Each function runs in the caller's tenant transaction, and may be run again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db

# Only of what is hidden: a message that names what is not removes nothing.
_DOOMED: Final = """
    SELECT d.document_id
    FROM document d JOIN source s USING (tenant_id, source_id)
                    JOIN dataset t ON t.tenant_id = d.tenant_id AND t.dataset_id = d.dataset_id
    WHERE d.dataset_id = %(dataset_id)s
      AND (%(source_id)s::uuid IS NULL OR d.source_id = %(source_id)s)
      AND (%(document_id)s::uuid IS NULL OR d.document_id = %(document_id)s)
      AND (%(prefix_id)s::uuid IS NULL OR s.prefix_id = %(prefix_id)s)
      AND (d.status = 'deleting' OR s.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL)
    LIMIT %(limit)s
"""
# Whoever makes an answer of one of them, or indexes it, is waited for here; from now on nobody begins to.
_MARK: Final = """
    UPDATE document SET status = 'deleting', served = NULL, ref = NULL
    WHERE document_id IN (SELECT document_id FROM document WHERE document_id = ANY(%(document_ids)s)
                          ORDER BY document_id FOR UPDATE)
"""
# A name is deleted with its document: no older source that has it, too, brings it back.
_NAMES: Final = """
    INSERT INTO deleted_document (tenant_id, dataset_id, key, source_id)
    SELECT tenant_id, dataset_id, md5(ref)::uuid, source_id FROM document
    WHERE document_id = ANY(%(document_ids)s) AND ref IS NOT NULL
    ORDER BY 3
    ON CONFLICT (tenant_id, dataset_id, key)
    DO UPDATE SET source_id = greatest(deleted_document.source_id, excluded.source_id)
"""
_TURNS: Final = """
    SELECT DISTINCT turn_id FROM turn_document WHERE document_id = ANY(%(document_ids)s) LIMIT %(limit)s
"""
# An answer that cites one of them is withheld whole: its other sentences may tell what that one said. So is one that a
# model has written, or is writing, who was given them all.
_ANSWERS: Final = """
    UPDATE turn t
    SET answer = NULL,
        citations = coalesce((
            SELECT jsonb_agg(CASE WHEN c->>'document_id' = ANY(%(names)s)
                                  THEN jsonb_build_object('n', c->'n', 'deleted', true) ELSE c END ORDER BY n)
            FROM jsonb_array_elements(t.citations) WITH ORDINALITY AS e (c, n)), '[]')
    WHERE t.turn_id = ANY(%(turn_ids)s)
      AND (t.answer IS NULL OR (t.usage->>'generated')::boolean
           OR EXISTS (SELECT FROM jsonb_array_elements(t.citations) AS c WHERE c->>'document_id' = ANY(%(names)s)))
    RETURNING t.turn_id
"""
# What was taken back of an answer is not in what became of it, and may be of any of them.
_DELTAS: Final = """
    UPDATE turn_event e SET data = '{"text": ""}'
    WHERE turn_id = ANY(%(turn_ids)s) AND kind = 'delta'
      AND (turn_id = ANY(%(withheld)s)
           OR EXISTS (SELECT FROM turn_event r
                      WHERE r.turn_id = e.turn_id AND r.kind = 'reset' AND r.number > e.number))
"""
_CITED: Final = """
    DELETE FROM turn_event
    WHERE turn_id = ANY(%(turn_ids)s) AND kind = 'citation' AND data->>'document_id' = ANY(%(names)s)
"""
_RETRIEVED: Final = """
    UPDATE turn_event e
    SET data = e.data || jsonb_build_object('results', (
        SELECT coalesce(jsonb_agg(r ORDER BY n), '[]')
        FROM jsonb_array_elements(e.data->'results') WITH ORDINALITY AS a (r, n)
        WHERE r->>'document_id' <> ALL(%(names)s)))
    WHERE e.turn_id = ANY(%(turn_ids)s) AND e.kind = 'retrieval'
"""
_FORGET_TURNS: Final = """
    DELETE FROM turn_document WHERE document_id = ANY(%(document_ids)s) AND turn_id = ANY(%(turn_ids)s)
"""
# What somebody said of such an answer may tell of it.
_NOTES: Final = "UPDATE feedback SET note = '' WHERE turn_id = ANY(%(withheld)s)"
_RIGHT: Final = """
    UPDATE feedback SET note = '', document_id = NULL WHERE document_id = ANY(%(document_ids)s)
"""
_REMOVE: Final = "DELETE FROM document WHERE document_id = ANY(%(document_ids)s) AND status = 'deleting'"
_SOURCES: Final = """
    SELECT s.source_id, s.bucket, s.object_key,
           coalesce(array_agg(u.object_key) FILTER (WHERE u.object_key IS NOT NULL), '{}') AS uploaded
    FROM source s JOIN dataset t USING (tenant_id, dataset_id)
                  LEFT JOIN upload u ON u.tenant_id = s.tenant_id AND u.source_id = s.source_id
    WHERE s.dataset_id = %(dataset_id)s AND (%(source_id)s::uuid IS NULL OR s.source_id = %(source_id)s)
      AND (%(prefix_id)s::uuid IS NULL OR s.prefix_id = %(prefix_id)s)
      AND (s.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL)
    GROUP BY s.source_id, s.bucket, s.object_key ORDER BY s.source_id LIMIT %(limit)s
"""
_FORGET_UPLOADS: Final = "DELETE FROM upload WHERE source_id = ANY(%(source_ids)s)"
_FORGET_SOURCES: Final = "DELETE FROM source WHERE source_id = ANY(%(source_ids)s)"
# Announced, and perhaps sent, but never completed.
_UPLOADS: Final = """
    SELECT upload_id, bucket, object_key FROM upload
    WHERE dataset_id = %(dataset_id)s AND source_id IS NULL ORDER BY upload_id LIMIT %(limit)s
"""
_FORGET_ANNOUNCED: Final = "DELETE FROM upload WHERE upload_id = ANY(%(upload_ids)s) AND source_id IS NULL"
_FORGET_NAMES: Final = """
    DELETE FROM deleted_document WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM deleted_document WHERE dataset_id = %(dataset_id)s LIMIT %(limit)s))
"""
_FORGET_CORPUS: Final = "DELETE FROM corpus WHERE dataset_id = %(dataset_id)s"
_FORGET_VIDEOS: Final = "DELETE FROM dataset_video WHERE dataset_id = %(dataset_id)s"
_FORGET_LEFT_OUT: Final = """
    DELETE FROM dataset_prefix_left_out WHERE prefix_id IN (
        SELECT prefix_id FROM dataset_prefix
        WHERE dataset_id = %(dataset_id)s
          AND (prefix_id = %(prefix_id)s AND deleted_at IS NOT NULL OR %(prefix_id)s::uuid IS NULL))
"""
_FORGET_PREFIXES: Final = """
    DELETE FROM dataset_prefix
    WHERE dataset_id = %(dataset_id)s
      AND (prefix_id = %(prefix_id)s AND deleted_at IS NOT NULL OR %(prefix_id)s::uuid IS NULL)
"""
_FORGET_DATASET: Final = "DELETE FROM dataset WHERE dataset_id = %(dataset_id)s AND deleted_at IS NOT NULL"
_IS_DELETED: Final = "SELECT deleted_at IS NOT NULL FROM dataset WHERE dataset_id = %(dataset_id)s"


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be removed: a dataset, or one source, document or prefix of it."""

    dataset_id: UUID
    source_id: UUID | None = None
    document_id: UUID | None = None
    prefix_id: UUID | None = None

    @property
    def is_all(self) -> bool:
        """Whether it is the dataset."""
        return self.source_id is None and self.document_id is None and self.prefix_id is None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that is deleted. uploaded: the keys of uploads that it came with; none of a bucket of the tenant's."""

    source_id: UUID
    bucket: str
    object_key: str
    uploaded: Sequence[str]


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload that became nothing."""

    upload_id: UUID
    bucket: str
    object_key: str


async def doomed(db: Db, target: Target, limit: int) -> list[UUID]:
    """Some documents that are deleted."""
    return [row[0] for row in await (await db.execute(_DOOMED, _values(target, limit))).fetchall()]


async def mark(db: Db, target: Target, document_ids: Sequence[UUID]) -> None:
    """Leave nothing that documents are found by; those of a source are not to come back from older ones."""
    if target.source_id is not None or target.prefix_id is not None:
        await db.execute(_NAMES, {"document_ids": list(document_ids)})
    await db.execute(_MARK, {"document_ids": list(document_ids)})


async def withdraw(db: Db, document_ids: Sequence[UUID], limit: int) -> int:
    """Take what documents said out of some turns; of how many. 0: it is in none any more."""
    ids = list(document_ids)
    found = await (await db.execute(_TURNS, {"document_ids": ids, "limit": limit})).fetchall()
    values = {"document_ids": ids, "names": list(map(str, ids)), "turn_ids": [row[0] for row in found]}
    if found:
        withheld = await (await db.execute(_ANSWERS, values)).fetchall()
        ended = {"withheld": [row[0] for row in withheld]}
        await db.execute(_DELTAS, values | ended)
        await db.execute(_NOTES, ended)
        await db.execute(_CITED, values)
        await db.execute(_RETRIEVED, values)
        await db.execute(_FORGET_TURNS, values)
    return len(found)


async def remove(db: Db, document_ids: Sequence[UUID]) -> None:
    """Remove documents, with what they say and what was said of them."""
    await db.execute(_RIGHT, {"document_ids": list(document_ids)})
    await db.execute(_REMOVE, {"document_ids": list(document_ids)})


async def sources(db: Db, target: Target, limit: int) -> list[SourceRow]:
    """Some sources that are deleted; their documents are gone."""
    async with db.cursor(row_factory=class_row(SourceRow)) as cursor:
        return await (await cursor.execute(_SOURCES, _values(target, limit))).fetchall()


async def remove_sources(db: Db, source_ids: Sequence[UUID]) -> None:
    """Remove sources, and the uploads that they came with."""
    await db.execute(_FORGET_UPLOADS, {"source_ids": list(source_ids)})
    await db.execute(_FORGET_SOURCES, {"source_ids": list(source_ids)})


async def announced(db: Db, dataset_id: UUID, limit: int) -> list[UploadRow]:
    """Some uploads for a dataset that became nothing."""
    async with db.cursor(row_factory=class_row(UploadRow)) as cursor:
        return await (await cursor.execute(_UPLOADS, {"dataset_id": dataset_id, "limit": limit})).fetchall()


async def remove_announced(db: Db, upload_ids: Sequence[UUID]) -> None:
    """Remove uploads that became nothing."""
    await db.execute(_FORGET_ANNOUNCED, {"upload_ids": list(upload_ids)})


async def is_deleted(db: Db, dataset_id: UUID) -> bool:
    """Whether a dataset is hidden, and not gone yet."""
    row = await (await db.execute(_IS_DELETED, {"dataset_id": dataset_id})).fetchone()
    return row is not None and bool(row[0])


async def remove_names(db: Db, dataset_id: UUID, limit: int) -> int:
    """Forget some names of documents that are not to come back; how many."""
    return (await db.execute(_FORGET_NAMES, {"dataset_id": dataset_id, "limit": limit})).rowcount


async def remove_prefixes(db: Db, dataset_id: UUID, prefix_id: UUID | None) -> None:
    """Remove a prefix, if it is deleted, that has no source any more; None: all of a dataset that is deleted."""
    await db.execute(_FORGET_LEFT_OUT, {"dataset_id": dataset_id, "prefix_id": prefix_id})
    await db.execute(_FORGET_PREFIXES, {"dataset_id": dataset_id, "prefix_id": prefix_id})


async def remove_dataset(db: Db, dataset_id: UUID) -> None:
    """Remove a dataset that is empty."""
    await remove_prefixes(db, dataset_id, None)
    await db.execute(_FORGET_CORPUS, {"dataset_id": dataset_id})
    await db.execute(_FORGET_VIDEOS, {"dataset_id": dataset_id})
    await db.execute(_FORGET_DATASET, {"dataset_id": dataset_id})


def _values(target: Target, limit: int) -> dict[str, object]:
    return {
        "dataset_id": target.dataset_id,
        "source_id": target.source_id,
        "document_id": target.document_id,
        "prefix_id": target.prefix_id,
        "limit": limit,
    }
