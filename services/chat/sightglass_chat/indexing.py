"""IndexContent: the redacted documents of a source become segments, with their words and vectors."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sightglass_chat import queries
from sightglass_chat.queries import PassageRow, SegmentRow, SourceRow, WaitingRow
from sightglass_chat.redacting import redacted
from sightglass_chat.words import tokens_of
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import IndexContent
from sightglass_retrieval.minilm import MiniLM
from sightglass_retrieval.segments import Passage, Segment, cut

_STAGE: Final = "index"
# Documents looked up at once, and segments that one transaction stores about: a kill costs no more work than these.
_DOCUMENTS: Final = 200
_SEGMENTS: Final = 64
# Documents removed at once.
_REMOVED: Final = 20


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document and some of its segments, the first of which is the document's `first`."""

    document: WaitingRow
    segments: Sequence[Segment]
    first: int
    last_of_it: bool


class IndexContentHandler:
    """Indexes the documents of one source, some at a time; each is searchable as soon as it is stored.

    embedder: gives the model, or None without one; may be slow at its first call.
    """

    def __init__(self, pool: Pool, embedder: Callable[[], MiniLM | None]) -> None:
        self._pool = pool
        self._embedder = embedder

    async def __call__(self, message: IndexContent, job: JobContext) -> Effect:
        """Do the work of one attempt; what an earlier one has stored stays. Raises SourceNotFound."""
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            source = await queries.source(db, message.source_id)
        await self._remove(source, job)
        embedder = await asyncio.to_thread(self._embedder)
        done = 0
        await job.report(_STAGE, done, source.waiting)
        if not source.deleted:
            async for batch in self._batches(message.tenant_id, source, embedder):
                rows = await asyncio.to_thread(_embedded, batch, embedder)
                async with job.transaction() as db:
                    await _store(db, message.tenant_id, source, batch, rows)
                done += sum(one.last_of_it for one in batch)
                await job.report(_STAGE, done, source.waiting)

        async def effect(db: Db) -> FinalStatus:
            return "partial" if (await queries.source(db, message.source_id)).faulty else "done"

        return effect

    async def _remove(self, source: SourceRow, job: JobContext) -> None:
        """Remove the documents that were taken out of the dataset, with all that is indexed of them."""
        removed = True
        while removed:
            async with job.transaction() as db:
                removed = await queries.removed(db, source.source_id, _REMOVED)
                await queries.forget(db, source.dataset_id, removed)
                await queries.delete(db, removed)

    async def _batches(self, tenant_id: UUID, source: SourceRow, embedder: MiniLM | None) -> AsyncGenerator[list[_Cut]]:
        """The documents that wait, cut; so many together that they are worth a transaction."""
        batch: list[_Cut] = []
        while True:
            async with tenant_transaction(self._pool, tenant_id) as db:
                waiting = await queries.waiting(db, source.source_id, _DOCUMENTS)
            for document in waiting:
                async with tenant_transaction(self._pool, tenant_id) as db:
                    passages = await queries.passages(db, document.document_id)
                segments = await asyncio.to_thread(_segments, document, passages, embedder)
                for first in range(0, max(len(segments), 1), _SEGMENTS):
                    part = segments[first : first + _SEGMENTS]
                    batch.append(_Cut(document, part, first, first + _SEGMENTS >= len(segments)))
                    if sum(len(one.segments) for one in batch) >= _SEGMENTS:
                        yield batch
                        batch = []
            if batch:
                yield batch
                batch = []
            if not waiting:
                return


def _segments(document: WaitingRow, passages: Sequence[PassageRow], embedder: MiniLM | None) -> list[Segment]:
    tokens = embedder.tokens if embedder else tokens_of
    return cut(
        [Passage(redacted(passage.text), passage.locator, passage.locator.get("scene")) for passage in passages],
        tokens=tokens,
        title=document.title,
    )


def _embedded(batch: Sequence[_Cut], embedder: MiniLM | None) -> list[SegmentRow]:
    """Rows of all segments; a title is part of what a vector is of, as of the words."""
    rows = [
        SegmentRow(one.document.document_id, number, one.document.title, str(segment.text), dict(segment.locator), None)
        for one in batch
        for number, segment in enumerate(one.segments, one.first)
    ]
    if embedder is None or not rows:
        return rows
    vectors = embedder.embed([redacted(f"{row.title}\n{row.text}") for row in rows])
    return [row.with_embedding(vector.tolist()) for row, vector in zip(rows, vectors, strict=True)]


async def _store(db: Db, tenant_id: UUID, source: SourceRow, batch: Sequence[_Cut], rows: Sequence[SegmentRow]) -> None:
    """Store what is cut of documents that still say so: others were read anew meanwhile, or are gone."""
    current = await queries.held(db, {one.document.document_id: one.document.reading for one in batch})
    kept = [one for one in batch if one.document.document_id in current]
    begun = [one.document.document_id for one in kept if one.first == 0]
    await queries.forget(db, source.dataset_id, begun)
    own = [row for row in rows if row.document_id in current]
    await queries.add(db, tenant_id, source.dataset_id, source.language, own)
    await queries.ready(db, {one.document.document_id: one.first + len(one.segments) for one in kept if one.last_of_it})
