"""The message of a scan's own job: the scan begins, or is looked after when nothing has moved for `queries.WAIT_S`.

The job stays `running`, with the lease that its parts renew; a slot is not held.
"""

import asyncio

from sightglass_common import waiting
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, LeaseLost, UnknownDetectors
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ListPage
from sightglass_detect import Settings, UnknownDetector, UnusablePattern, described_settings, detectors
from sightglass_scanner import queries
from sightglass_scanner.ending import goes_on, settled, status_of
from sightglass_scanner.media.leaving import leave
from sightglass_scanner.parts import send_page
from sightglass_scanner.queries import Scan
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.spans import whole


def detection_of(scan: Scan) -> Settings:
    """What a scan looks for. Raises UnusablePattern for a detector of the tenant's own that this engine cannot run."""
    return described_settings(scan.detection, detectors=scan.detectors, min_confidence=round(scan.min_confidence, 6))


async def begin(pool: Pool, message: ListPage, settings: ScannerSettings, job: JobContext) -> Effect:
    """The effect that begins a scan, or goes on waiting for its parts. Raises BucketNotLinked, UnknownDetectors."""
    async with tenant_transaction(pool, message.tenant_id) as db:
        scan = await queries.scan_of(db, message.scan_id)
    if not scan.linked:
        raise BucketNotLinked(bucket=scan.bucket)
    try:
        await asyncio.to_thread(lambda: detection_of(scan).chosen(detectors()))
    except (UnknownDetector, UnusablePattern) as error:
        raise UnknownDetectors(str(error)) from error

    async def effect(db: Db) -> FinalStatus | None:
        scan = await queries.locked(db, message.scan_id)
        if not scan.begun:
            await queries.begin_anew(db, scan.scan_id)
            await send_page(db, scan, whole(scan.bucket), job.trace)
        for stopped in await queries.stopped_parts(db, scan.scan_id):
            if not await settled(db, scan, stopped, job.trace):
                await queries.fail_with(db, scan.job_id, stopped.job_id)
                await leave(db, scan.scan_id)
                return None
        if not await goes_on(db, scan, settings, job.trace):
            return await status_of(db, scan)
        if not await queries.wait(db, job.claim.job_id, job.claim.attempt, new_id()):
            raise LeaseLost(job_id=str(job.claim.job_id), attempt=job.claim.attempt)
        await waiting.wake_of_scan(db, scan.scan_id)
        await queries.show_progress(db, scan.scan_id, scan.job_id)
        return None

    return effect
