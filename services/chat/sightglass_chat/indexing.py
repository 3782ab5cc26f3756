"""IndexContent: the redacted documents of a source become segments, with their words and vectors."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sightglass_chat import queries
from sightglass_chat.queries import PassageRow, SegmentRow, SourceRow, WaitingRow
from sightglass_chat.redacting import redacted, settings_of
from sightglass_chat.words import tokens_of
from sightglass_common import redaction_queries, segment_queries
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import IndexContent
from sightglass_detect import Settings
from sightglass_retrieval.minilm import MiniLM
from sightglass_retrieval.segments import Passage, Segment, cut

_STAGE: Final = "index"
# Documents looked up at once, and segments that one transaction stores about: a kill costs no more work than these.
_DOCUMENTS: Final = 200
_SEGMENTS: Final = 64


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document and some of its segments, the first of which is the document's `first`."""

    document: WaitingRow
    segments: Sequence[Segment]
    first: int
    last_of_it: bool

    @property
    def replaces(self) -> bool:
        """Whether segments of a reading before are not searched any more when these are stored."""
        return self.last_of_it and self.document.served


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
            source = await queries.source(db, message.source_id, message.job_id)
        embedder = await asyncio.to_thread(self._embedder)
        await job.report(_STAGE, 0, source.waiting)
        if not source.over:
            await self._forget_left(source, job)
            await self._index(message, source, job, embedder)

        async def effect(db: Db) -> FinalStatus:
            return "partial" if (await queries.source(db, message.source_id, message.job_id)).faulty else "done"

        return effect

    async def _index(self, message: IndexContent, source: SourceRow, job: JobContext, embedder: MiniLM | None) -> None:
        done = 0
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            settings = settings_of(await redaction_queries.rules_without_own(db))
        async for batch in self._batches(message, embedder, settings):
            rows = await asyncio.to_thread(_embedded, batch, embedder, settings)
            async with job.transaction() as db:
                await _store(db, message, source, batch, rows)
            await _forget(job, source, [one.document.document_id for one in batch if one.replaces])
            done += sum(one.last_of_it for one in batch)
            await job.report(_STAGE, done, source.waiting)

    async def _forget_left(self, source: SourceRow, job: JobContext) -> None:
        """Remove what attempts that were killed have left."""
        while True:
            async with job.transaction() as db:
                left = await queries.unserved(db, source.source_id, _DOCUMENTS)
            if not left:
                return
            await _forget(job, source, left, unfinished=True)

    async def _batches(
        self, message: IndexContent, embedder: MiniLM | None, settings: Settings
    ) -> AsyncGenerator[list[_Cut]]:
        """The documents that wait, cut; so many together that they are worth a transaction."""
        batch: list[_Cut] = []
        while True:
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                waiting = await queries.waiting(db, message.source_id, message.job_id, _DOCUMENTS)
            for document in waiting:
                async with tenant_transaction(self._pool, message.tenant_id) as db:
                    passages = await queries.passages(db, document.document_id)
                segments = await asyncio.to_thread(_segments, document, passages, embedder, settings)
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


def _segments(
    document: WaitingRow, passages: Sequence[PassageRow], embedder: MiniLM | None, settings: Settings
) -> list[Segment]:
    tokens = embedder.tokens if embedder else tokens_of
    looked_at = [
        Passage(redacted(passage.text, settings), passage.locator, passage.locator.get("scene")) for passage in passages
    ]
    return cut(looked_at, tokens=tokens, title=document.title)


def _embedded(batch: Sequence[_Cut], embedder: MiniLM | None, settings: Settings) -> list[SegmentRow]:
    """Rows of all segments; a title is part of what a vector is of, as of the words."""
    rows = [
        _row(one.document, number, segment) for one in batch for number, segment in enumerate(one.segments, one.first)
    ]
    if embedder is None or not rows:
        return rows
    vectors = embedder.embed([redacted(f"{row.title}\n{row.text}", settings) for row in rows])
    return [row.with_embedding(vector.tolist()) for row, vector in zip(rows, vectors, strict=True)]


def _row(document: WaitingRow, number: int, segment: Segment) -> SegmentRow:
    text, locator = str(segment.text), dict(segment.locator)
    return SegmentRow(document.document_id, number, document.title, text, locator, None, document.reading)


async def _store(
    db: Db, message: IndexContent, source: SourceRow, batch: Sequence[_Cut], rows: Sequence[SegmentRow]
) -> None:
    """Store the segments of those documents that were neither deleted nor read anew meanwhile.

    Of a document they are searched when all of them are there; until then those of its reading before are.
    """
    held = await queries.held(db, message.job_id, [one.document for one in batch])
    kept = [row for row in rows if row.document_id in held]
    await queries.add(db, message.tenant_id, source.dataset_id, source.language, kept)
    whole = [one for one in batch if one.last_of_it and one.document.document_id in held]
    await queries.serve(db, {one.document.document_id: one.first + len(one.segments) for one in whole})


async def _forget(
    job: JobContext, source: SourceRow, document_ids: Sequence[UUID], *, unfinished: bool = False
) -> None:
    """Remove segments of documents that are not searched, some in each transaction."""
    left = len(document_ids)
    while left:
        async with job.transaction() as db:
            left = await segment_queries.forget(db, source.dataset_id, document_ids, unfinished=unfinished)
