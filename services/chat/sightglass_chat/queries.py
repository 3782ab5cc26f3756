"""All SQL of indexing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from sightglass_common import block_queries as blocks
from sightglass_common.dataset_errors import SourceNotFound
from sightglass_common.db import Db
from sightglass_common.search_queries import vector_text

_SOURCE: Final = """
    SELECT s.source_id, s.dataset_id, d.language,
           d.deleted_at IS NOT NULL OR s.deleted_at IS NOT NULL OR s.job_id <> %(job_id)s AS over,
           (SELECT count(*) FROM document o
            WHERE o.tenant_id = s.tenant_id AND o.source_id = s.source_id AND o.status = 'read') AS waiting,
           (SELECT count(*) FROM document o WHERE o.tenant_id = s.tenant_id AND o.source_id = s.source_id
            AND (o.status = 'skipped' OR o.reason IS NOT NULL)) AS faulty
    FROM source s JOIN dataset d USING (tenant_id, dataset_id)
    WHERE s.source_id = %(source_id)s
"""
_WAITING: Final = """
    SELECT d.document_id, d.title, d.reading, d.served IS NOT NULL AS served
    FROM document d JOIN source s USING (tenant_id, source_id)
    WHERE s.source_id = %(source_id)s AND s.job_id = %(job_id)s AND d.status = 'read'
    ORDER BY d.document_id LIMIT %(limit)s
"""
_PASSAGES: Final = """
    SELECT p->>'text' AS text, p->'locator' AS locator
    FROM content c, jsonb_array_elements(c.passages) WITH ORDINALITY AS e (p, place)
    WHERE c.document_id = %(document_id)s ORDER BY c.number, e.place
"""
# Documents of a source with segments that are not searched: an attempt was killed before it had removed them.
_UNSERVED: Final = """
    SELECT DISTINCT d.document_id FROM document d JOIN segment s USING (tenant_id, document_id)
    WHERE d.source_id = %(source_id)s AND s.reading IS DISTINCT FROM d.served LIMIT %(limit)s
"""
# Who deletes a document, or reads it anew, waits until this is committed; who has done so is seen.
_HELD: Final = """
    SELECT d.document_id
    FROM jsonb_to_recordset(%(readings)s) AS r (document_id uuid, reading bigint)
         JOIN document d ON d.document_id = r.document_id AND d.reading = r.reading AND d.status = 'read'
         JOIN source s ON s.tenant_id = d.tenant_id AND s.source_id = d.source_id AND s.job_id = %(job_id)s
    ORDER BY d.document_id FOR SHARE OF d
"""
# Holds the row, so that of two sources of a dataset one waits for the other here.
_NUMBERS: Final = """
    INSERT INTO corpus AS c (tenant_id, dataset_id, next_number, segments)
    VALUES (%(tenant_id)s, %(dataset_id)s, %(count)s, %(count)s)
    ON CONFLICT (tenant_id, dataset_id)
        DO UPDATE SET next_number = c.next_number + %(count)s, segments = c.segments + %(count)s
    RETURNING next_number - %(count)s
"""
# A title belongs to each segment's words: it is often what is asked for. Positions are kept up to 256 of a word.
_INSERT: Final = """
    WITH given AS MATERIALIZED (
        SELECT number, document_id, reading, ordinal, title, text, locator, embedding
        FROM jsonb_to_recordset(%(segments)s)
             AS s (number bigint, document_id uuid, reading bigint, ordinal bigint, title text, text text,
                   locator jsonb, embedding text)
    ), words AS MATERIALIZED (
        SELECT g.number, word_key(t.lexeme) AS word, least(sum(cardinality(t.positions)), 1023)::int AS times
        FROM given g, unnest(to_tsvector(%(language)s::regconfig, g.title || ' ' || g.text)) AS t
        GROUP BY g.number, t.lexeme
    ), lengths AS MATERIALIZED (
        SELECT number, sum(times) AS words, array_agg(word ORDER BY word) AS word_keys FROM words GROUP BY number
    ), segments AS (
        INSERT INTO segment (tenant_id, dataset_id, number, document_id, reading, ordinal, text, locator, words,
                             word_keys)
        SELECT %(tenant_id)s, %(dataset_id)s, g.number, g.document_id, g.reading, g.ordinal, g.text, g.locator,
               coalesce(l.words, 0), coalesce(l.word_keys, '{}')
        FROM given g LEFT JOIN lengths l USING (number)
    ), vectors AS (
        INSERT INTO segment_vector (tenant_id, dataset_id, number, embedding)
        SELECT %(tenant_id)s, %(dataset_id)s, number, embedding::halfvec(384) FROM given WHERE embedding IS NOT NULL
    ), postings AS (
        INSERT INTO posting (tenant_id, word, dataset_id, first_number, entries)
        SELECT %(tenant_id)s, w.word, %(dataset_id)s, min(w.number),
               string_agg(int8send((w.number << 20) | (w.times << 10) | least(l.words, 1023)::int), ''
                          ORDER BY w.number)
        FROM words w JOIN lengths l USING (number) GROUP BY w.word
    )
    UPDATE corpus SET words = corpus.words + (SELECT coalesce(sum(words), 0) FROM lengths)
    WHERE dataset_id = %(dataset_id)s
