"""ScanSource: the documents of a dataset's source are read, redacted, stored, and left for chat to index."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sightglass_common import jobs, redaction_queries, segment_queries
from sightglass_common.dataset_errors import SourceTooLarge, SourceUnreadable
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import AccessDenied, BucketNotLinked, ObjectChanged, ObjectNotFound
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.messages import DeleteContent, IndexContent, ScanSource, wrap
from sightglass_common.queues import CONTENTS_TO_DELETE, CONTENTS_TO_INDEX
from sightglass_common.sources import holds_records
from sightglass_detect import Settings
from sightglass_scanner.documents import queries
from sightglass_scanner.documents.addresses import addresses
from sightglass_scanner.documents.detection import detection
from sightglass_scanner.documents.drafting import Batch, batches, content_rows, gathered
from sightglass_scanner.documents.queries import ContentRow, Detectors, DocumentRow, Source, State, Stored
from sightglass_scanner.documents.steps import Watched, stepped
from sightglass_scanner.documents.whole import Unfit, Whole
from sightglass_scanner.films.reading import Films
from sightglass_scanner.objects import Refused, S3Object, open_object
from sightglass_scanner.parts import SOURCE
from sightglass_scanner.settings import ScannerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_STAGE: Final = "read"
_NO_STEPS: Final = 1_000_000
_ROWS_AT_ONCE: Final = 16
_TOO_LARGE: Final = "too_large"


class ScanSourceHandler:
    """Reads one source. What it stores before its effect, the next attempt replaces."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._most_chars = settings.max_document_chars

    async def __call__(self, message: ScanSource, job: JobContext) -> Effect:
        """Do the work of one attempt.

        Raises SourceNotFound; BucketNotLinked; UnknownDetectors; ObjectNotFound, AccessDenied, ObjectChanged;
        SourceTooLarge and SourceUnreadable when no document came of it; and what reading the object raises.
        """
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            source = await queries.source_of(db, message.source_id, message.job_id)
            rules = await redaction_queries.rules(db)
        if not source.linked:
            raise BucketNotLinked(bucket=source.bucket)
        settings, detectors = await asyncio.to_thread(detection, rules, ocr=source.of_videos)
        if source.of_videos:
            await Films(self._pool, source, settings, detectors, self._most_chars, job).read()
            return _done(source, None, None, job)
        await job.report(_STAGE, 0, source.size_bytes)
        opened = await _opened(self._s3, source)
        if isinstance(opened, S3Object):
            source = replace(source, etag=opened.ref.etag.strip('"'), version_id=opened.ref.version_id)
        work = _Work(source, settings, detectors, self._most_chars, job)
        if isinstance(opened, Refused):
            await work.skip(opened.reason)
            raise SourceUnreadable(reason=opened.reason)
        try:
            if holds_records(source.filename, source.content_type):
                read = await work.records(opened)
            else:
                read = await work.whole(opened)
        finally:
            opened.stop()
        return _done(source, read, work.state(opened), job)


async def _opened(s3: "S3Client", source: Source) -> S3Object | Refused:
    """The object as it was when the source was made; that of a prefix as it is now."""
    opened = await open_object(s3, source.bucket, source.object_key)
    uploaded = source.prefix_id is None
    match opened:
        case Refused(reason="gone"):
            raise ObjectNotFound
        case Refused(reason="denied" | "archived") if uploaded:
            raise AccessDenied
        case S3Object() if uploaded and opened.ref.etag.strip('"') != source.etag.strip('"'):
            raise ObjectChanged
        case _:
            return opened


