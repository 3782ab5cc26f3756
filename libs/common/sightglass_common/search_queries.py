"""The search of segments: by words and by vectors in chosen datasets of one tenant, fused in one statement.

Words: BM25 (Robertson and Zaragoza 2009, with idf as in Lucene), its statistics those of the datasets that are
searched, so that nobody's ranking depends on what others have. Vectors: cosine of all segments, exact, as an index that
tenants share loses most of what a small one has. Each side's best are brought to 0..1 and weighed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db

# How much vectors count beside words: 0.3 to 0.4 were within 0.01 of the best of nDCG@10 on two public sets.
VECTORS_WEIGHT: Final = 0.35
# Of each side so many are fused.
_CANDIDATES: Final = 100

_SEARCH: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT dataset_id, language FROM dataset WHERE dataset_id = ANY(%(datasets)s) AND deleted_at IS NULL
    ), corpora AS MATERIALIZED (
        SELECT coalesce(sum(segments), 0)::float8 AS segments,
               greatest(coalesce(sum(words), 0)::float8 / greatest(sum(segments)::float8, 1), 1) AS mean_words
        FROM corpus WHERE dataset_id = ANY(%(datasets)s)
    ), asked AS MATERIALIZED (
        SELECT language, word_key(stem) AS word
        FROM (SELECT DISTINCT language FROM chosen) AS languages,
             unnest(tsvector_to_array(to_tsvector(language::regconfig, %(query)s))) AS stem
    ), found AS MATERIALIZED (
        SELECT p.word, p.dataset_id, p.numbers, p.counts
        FROM asked a JOIN chosen c ON c.language = a.language
                     JOIN posting p ON p.word = a.word AND p.dataset_id = c.dataset_id
    ), weights AS MATERIALIZED (
        -- With k1 = 1.2 and b = 0.75: idf * (k1 + 1), k1 * (1 - b), and k1 * b of a word at the mean length.
        SELECT word, ln(1 + greatest(segments - df + 0.5, 0) / (df + 0.5)) * 2.2 AS top,
               0.3::float8 AS base, 0.9 / mean_words AS slope
        FROM (SELECT word, sum(cardinality(numbers))::float8 AS df FROM found GROUP BY word) AS frequencies, corpora
    ), by_words AS (
        SELECT f.dataset_id, u.number,
               sum(w.top * (u.count >> 10) / ((u.count >> 10) + w.base + w.slope * (u.count & 1023))) AS score
        FROM found f JOIN weights w ON w.word = f.word, unnest(f.numbers, f.counts) AS u (number, count)
        GROUP BY f.dataset_id, u.number
        ORDER BY score DESC, f.dataset_id, u.number LIMIT %(candidates)s
    ), by_vectors AS (
        -- The sum keeps the planner from an index of another order than the distance's.
        SELECT v.dataset_id, v.number, 1 - (v.embedding <=> %(vector)s::halfvec(384)) AS score
        FROM segment_vector v JOIN chosen USING (dataset_id)
        WHERE %(vector)s::text IS NOT NULL
        ORDER BY (v.embedding <=> %(vector)s::halfvec(384)) + 0, v.dataset_id, v.number LIMIT %(candidates)s
    ), scaled AS (
        SELECT dataset_id, number, score AS words, NULL::float8 AS vectors,
               %(words_weight)s * coalesce((score - min(score) OVER ())
                                           / nullif(max(score) OVER () - min(score) OVER (), 0), 1) AS part
        FROM by_words
        UNION ALL
        SELECT dataset_id, number, NULL, score,
               %(vectors_weight)s * coalesce((score - min(score) OVER ())
                                             / nullif(max(score) OVER () - min(score) OVER (), 0), 1)
        FROM by_vectors
    ), fused AS (
        SELECT dataset_id, number, sum(part) AS score, max(words) AS words, max(vectors) AS vectors
        FROM scaled GROUP BY dataset_id, number
        ORDER BY score DESC, dataset_id, number LIMIT %(k)s
    )
    SELECT s.dataset_id, s.document_id, s.ordinal, s.text, s.locator, d.ref, d.title,
           f.score::float8 AS score, f.words::float8 AS words_score, f.vectors::float8 AS vectors_score
    FROM fused f JOIN segment s USING (dataset_id, number)
                 JOIN document d ON d.tenant_id = s.tenant_id AND d.document_id = s.document_id
                      AND d.status IN ('ready', 'read')  -- not one whose newer form was skipped
    ORDER BY f.score DESC, f.dataset_id, f.number
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment that was found. score: fused, 0 to 1; of each side alone None where it is not among its best."""

    dataset_id: UUID
    document_id: UUID
    ordinal: int
    text: str
    locator: dict[str, Any]
    ref: str | None
    title: str
    score: float
    words_score: float | None
    vectors_score: float | None


async def search(db: Db, datasets: Sequence[UUID], query: str, vector: Sequence[float] | None, *, k: int) -> list[Hit]:
    """The `k` best segments of these datasets, the best first, ties in a fixed order.

    query: redacted. vector: the query's, of 384 numbers; None: by words alone.
    """
    values = {
        "datasets": list(datasets),
        "query": query,
        "vector": None if vector is None else vector_text(vector),
        "words_weight": 1.0 if vector is None else 1 - VECTORS_WEIGHT,
        "vectors_weight": VECTORS_WEIGHT,
        "candidates": max(_CANDIDATES, k),
        "k": k,
    }
    async with db.cursor(row_factory=class_row(Hit)) as cursor:
        return await (await cursor.execute(_SEARCH, values)).fetchall()


def vector_text(vector: Sequence[float]) -> str:
    """A vector as Postgres reads it."""
    return "[" + ",".join(f"{number:.7g}" for number in vector) + "]"
