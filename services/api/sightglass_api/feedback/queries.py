"""All SQL of feedback."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_api.feedback.schemas import Thumb
from sightglass_common.db import Db

# Held, so that whoever removes it finds what is said of it.
_IS_THERE: Final = """
    SELECT d.document_id
    FROM document d JOIN source s USING (tenant_id, source_id)
                    JOIN dataset t ON t.tenant_id = d.tenant_id AND t.dataset_id = d.dataset_id
    WHERE d.document_id = %(document_id)s AND d.status <> 'deleting' AND s.deleted_at IS NULL AND t.deleted_at IS NULL
    FOR SHARE OF d
"""
_PUT: Final = """
    INSERT INTO feedback (tenant_id, turn_id, thumb, document_id, note)
    VALUES (%(tenant_id)s, %(turn_id)s, %(thumb)s, %(document_id)s, %(note)s)
    ON CONFLICT (tenant_id, turn_id)
    DO UPDATE SET thumb = excluded.thumb, document_id = excluded.document_id, note = excluded.note, at = excluded.at
"""
# What answers best counts for two of what an answer cites that was found good.
_QUESTIONS: Final = """
    WITH judged AS (
        SELECT tenant_id, turn_id, document_id, 2 AS grade FROM feedback WHERE document_id IS NOT NULL
        UNION ALL
        SELECT t.tenant_id, t.turn_id, (c->>'document_id')::uuid, 1
        FROM feedback f JOIN turn t USING (tenant_id, turn_id), jsonb_array_elements(t.citations) AS c
        WHERE f.thumb = 'up' AND c ? 'document_id'
    ), graded AS (
        SELECT t.question, coalesce(d.ref, d.document_id::text) AS ref, max(j.grade) AS grade,
               max(t.turn_id::text) AS newest
        FROM judged j JOIN document d USING (tenant_id, document_id)
                      JOIN source s ON s.tenant_id = d.tenant_id AND s.source_id = d.source_id
                      JOIN turn t ON t.tenant_id = j.tenant_id AND t.turn_id = j.turn_id
        WHERE d.dataset_id = %(dataset_id)s AND d.status <> 'deleting' AND s.deleted_at IS NULL
        GROUP BY t.question, coalesce(d.ref, d.document_id::text)
    )
    SELECT question, jsonb_object_agg(ref, grade) AS relevant FROM graded
    GROUP BY question ORDER BY max(newest) DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question and how well documents answer it. relevant: of the caller's ids; else of ours."""

    question: str
    relevant: Mapping[str, int]


async def is_there(db: Db, document_id: UUID) -> bool:
    """Whether the tenant has such a document. It stays until the transaction ends."""
    return await (await db.execute(_IS_THERE, {"document_id": document_id})).fetchone() is not None


async def put(db: Db, tenant_id: UUID, turn_id: UUID, *, thumb: Thumb, document_id: UUID | None, note: str) -> None:
    """Note what is said of a turn, in place of what was. The caller has asked for the turn before."""
    values = {"tenant_id": tenant_id, "turn_id": turn_id, "thumb": thumb, "document_id": document_id, "note": note}
    await db.execute(_PUT, values)


async def questions(db: Db, dataset_id: UUID, limit: int) -> list[QuestionRow]:
    """The newest questions of which it is known what in a dataset answers them, each once."""
    async with db.cursor(row_factory=class_row(QuestionRow)) as cursor:
        return await (await cursor.execute(_QUESTIONS, {"dataset_id": dataset_id, "limit": limit})).fetchall()