"""
# From now on these segments are searched, and none of an earlier reading.
_SERVE: Final = """
    UPDATE document d SET status = 'ready', indexed_at = now(), segments = r.segments, served = d.reading,
                          served_rules = d.rules
    FROM jsonb_to_recordset(%(counts)s) AS r (document_id uuid, segments bigint)
    WHERE d.document_id = r.document_id
"""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source whose documents wait.

    over: it is deleted, or another job reads it anew. waiting: how many. faulty: how many were skipped, or not read
    whole.
    """

    source_id: UUID
    dataset_id: UUID
    language: str
    over: bool
    waiting: int
    faulty: int


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A document that is redacted. reading: which one this is. served: whether an earlier one is searched."""

    document_id: UUID
    title: str
    reading: int
    served: bool


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A part of a document, as the scanner has redacted it."""

    text: str
    locator: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment to index. embedding: None without a model. reading: which one of its document it is of."""

    document_id: UUID
    ordinal: int
    title: str
    text: str
    locator: dict[str, Any]
    embedding: Sequence[float] | None
    reading: int = 0

    def with_embedding(self, embedding: Sequence[float]) -> "SegmentRow":
        """The same with its vector."""
        return replace(self, embedding=embedding)


async def source(db: Db, source_id: UUID, job_id: UUID) -> SourceRow:
    """A source, as the job that reads it finds it. Raises SourceNotFound."""
    async with db.cursor(row_factory=class_row(SourceRow)) as cursor:
        row = await (await cursor.execute(_SOURCE, {"source_id": source_id, "job_id": job_id})).fetchone()
    if row is None:
        raise SourceNotFound(source_id=str(source_id))
    return row


async def waiting(db: Db, source_id: UUID, job_id: UUID, limit: int) -> list[WaitingRow]:
    """Some documents of a source that wait to be indexed; none when another job reads it anew."""
    values = {"source_id": source_id, "job_id": job_id, "limit": limit}
    async with db.cursor(row_factory=class_row(WaitingRow)) as cursor:
        return await (await cursor.execute(_WAITING, values)).fetchall()


async def passages(db: Db, document_id: UUID) -> list[PassageRow]:
    """What a document says, in its order."""
    async with db.cursor(row_factory=class_row(PassageRow)) as cursor:
        return await (await cursor.execute(_PASSAGES, {"document_id": document_id})).fetchall()


async def unserved(db: Db, source_id: UUID, limit: int) -> list[UUID]:
    """Some documents of a source that have segments which are not searched."""
    return [row[0] for row in await (await db.execute(_UNSERVED, {"source_id": source_id, "limit": limit})).fetchall()]


async def held(db: Db, job_id: UUID, documents: Sequence[WaitingRow]) -> set[UUID]:
    """Those that still wait for this job, as they were read; nobody changes them before the transaction ends."""
    readings = [{"document_id": str(one.document_id), "reading": one.reading} for one in documents]
    return {
        row[0] for row in await (await db.execute(_HELD, {"readings": Jsonb(readings), "job_id": job_id})).fetchall()
    }


async def add(db: Db, tenant_id: UUID, dataset_id: UUID, language: str, segments: Sequence[SegmentRow]) -> None:
    """Add segments, with their words and vectors. language: a text search configuration."""
    values: dict[str, Any] = {"tenant_id": tenant_id, "dataset_id": dataset_id, "language": language}
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_NUMBERS, values | {"count": len(segments)})
        first = int(await cursor.fetchone() or 0)
    given = [_json(number, segment) for number, segment in enumerate(segments, first)]
    await db.execute(_INSERT, values | {"segments": Jsonb(given)})
    await blocks.gather(db, tenant_id, dataset_id, first)


async def serve(db: Db, segments: Mapping[UUID, int]) -> None:
    """Have the segments that were added of documents searched, in place of those of before. segments: how many."""
    counts = [{"document_id": str(document_id), "segments": count} for document_id, count in segments.items()]
    await db.execute(_SERVE, {"counts": Jsonb(counts)})


def _json(number: int, segment: SegmentRow) -> dict[str, Any]:
    return {
        "number": number,
        "document_id": str(segment.document_id),
        "reading": segment.reading,
        "ordinal": segment.ordinal,
        "title": segment.title,
        "text": segment.text,
        "locator": segment.locator,
        "embedding": None if segment.embedding is None else vector_text(segment.embedding),
    }
