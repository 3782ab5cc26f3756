"""ScanBatch: the objects of a batch are read group by group, and what is found in them is stored at once."""

import asyncio
import gc
import time
from collections.abc import Sequence
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, Final

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ScanBatch
from sightglass_detect import Settings
from sightglass_detect.scanning import engine_for
from sightglass_scanner.beginning import detection_of
from sightglass_scanner.fetching import fetched
from sightglass_scanner.looking import Looking, Read
from sightglass_scanner.media.handing import hand_on
from sightglass_scanner.media.part import HandedPart
from sightglass_scanner.parts import current, objects_of, send_batch, take
from sightglass_scanner.queries import Scan
from sightglass_scanner.sealing import tenant_key
from sightglass_scanner.selection import Listed
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.storing import store
from sightglass_scanner.ways import way_of

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# After so much a batch ends, and the rest of it is one of its own: findings come soon, and a kill costs little.
_LONG_S: Final = 20.0
_ATTEMPTS: Final = 5  # as the column's default says
# Python's own 700 are made by reading three short objects.
_COLLECT_AFTER: Final = 10_000
_LOOK_EVERY_S: Final = 1.0


class ScanBatchHandler:
    """Reads one batch. It has no effect until the one that it returns is run."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._secret = settings.finding_key
        self._handed = HandedPart(pool, settings)

    async def __call__(self, message: ScanBatch, job: JobContext) -> Effect:
        """Do the work of one attempt.

        Raises BucketNotLinked, Cancelled when the scan is over or to be, and what reading the first object raises.
        """
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            scan, part = await current(db, message.scan_id, message)
        if not scan.linked:
            raise BucketNotLinked(bucket=scan.bucket)
        if part.handed is not None:
            return await self._handed(scan, part, job)
        listed = objects_of(part)
        wanted = listed[: portion(len(listed), job.claim.attempts_left)]
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch(message))
                read = await self._read(scan, wanted, job)
                watching.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return _done(scan, message, job, read, listed[read.objects :])

    async def _read(self, scan: Scan, wanted: Sequence[Listed], job: JobContext) -> Read:
        settings = detection_of(scan)
        await asyncio.to_thread(_made_ready, settings)
        key = tenant_key(self._secret.get_secret_value(), scan.tenant_id)
        reading = Looking(self._s3, scan, key, settings, time.monotonic() + _LONG_S)
        read = Read(way_of(settings, key, media=scan.media))
        try:
            async with aclosing(fetched(self._s3, scan.bucket, wanted)) as groups:
                async for group in groups:
                    if not await reading.through(group, read):
                        break
        except (SightglassError, OSError) as error:
            if not read.objects:
                raise
            job.log.info("batch.cut", objects=read.objects, error=type(error).__name__)
        return read

    async def _watch(self, message: ScanBatch) -> None:
        """Look whether the scan goes on for as long as the batch is under way. Raises Cancelled when it does not."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                await current(db, message.scan_id, message)


def _made_ready(settings: Settings) -> None:
    engine_for(settings)
    _leave_what_is_made()


@cache
def _leave_what_is_made() -> None:
    """Have the garbage collector leave an engine alone: the first one is most of what there is. Done once: what is
    alive then is never looked at again. And have it run seldom, as what reading makes has no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])


def portion(objects: int, attempts_left: int) -> int:
    """How many of a batch's first objects an attempt is at: the fewer, the more attempts were killed; at last one."""
    if attempts_left <= 1:
        return 1
    return max(1, objects // 8 ** max(0, _ATTEMPTS - attempts_left))


def _done(scan: Scan, message: ScanBatch, job: JobContext, read: Read, rest: Sequence[Listed]) -> Effect:
    """The effect of a batch. rest: what of it was not reached."""

    async def effect(db: Db) -> FinalStatus:
        await take(db, scan.scan_id, message.job_id)
        await store(db, scan, message.job_id, read)
        await hand_on(db, scan, read.handed, job.trace)
        if rest:
            await send_batch(db, scan, rest, job.trace)
        return "done"

    return effect
