"""ListPage: a page of a bucket's listing becomes batches, and the message for the next page, in one transaction.

Killed at any moment before that, the page is listed again as if nothing had been; after it, the next one is due. Where
much is left behind a page, that transaction has several ranges of keys listed in place of the one next page.
"""

from functools import partial
from typing import TYPE_CHECKING

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, DependencyUnavailable
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ListPage
from sightglass_scanner import sifting
from sightglass_scanner.beginning import begin
from sightglass_scanner.bounds import MOST_PARTS, bounds_of
from sightglass_scanner.inventory.taking import Inventory
from sightglass_scanner.listing import ListedPage, list_page, next_key
from sightglass_scanner.parts import current, send_page, span_of, take
from sightglass_scanner.queries import Scan, scan_of
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.sifting import sifted
from sightglass_scanner.spans import Span, to_be_cut

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


class ListPageHandler:
    """Lists one page, or begins a scan. It has no effect until the one that it returns is run."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings
        self._inventory = Inventory(pool, s3, settings)

    async def __call__(self, message: ListPage, job: JobContext) -> Effect:
        """Do the work of one attempt.

        Raises the errors of `list_page`, `begin` and `Inventory.work`, BucketNotLinked, and Cancelled.
        """
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            scan = await scan_of(db, message.scan_id)
            if scan.job_id != message.job_id:
                scan, part = await current(db, message.scan_id, message)
            else:
                part = None
        if part is None:
            return await begin(self._pool, message, self._settings, job)
        if not scan.linked:
            raise BucketNotLinked(bucket=scan.bucket)
        if scan.source == "inventory":
            return await self._inventory.work(scan, part, message, job)
        return await self._listed(scan, span_of(part), message, job)

    async def _listed(self, scan: Scan, span: Span, message: ListPage, job: JobContext) -> Effect:
        page = await list_page(self._s3, scan.bucket, scan.prefix, span, most=self._settings.page_objects)
        objects = await sifted(self._pool, scan, page.objects, self._settings)
        left = await self._left(scan, span, page)

        async def effect(db: Db) -> FinalStatus:
            await take(db, scan.scan_id, message.job_id)
            await sifting.take(db, scan, message.job_id, [objects], job.trace)
            for following in left:
                await send_page(db, scan, following, job.trace)
            return "done"

        return effect

    async def _left(self, scan: Scan, span: Span, page: ListedPage) -> list[Span]:
        """What is to be listed behind a page: nothing, the next one, or several ranges."""
        if page.next_token is None:
            return []
        following = span.next(page.next_token)
        if not to_be_cut(following, (listed.key for listed in page.objects)):
            return [following]
        asked = partial(next_key, self._s3, scan.bucket, scan.prefix)
        last, most = page.objects[-1].key, min(following.shares, MOST_PARTS)
        try:
            bounds = await bounds_of(asked, scan.prefix, last, span.upto, most=most)
        except DependencyUnavailable:
            # S3 has enough to do: no time to ask it for more at once.
            return [following]
        return following.cut(bounds) if bounds else [following]
