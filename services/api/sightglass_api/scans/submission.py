"""Begins scans: scan, job and message in one transaction."""

from typing import Final
from uuid import UUID

from sightglass_api.analyses.submission import check_bucket
from sightglass_api.scans import queries
from sightglass_api.scans.schemas import NewScan, StartedScan
from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import ListPage, wrap
from sightglass_common.queues import SCAN_LISTINGS
from sightglass_common.tracing import Trace

_SOURCE: Final = "api"


async def begin(db: Db, tenant_id: UUID, new: NewScan, *, platforms_own: str, trace: Trace) -> StartedScan:
    """Have a bucket scanned when the caller's transaction commits. Raises BucketNotLinked."""
    scan_id, job_id = new_id(), new_id()
    message = ListPage(tenant_id=tenant_id, job_id=job_id, scan_id=scan_id)
    await check_buckets(db, new, platforms_own=platforms_own)
    await jobs.enqueue(db, SCAN_LISTINGS, wrap(message, source=_SOURCE, trace=trace), kind="scan", job_id=job_id)
    await queries.insert_scan(db, tenant_id, scan_id, job_id, new)
    return StartedScan(scan_id=scan_id, job_id=job_id)


async def check_buckets(db: Db, new: NewScan, *, platforms_own: str) -> None:
    """Raise BucketNotLinked for a bucket that the scan would look into, and the tenant may not."""
    await check_bucket(db, new.bucket, platforms_own=platforms_own)
    if new.inventory is not None:
        await check_bucket(db, new.inventory.removeprefix("s3://").partition("/")[0], platforms_own=platforms_own)
