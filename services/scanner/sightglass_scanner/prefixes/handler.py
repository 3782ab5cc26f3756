"""SyncPrefix: a dataset is brought in step with the objects below a prefix, a page of the listing at a time.

What a page changes, its counts and where the listing goes on stand together: killed at any moment, a sync goes on with
the page that has none. What was not listed is removed when all was.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sightglass_common import jobs, reading_queries, redaction_queries
from sightglass_common.dataset_errors import SourceNotFound
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import DeleteContent, ScanSource, SyncPrefix, wrap
from sightglass_common.queues import CONTENTS_TO_DELETE, SOURCES_TO_SCAN
from sightglass_detect import Settings
from sightglass_scanner.documents.addresses import addresses
from sightglass_scanner.documents.detection import detection
from sightglass_scanner.listing import ListedPage, list_page
from sightglass_scanner.masking import storable
from sightglass_scanner.parts import SOURCE
from sightglass_scanner.prefixes import queries
from sightglass_scanner.prefixes.comparing import Compared, Known, compared, etag_of, name_of
from sightglass_scanner.prefixes.queries import Counts, NewSource, Prefix
from sightglass_scanner.selection import Filters, Listed
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.spans import Span

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_LISTING: Final = "list"
_REMOVING: Final = "remove"
# As scans have it. A text of so much is too large anyway, and is not read to its end.
_MOST_BYTES: Final = 1024**3
# Hidden by one transaction.
_REMOVED: Final = 500


class SyncPrefixHandler:
    """Lists a prefix, and has read and removed what is not as it was."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._page_objects = settings.page_objects

    async def __call__(self, message: SyncPrefix, job: JobContext) -> Effect:
        """Do the work of one attempt; what an earlier one has listed stays.

        Raises PrefixNotFound, BucketNotLinked, UnknownDetectors, and the errors of `list_page`.
        """
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            prefix = await queries.prefix_of(db, message.prefix_id, message.job_id)
            rules = await redaction_queries.rules(db)
        settings, _ = await asyncio.to_thread(detection, rules, ocr=False)
        while not prefix.listed_all:
            await job.report(_LISTING, prefix.listed)
            if not prefix.linked:
                raise BucketNotLinked(bucket=prefix.bucket)
            span = Span(token=prefix.position)
            page = await list_page(self._s3, prefix.bucket, prefix.prefix, span, most=self._page_objects)
            prefix = await _Page(prefix, page, settings, job).taken()
        await self._remove(prefix, job)
        return _over(message, job)

    async def _remove(self, prefix: Prefix, job: JobContext) -> None:
        gone = _REMOVED
        while gone == _REMOVED:
            await job.report(_REMOVING, prefix.listed, prefix.listed)
            async with job.transaction() as db:
                await queries.held(db, prefix.prefix_id, job.claim.job_id)
                gone = await queries.remove(db, prefix, _REMOVED)


