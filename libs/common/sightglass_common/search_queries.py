"""All SQL of the search of segments, in chosen datasets of one tenant. What is done with it: search.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.ranking import Posting
from sightglass_common.redaction_queries import RULES
from sightglass_common.search_filters import Filters

_CORPORA: Final = """
    SELECT dataset_id, coalesce(c.segments, 0) AS segments, coalesce(c.words, 0) AS words
    FROM dataset d LEFT JOIN corpus c USING (tenant_id, dataset_id)
    WHERE dataset_id = ANY(%(datasets)s) AND d.deleted_at IS NULL
    ORDER BY dataset_id
"""
# In an order that does not change, as sums of floats depend on it.
_POSTINGS: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT dataset_id, language, place - 1 AS place
        FROM unnest(%(datasets)s::uuid[]) WITH ORDINALITY AS given (dataset_id, place) JOIN dataset USING (dataset_id)
    ), asked AS MATERIALIZED (
        SELECT language, word_key(stem) AS word
        FROM (SELECT DISTINCT language FROM chosen) AS languages,
             unnest(tsvector_to_array(to_tsvector(language::regconfig, %(query)s))) AS stem
    )
    SELECT c.place, p.word, p.entries
    FROM asked a JOIN chosen c USING (language)
                 JOIN posting p ON p.word = a.word AND p.dataset_id = c.dataset_id
    ORDER BY p.word, c.place, p.first_number
"""
# Vectors are of length 1, so that what is cheapest to reckon, their product, is the cosine; `<#>` is minus it, and is
# reckoned once a row. The sum keeps the planner from an index of another order.
# Numbers in one array are looked up in their order, which reads fewer pages than one after the other.
_NEAREST: Final = """
    SELECT dataset_id, number, -distance AS score
    FROM (SELECT dataset_id, number, (embedding <#> %(vector)s::halfvec) + 0 AS distance
          FROM segment_vector WHERE dataset_id = ANY(%(datasets)s)) AS compared
    ORDER BY distance, dataset_id, number LIMIT %(limit)s
"""
_NEAREST_OF: Final = """
    SELECT dataset_id, number, -distance AS score
    FROM (SELECT (%(datasets)s::uuid[])[(key >> 43) + 1] AS dataset_id,
                 array_agg(key & (1::bigint << 43) - 1) AS numbers
          FROM unnest(%(keys)s::bigint[]) AS given (key) GROUP BY key >> 43) AS wanted,
         LATERAL (SELECT v.number, (v.embedding <#> %(vector)s::halfvec) + 0 AS distance FROM segment_vector v
                  WHERE v.dataset_id = wanted.dataset_id AND v.number = ANY(wanted.numbers) OFFSET 0) AS compared
    ORDER BY distance, dataset_id, number LIMIT %(limit)s
"""
_SIGNS: Final = """
    SELECT dataset_id, entries FROM segment_signs WHERE dataset_id = ANY(%(datasets)s)
    ORDER BY dataset_id, first_number
"""
# Of a document the segments of one reading are shown, of none that is deleted, or redacted by other rules than today's.
_SHOWN: Final = f"""
    JOIN document d ON d.tenant_id = s.tenant_id AND d.document_id = s.document_id
         AND d.served = s.reading AND d.served_rules = {RULES}
    JOIN source o ON o.tenant_id = d.tenant_id AND o.source_id = d.source_id AND o.deleted_at IS NULL
"""
_HITS: Final = f"""
    SELECT given.place - 1 AS place, s.dataset_id, s.document_id, s.ordinal, s.text, s.locator, d.ref, d.title, o.origin
    FROM unnest(%(datasets)s::uuid[], %(numbers)s::bigint[]) WITH ORDINALITY AS given (dataset_id, number, place)
         JOIN segment s USING (dataset_id, number) {_SHOWN}
    ORDER BY given.place
"""
_SEGMENT: Final = f"""
    SELECT 0 AS place, s.dataset_id, s.document_id, s.ordinal, s.text, s.locator, d.ref, d.title, o.origin
    FROM segment s {_SHOWN} JOIN dataset t ON t.tenant_id = s.tenant_id AND t.dataset_id = s.dataset_id
    WHERE s.document_id = %(document_id)s AND s.ordinal = %(ordinal)s AND t.deleted_at IS NULL
"""
_AMONG: Final = f"""
    SELECT s.dataset_id, string_agg(int8send(s.number), '' ORDER BY s.number) AS numbers
    FROM segment s {_SHOWN}
    WHERE s.dataset_id = ANY(%(datasets)s)
          AND (%(document_ids)s::uuid[] IS NULL OR s.document_id = ANY(%(document_ids)s))
          AND (%(document_refs)s::text[] IS NULL OR d.ref = ANY(%(document_refs)s))
          AND (%(source_ids)s::uuid[] IS NULL OR d.source_id = ANY(%(source_ids)s))
          AND (%(metadata)s::jsonb IS NULL OR d.metadata @> %(metadata)s)
          AND (%(video_ids)s::text[] IS NULL OR s.locator->>'video_id' = ANY(%(video_ids)s))
          AND (%(from_us)s::bigint IS NULL OR (s.locator->>'end_us')::bigint > %(from_us)s)
          AND (%(to_us)s::bigint IS NULL OR (s.locator->>'start_us')::bigint < %(to_us)s)
    GROUP BY s.dataset_id
"""


