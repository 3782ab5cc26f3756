"""The search of segments: by words and by vectors in chosen datasets of one tenant, then fused.

Words: BM25 (Robertson and Zaragoza 2009, with idf as in Lucene), its statistics those of the datasets that are
searched, so that nobody's ranking depends on what others have. Vectors: cosine, of all segments; of very many, of those
whose vectors' signs are most like the question's, as an index that tenants share loses most of what a small one has.
Each side's best are brought to 0..1 and weighed. Postgres gives only what row-level security shows it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np

from sightglass_common import ranking
from sightglass_common import search_queries as queries
from sightglass_common.db import Db
from sightglass_common.ranking import Fused, Keys, Ranked
from sightglass_common.search_filters import Filters
from sightglass_common.search_queries import CorpusRow, HitRow

# How much vectors count beside words: 0.3 to 0.4 were within 0.01 of the best of nDCG@10 on two public sets.
VECTORS_WEIGHT: Final = 0.35
# Of each side so many are fused.
_CANDIDATES: Final = 100
# Up to so many segments all vectors are compared; of more, the nearest by signs: twenty for each that is fused.
_COMPARED: Final = 20_000
_BY_SIGNS: Final = 20
# What is ranked in less time than a thread takes to begin; for more, numpy lets other requests on meanwhile.
_AT_ONCE_BYTES: Final = 100_000
_EMPTY: Final = Ranked(np.empty(0, np.int64), np.empty(0))


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
    origin: str | None
    score: float
    words_score: float | None
    vectors_score: float | None


async def search(
    db: Db,
    datasets: Sequence[UUID],
    query: str,
    vector: Sequence[float] | None,
    *,
    k: int,
    filters: Filters | None = None,
    one_of_each_document: bool = False,
    vectors_weight: float = VECTORS_WEIGHT,
) -> list[Hit]:
    """The `k` best segments of these datasets, the best first, ties in a fixed order.

    query: redacted. vector: the query's, of 384 numbers; None: by words alone. filters: None finds all.
    one_of_each_document: only the best segment of each. vectors_weight: 0 to 1, beside words; 0 and 1 are one side
    alone.
    """
    return await _Search(db, await queries.corpora(db, datasets), max(_CANDIDATES, k)).run(
        query, vector, k, filters, one_of_each_document=one_of_each_document, vectors_weight=vectors_weight
    )


class _Search:
    """One search. Datasets are known by their place among those searched."""

    def __init__(self, db: Db, corpora: Sequence[CorpusRow], candidates: int) -> None:
        self._db = db
        self._corpora = corpora
        self._datasets = [corpus.dataset_id for corpus in corpora]
        self._place = {dataset_id: place for place, dataset_id in enumerate(self._datasets)}
        self._candidates = candidates
        self._segments = sum(corpus.segments for corpus in corpora)

    async def run(
        self,
        query: str,
        vector: Sequence[float] | None,
        k: int,
        filters: Filters | None,
        *,
        one_of_each_document: bool,
        vectors_weight: float,
    ) -> list[Hit]:
        among = None if filters is None else self._keys(await queries.among(self._db, self._datasets, filters))
        order = await self._ranked(query, vector, among, vectors_weight)
        hits, hidden = await self._shown(order, k, one_of_each_document=one_of_each_document)
        if among is None and hidden and len(hits) < k:
            # What may not be shown has taken the places of what may: so only that is ranked.
            among = self._keys(await queries.among(self._db, self._datasets, Filters()))
            order = await self._ranked(query, vector, among, vectors_weight)
            hits, _ = await self._shown(order, k, one_of_each_document=one_of_each_document)
        return hits

    async def _ranked(
        self, query: str, vector: Sequence[float] | None, among: Keys | None, vectors_weight: float
    ) -> Sequence[Fused]:
        words = await self._by_words(query, among) if vector is None or vectors_weight < 1 else _EMPTY
        near = await self._by_vector(vector, among) if vector is not None and vectors_weight > 0 else _EMPTY
        return ranking.fused(words, near, vectors_weight=0.0 if vector is None else vectors_weight)

    async def _by_words(self, query: str, among: Keys | None) -> Ranked:
        postings = await queries.postings(self._db, self._datasets, query)
        if not postings:
            return _EMPTY
        mean_words = max(sum(corpus.words for corpus in self._corpora) / max(self._segments, 1), 1)

        def ranked() -> Ranked:
            every = ranking.bm25(postings, segments=self._segments, mean_words=mean_words, among=among)
            return every.best(self._candidates)

        if sum(len(posting.entries) for posting in postings) < _AT_ONCE_BYTES:
            return ranked()
        return await asyncio.to_thread(ranked)

    async def _by_vector(self, vector: Sequence[float], among: Keys | None) -> Ranked:
        if among is None and self._segments <= _COMPARED:
            rows = await queries.nearest(self._db, self._datasets, vector, self._candidates)
        else:
            keys = await self._alike(vector, among)
            rows = await queries.nearest_of(self._db, self._datasets, keys, vector, self._candidates)
        keys = [ranking.key_of(self._place[row.dataset_id], row.number) for row in rows]
        return Ranked(np.array(keys, np.int64), np.array([row.score for row in rows]))

    async def _alike(self, vector: Sequence[float], among: Keys | None) -> list[int]:
        """The segments whose vectors' signs are most like this one's; all where there are few."""
        limit = self._candidates * _BY_SIGNS
        if among is not None and len(among) <= limit:
            return among.tolist()
        blocks = [(self._place[one], entries) for one, entries in await queries.signs(self._db, self._datasets)]
        found = await asyncio.to_thread(lambda: ranking.alike(blocks, vector, among=among).best(limit))
        return found.keys.tolist()

    async def _shown(self, order: Sequence[Fused], k: int, *, one_of_each_document: bool) -> tuple[list[Hit], int]:
        """The first `k` that may be shown, and how many of those looked up may not; for these more are looked up."""
        hits, seen, first, hidden = list[Hit](), set[UUID](), 0, 0
        while len(hits) < k and first < len(order):
            some = order[first : first + k]
            first += k
            rows = await queries.hits(self._db, [self._of(one.key) for one in some])
            hidden += len(some) - len(rows)
            for row in rows:
                if one_of_each_document and row.document_id in seen:
                    continue
                seen.add(row.document_id)
                hits.append(_hit(row, some[row.place]))
        return hits[:k], hidden

    def _keys(self, numbers: Mapping[UUID, bytes]) -> Keys:
        found = [ranking.keys_of(self._place[one], ranking.numbers_of(packed)) for one, packed in numbers.items()]
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def _of(self, key: int) -> tuple[UUID, int]:
        place, number = ranking.place_of(key)
        return self._datasets[place], number


def _hit(row: HitRow, one: Fused) -> Hit:
    return Hit(
        dataset_id=row.dataset_id,
        document_id=row.document_id,
        ordinal=row.ordinal,
        text=row.text,
        locator=row.locator,
        ref=row.ref,
        title=row.title,
        origin=row.origin,
        score=one.score,
        words_score=one.words,
        vectors_score=one.vectors,
    )
