"""ListPage of a scan of an inventory: its manifest is found, or a piece of its files becomes batches.

As with a page of a listing, the piece's batches, its counts and the message for the next piece are one transaction.
What the inventory names and is gone by now is skipped, as any object is that is gone.
"""

from functools import partial
from typing import TYPE_CHECKING, Final

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked
from sightglass_common.inventory_errors import InventoryOfAnotherBucket
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ListPage
from sightglass_scanner import queries, sifting
from sightglass_scanner.inventory.entries import listed_of
from sightglass_scanner.inventory.files import checked, read_manifest, read_piece
from sightglass_scanner.inventory.locating import newest
from sightglass_scanner.inventory.manifest import manifest_of
from sightglass_scanner.inventory.piece import Piece, piece_of, pieces_of
from sightglass_scanner.parts import current, send_piece, take
from sightglass_scanner.queries import Part, Scan
from sightglass_scanner.selection import Listed
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.sifting import Sifted, sifted

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# A file is read from its beginning for each piece, or its row group: many pages at once, and not more than a
# transaction of a second.
_PAGES_OF_PIECE: Final = 20


class Inventory:
    """Does the parts of a scan whose source is an inventory."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings

    async def work(self, scan: Scan, part: Part, message: ListPage, job: JobContext) -> Effect:
        """Open the inventory, or read a piece.

        Raises the errors of inventories, BucketNotLinked, Cancelled, AccessDenied, and what `read_range` does.
        """
        if part.piece is None:
            return await self._open(scan, message, job)
        return await self._read(scan, piece_of(part.piece), message, job)

    async def _open(self, scan: Scan, message: ListPage, job: JobContext) -> Effect:
        if scan.inventory_wanted is None:
            bucket, key = await newest(self._s3, scan.bucket, scan.prefix, partial(self._linked, scan))
        else:
            bucket, _, key = scan.inventory_wanted.removeprefix("s3://").partition("/")
            await self._check(scan, bucket)
        manifest = manifest_of(await read_manifest(self._s3, bucket, key))
        if manifest.source != scan.bucket:
            raise InventoryOfAnotherBucket(f"The inventory is of {manifest.source}, the scan of {scan.bucket}.")
        await self._check(scan, manifest.bucket)

        async def effect(db: Db) -> FinalStatus:
            await take(db, scan.scan_id, message.job_id)
            await queries.note_inventory(db, scan.scan_id, f"s3://{bucket}/{key}", manifest.created_at)
            for piece in pieces_of(manifest):
                await send_piece(db, scan, piece, job.trace)
            return "done"

        return effect

    async def _read(self, scan: Scan, piece: Piece, message: ListPage, job: JobContext) -> Effect:
        await self._check(scan, piece.bucket)
        etag = piece.etag or await checked(self._s3, piece, partial(self._goes_on, message))
        most = _PAGES_OF_PIECE * self._settings.page_objects
        rows, place = await read_piece(self._s3, piece, etag, most=most)
        encoded = piece.kind == "CSV"
        found = [listed for row in rows if (listed := listed_of(row, scan.bucket, encoded=encoded))]
        pages = await self._sifted(scan, [listed for listed in found if listed.key.startswith(scan.prefix)])
        following = piece.next(place, etag)

        async def effect(db: Db) -> FinalStatus:
            await take(db, scan.scan_id, message.job_id)
            await sifting.take(db, scan, message.job_id, pages, job.trace)
            if following is not None:
                await send_piece(db, scan, following, job.trace)
            return "done"

        return effect

    async def _sifted(self, scan: Scan, found: list[Listed]) -> list[Sifted]:
        """In pages as a listing has them: what is known of objects is looked up by the keys that they lie between."""
        found.sort(key=lambda listed: listed.key)
        most = self._settings.page_objects
        pages = [found[start : start + most] for start in range(0, len(found), most)]
        return [await sifted(self._pool, scan, page, self._settings) for page in pages]

    async def _goes_on(self, message: ListPage) -> None:
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            await current(db, message.scan_id, message)

    async def _linked(self, scan: Scan, bucket: str) -> bool:
        # The platform's own bucket holds every tenant's uploads: not even a row may open it.
        if bucket == self._settings.bucket:
            return False
        async with tenant_transaction(self._pool, scan.tenant_id) as db:
            return await queries.is_linked(db, bucket)

    async def _check(self, scan: Scan, bucket: str) -> None:
        if not await self._linked(scan, bucket):
            raise BucketNotLinked(f"The inventory is in {bucket}, which is not linked to this tenant.")