@dataclass(frozen=True, slots=True)
class CorpusRow:
    """A dataset that is searched, and how much there is in it."""

    dataset_id: UUID
    segments: int
    words: int


@dataclass(frozen=True, slots=True)
class NearRow:
    """A segment and the cosine of its vector and the question's."""

    dataset_id: UUID
    number: int
    score: float


@dataclass(frozen=True, slots=True)
class HitRow:
    """A segment that was asked for. place: among those asked for. origin: of an object of a prefix, its address."""

    place: int
    dataset_id: UUID
    document_id: UUID
    ordinal: int
    text: str
    locator: dict[str, Any]
    ref: str | None
    title: str
    origin: str | None


async def corpora(db: Db, datasets: Sequence[UUID]) -> list[CorpusRow]:
    """Those of the datasets that are there, by their ids."""
    async with db.cursor(row_factory=class_row(CorpusRow)) as cursor:
        return await (await cursor.execute(_CORPORA, {"datasets": list(datasets)})).fetchall()


async def postings(db: Db, datasets: Sequence[UUID], query: str) -> list[Posting]:
    """Where the words of a question are, each brought to its stem in the datasets' languages."""
    async with db.cursor(binary=True) as cursor:
        found = await cursor.execute(_POSTINGS, {"datasets": list(datasets), "query": query})
        return [Posting(*row) for row in await found.fetchall()]


async def nearest(db: Db, datasets: Sequence[UUID], vector: Sequence[float], limit: int) -> list[NearRow]:
    """The segments of datasets that are nearest to a vector, all compared."""
    values = {"datasets": list(datasets), "vector": vector_text(vector), "limit": limit}
    async with db.cursor(row_factory=class_row(NearRow)) as cursor:
        return await (await cursor.execute(_NEAREST, values)).fetchall()


async def nearest_of(
    db: Db, datasets: Sequence[UUID], keys: Sequence[int], vector: Sequence[float], limit: int
) -> list[NearRow]:
    """Those of some segments that are nearest to a vector. keys: a place among the datasets and a number each."""
    values = {"datasets": list(datasets), "keys": list(keys), "vector": vector_text(vector), "limit": limit}
    async with db.cursor(row_factory=class_row(NearRow)) as cursor:
        return await (await cursor.execute(_NEAREST_OF, values)).fetchall()


async def signs(db: Db, datasets: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
    """The signs of all vectors of datasets, packed, each block with its dataset."""
    async with db.cursor(binary=True) as cursor:
        found = await cursor.execute(_SIGNS, {"datasets": list(datasets)})
        return [(row[0], row[1]) for row in await found.fetchall()]


async def hits(db: Db, segments: Sequence[tuple[UUID, int]]) -> list[HitRow]:
    """Segments as they are shown, in the order that they are asked for in; without those that may not be shown."""
    async with db.cursor(row_factory=class_row(HitRow)) as cursor:
        values = {"datasets": [one for one, _ in segments], "numbers": [number for _, number in segments]}
        return await (await cursor.execute(_HITS, values)).fetchall()


async def segment(db: Db, document_id: UUID, ordinal: int) -> HitRow | None:
    """A segment by its place in its document, if it may be shown."""
    async with db.cursor(row_factory=class_row(HitRow)) as cursor:
        values = {"document_id": document_id, "ordinal": ordinal}
        return await (await cursor.execute(_SEGMENT, values)).fetchone()


async def among(db: Db, datasets: Sequence[UUID], filters: Filters) -> Mapping[UUID, bytes]:
    """The numbers of the segments that pass filters, packed, of each dataset that has any."""
    async with db.cursor(binary=True) as cursor:
        found = await cursor.execute(_AMONG, filters.values() | {"datasets": list(datasets)})
        return {row[0]: row[1] for row in await found.fetchall()}


def vector_text(vector: Sequence[float]) -> str:
    """A vector as Postgres reads it."""
    return "[" + ",".join(f"{number:.7g}" for number in vector) + "]"