class _Work:
    """One attempt at a source."""

    def __init__(
        self, source: Source, settings: Settings, detectors: Detectors, most_chars: int, job: JobContext
    ) -> None:
        self._source = source
        self._settings = settings
        self._detectors = detectors
        self._most_chars = most_chars
        self._job = job
        self._origin = ""

    def state(self, opened: S3Object) -> State | None:
        """The state in which an object of a prefix was read; of an upload there is one alone, and its row says it."""
        if self._source.prefix_id is None:
            return None
        return State(self._source.etag, self._source.version_id, opened.size_bytes, self._origin)

    async def records(self, opened: S3Object) -> None:
        """Each line is a document. Raises SourceUnreadable when none can be read."""
        watched = Watched(opened)
        any_read = any_line = False
        work = batches(watched, self._settings, self._most_chars)
        async with aclosing(stepped(work, opened, 1)) as steps:
            async for some in steps:
                for batch in some:
                    any_line = True
                    any_read = await self._store(batch) or any_read
                await self._job.report(_STAGE, watched.read_bytes, opened.size_bytes)
        if not any_line:
            await self.skip("empty")
        await self._forget_left()
        (self._origin,) = await asyncio.to_thread(
            addresses, self._source.bucket, [self._source.object_key], self._settings
        )
        if not any_read:
            raise SourceUnreadable("No line of the file is a document that can be read.")

    async def _forget_left(self) -> None:
        """Remove what an earlier reading has found in the file, and is not in it now."""
        async with self._transaction() as db:
            if await queries.hide_left(db, self._source, self._job.claim.job_id):
                ids = {"tenant_id": self._source.tenant_id, "dataset_id": self._source.dataset_id, "job_id": new_id()}
                message = DeleteContent.model_validate(ids | {"source_id": self._source.source_id})
                envelope = wrap(message, source=SOURCE, trace=self._job.trace)
                await jobs.enqueue(db, CONTENTS_TO_DELETE, envelope, kind="deleting", job_id=message.job_id)

    async def _store(self, batch: Batch) -> bool:
        """Store documents of lines; whether any of them is one that can be read."""
        async with self._transaction() as db:
            stored = await self._put(db, [row for row, _ in batch.documents])
            told = (
                (stored[row.number].document_id, one)
                for row, rows in batch.documents
                if row.number in stored
                for one in rows
            )
            await queries.add_content(db, self._source.tenant_id, told)
        return any(row.status == "read" for row, _ in batch.documents)

    async def whole(self, opened: S3Object) -> tuple[Stored, int]:
        """All of the object is one document: which, and how many values were replaced. Raises SourceUnreadable."""
        watched = Watched(opened)
        whole = Whole(self._source.filename, self._settings, self._most_chars)
        unfit = await self._gather(watched, opened, whole)
        await asyncio.to_thread(whole.finish)
        self._origin = await asyncio.to_thread(whole.address, self._source.bucket, self._source.object_key)
        if unfit is not None:
            await self.skip(unfit, whole)
            raise SourceTooLarge if unfit == _TOO_LARGE else SourceUnreadable(reason=unfit)
        reason = "partly" if whole.reasons else None
        row = DocumentRow(0, None, str(whole.title()), "queued", reason, whole.detail())
        async with self._transaction() as db:
            document = (await self._put(db, [row]))[0]
        said = False
        async with aclosing(stepped(content_rows(whole.passages()), opened, _ROWS_AT_ONCE)) as steps:
            async for rows in steps:
                await self._add(document.document_id, rows)
                said = True
        if not said:
            why = next(iter(whole.reasons), "empty")
            await self.skip(why, whole)
            raise SourceUnreadable(reason=why)
        return document, whole.redaction.replaced

    async def _gather(self, watched: Watched, opened: S3Object, whole: Whole) -> str | None:
        """Read the object; why it is not taken, if it is not."""
        work = gathered(watched, self._source.filename, self._source.content_type, whole)
        try:
            async with aclosing(stepped(work, opened, _NO_STEPS)) as steps:
                async for _ in steps:
                    await self._job.report(_STAGE, watched.read_bytes, opened.size_bytes)
        except Unfit as unfit:
            return unfit.reason
        return None

    async def _add(self, document_id: UUID, rows: Sequence[ContentRow]) -> None:
        async with self._transaction() as db:
            await queries.add_content(db, self._source.tenant_id, [(document_id, row) for row in rows])

    async def skip(self, reason: str, whole: Whole | None = None) -> None:
        """Say why no document came of the source. whole: what was read of it, finished."""
        if whole is None:
            whole = Whole(self._source.filename, self._settings, self._most_chars)
            await asyncio.to_thread(whole.finish)
        row = DocumentRow(0, None, str(whole.title()), "skipped", reason, whole.detail())
        async with self._transaction() as db:
            await self._put(db, [row])
        # Nobody indexes it: what was found of it before would stay behind.
        left = 1
        while left:
            async with self._transaction() as db:
                left = await segment_queries.forget(db, self._source.dataset_id, [self._source.source_id])

    async def _put(self, db: Db, rows: Sequence[DocumentRow]) -> dict[int, Stored]:
        return await queries.put(db, self._source, self._detectors, rows, job_id=self._job.claim.job_id)

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[Db]:
        """A transaction in which the source is neither deleted nor read by another job. Raises SourceNotFound."""
        async with self._job.transaction() as db:
            await queries.hold(db, self._source.source_id, self._job.claim.job_id)
            yield db


def _done(source: Source, read: tuple[Stored, int] | None, state: State | None, job: JobContext) -> Effect:
    """The effect: the documents are there, and chat is to index them.

    read: of a source that is one document. state: that it was read in, of an object of a prefix.
    """

    async def effect(db: Db) -> None:
        await queries.hold(db, source.source_id, job.claim.job_id)
        if read is not None:
            await queries.mark_read(db, *read)
        if state is not None:
            await queries.note_state(db, source.source_id, state)
        message = IndexContent(tenant_id=source.tenant_id, job_id=job.claim.job_id, source_id=source.source_id)
        envelope = wrap(message, source=SOURCE, trace=job.trace)
        await jobs.hand_on(db, CONTENTS_TO_INDEX, envelope, attempt=job.claim.attempt)

    return effect