class _Page:
    """A page of the listing, and what comes of it."""

    def __init__(self, prefix: Prefix, page: ListedPage, settings: Settings, job: JobContext) -> None:
        self._prefix = prefix
        self._page = page
        self._settings = settings
        self._job = job
        self._unfit: dict[str, str] = {}

    async def taken(self) -> Prefix:
        """Take it; the prefix with what was counted. Raises PrefixNotFound."""
        self._unfit = await asyncio.to_thread(self._unwanted)
        # By itself, as it holds sources before the jobs of others: who does both at once may wait for who waits for it.
        async with self._job.transaction() as db:
            await queries.held(db, self._prefix.prefix_id, self._job.claim.job_id)
            found = await self._compared(db)
            await queries.note_seen(db, self._prefix, found.kept)
        origins = await self._origins(found.new)
        async with self._job.transaction() as db:
            await queries.held(db, self._prefix.prefix_id, self._job.claim.job_id)
            await self._begin(db, await self._compared(db), origins)
            return await queries.prefix_of(db, self._prefix.prefix_id, self._job.claim.job_id)

    def _unwanted(self) -> dict[str, str]:
        """In a thread: many patterns take a long page seconds."""
        filters = Filters(self._prefix.include_patterns, self._prefix.exclude_patterns, _MOST_BYTES)
        told = ((listed.key, filters.reason_against(listed)) for listed in self._page.objects)
        return {key: reason for key, reason in told if reason is not None}

    async def _compared(self, db: Db) -> Compared:
        page = self._page.objects
        keys = [listed.key for listed in page if listed.key == storable(listed.key)]
        known = await queries.known(db, self._prefix.prefix_id, keys)
        left_out = await queries.left_out(db, self._prefix.prefix_id, [name_of(listed) for listed in page])
        return compared(page, self._unfit, known, left_out)

    async def _origins(self, new: Sequence[Listed]) -> dict[str, str]:
        keys = [listed.key for listed in new]
        told = await asyncio.to_thread(addresses, self._prefix.bucket, keys, self._settings)
        return dict(zip(keys, told, strict=True))

    async def _begin(self, db: Db, found: Compared, origins: dict[str, str]) -> None:
        """Have read what is not as it was, and count the page."""
        late = [listed for listed in found.new if listed.key not in origins]
        origins |= await self._origins(late) if late else {}
        await self._add(db, [_source(listed, origins[listed.key]) for listed in found.new])
        again: list[tuple[Known, Listed | None]] = [*found.changed, *((known, None) for known in found.retried)]
        for known, listed in sorted(again, key=_by_id):
            await self._read(db, known, listed)
        counts = Counts(
            listed=len(self._page.objects),
            new=len(found.new),
            changed=len(found.changed),
            retried=len(found.retried),
            unchanged=len(found.unchanged),
            skipped=found.skipped,
        )
        await queries.count(db, self._prefix.prefix_id, counts, self._page.next_token)

    async def _add(self, db: Db, sources: Sequence[NewSource]) -> None:
        for source in sources:
            ids = {"tenant_id": self._prefix.tenant_id, "job_id": source.job_id, "source_id": source.source_id}
            envelope = wrap(ScanSource.model_validate(ids), source=SOURCE, trace=self._job.trace)
            await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind=reading_queries.OBJECT_KIND, job_id=source.job_id)
        await queries.add_sources(db, self._prefix, sources)

    async def _read(self, db: Db, known: Known, listed: Listed | None) -> None:
        """Have a source read anew, as it is listed if it has changed; unless somebody has just deleted or begun it."""
        trace = self._job.trace
        with suppress(SourceNotFound):
            async with db.transaction():
                await reading_queries.read_anew(db, self._prefix.tenant_id, known.source_id, sender=SOURCE, trace=trace)
                if listed is not None:
                    await queries.change(db, known.source_id, etag_of(listed), listed.size_bytes)


def _by_id(one: tuple[Known, Listed | None]) -> bytes:
    return one[0].source_id.bytes


def _source(listed: Listed, origin: str) -> NewSource:
    filename = listed.key.rpartition("/")[2] or listed.key
    return NewSource(new_id(), new_id(), listed.key, etag_of(listed), listed.size_bytes, filename, origin)


def _over(message: SyncPrefix, job: JobContext) -> Effect:
    """The effect that ends a sync: what is hidden is removed."""

    async def effect(db: Db) -> FinalStatus:
        prefix = await queries.held(db, message.prefix_id, message.job_id)
        if prefix.removed:
            ids = {"tenant_id": prefix.tenant_id, "job_id": new_id(), "dataset_id": prefix.dataset_id}
            removal = DeleteContent.model_validate(ids | {"prefix_id": prefix.prefix_id})
            envelope = wrap(removal, source=SOURCE, trace=job.trace)
            await jobs.enqueue(db, CONTENTS_TO_DELETE, envelope, kind="deleting", job_id=removal.job_id)
        await queries.end(db, prefix.prefix_id)
        return "done"

    return effect
