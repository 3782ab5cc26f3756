"""ListPage: a page of a bucket's listing becomes batches, and the message for the next page, in one transaction.

Killed at any moment before that, the page is listed again as if nothing had been; after it, the next one is due.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ListPage
from sightglass_scanner import folder_queries, found_queries
from sightglass_scanner.beginning import begin, detection_of
from sightglass_scanner.folders import folders_of
from sightglass_scanner.listing import ListedPage, list_page
from sightglass_scanner.masking import storable
from sightglass_scanner.parts import current, send_batch, send_page, take
from sightglass_scanner.queries import Scan, scan_of
from sightglass_scanner.results import ObjectNote, Tally
from sightglass_scanner.sealing import tenant_key
from sightglass_scanner.selection import FILTERED, Filters, Selected, select
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.unchanged import Unchanged, unchanged
from sightglass_scanner.ways import way_of

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


class ListPageHandler:
    """Lists one page, or begins a scan. It has no effect until the one that it returns is run."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings

    async def __call__(self, message: ListPage, job: JobContext) -> Effect:
        """Do the work of one attempt. Raises the errors of `list_page` and `begin`, BucketNotLinked, and Cancelled."""
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            scan = await scan_of(db, message.scan_id)
            if scan.job_id != message.job_id:
                scan, part = await current(db, message.scan_id, message)
            else:
                part = None
        if part is None:
            return await begin(self._pool, message, job)
        if not scan.linked:
            raise BucketNotLinked(bucket=scan.bucket)
        page = await list_page(self._s3, scan.bucket, scan.prefix, part.token, most=self._settings.page_objects)
        filters = Filters(
            scan.include_patterns, scan.unwanted, scan.max_object_bytes, scan.sample_share, scan.sample_seed
        )
        wanted = frozenset(listed.key for listed in page.objects if filters.reason_against(listed) is None)
        way = way_of(detection_of(scan), tenant_key(self._settings.finding_key.get_secret_value(), scan.tenant_id))
        async with tenant_transaction(self._pool, scan.tenant_id) as db:
            known = await unchanged(db, scan, way, page.objects, wanted)
        seen = {look.key for look in known.of_scan}
        selected = select(
            [listed for listed in page.objects if listed.key not in seen],
            filters,
            batch_objects=self._settings.batch_objects,
            batch_bytes=self._settings.batch_bytes,
        )
        return _listed(scan, message, job, _Page(page, wanted, selected, known))


@dataclass(frozen=True, slots=True)
class _Page:
    """A page, and what comes of its objects. wanted: keys of those that no filter leaves out."""

    listed: ListedPage
    wanted: frozenset[str]
    selected: Selected
    known: Unchanged


def _listed(scan: Scan, message: ListPage, job: JobContext, page: _Page) -> Effect:
    """The effect of a page."""
    notes: list[ObjectNote] = []
    for reason, skipped in page.selected.skipped.items():
        for listed in skipped:
            if reason in FILTERED:
                continue
            key = storable(listed.key)
            notes.append(ObjectNote(key, listed.etag.strip('"'), "skipped", reason))
    folders = folders_of(page.wanted, scan.prefix)

    async def effect(db: Db) -> FinalStatus:
        await take(db, scan.scan_id, message.job_id)
        tally = Tally()
        for listed in page.listed.objects:
            tally.add("listed", listed.size_bytes)
        for reason, skipped in page.selected.skipped.items():
            for listed in skipped:
                tally.add(f"skipped:{reason}", listed.size_bytes)
        await page.known.take(db, scan, tally)
        for batch in page.selected.batches:
            await send_batch(db, scan, batch, job.trace)
        if page.listed.next_token is not None:
            await send_page(db, scan, page.listed.next_token, job.trace)
        await found_queries.add_notes(db, scan.tenant_id, scan.scan_id, notes)
        await found_queries.count(db, scan.tenant_id, scan.scan_id, message.job_id, tally)
        await folder_queries.count(db, scan.tenant_id, scan.scan_id, folders)
        return "done"

    return effect
