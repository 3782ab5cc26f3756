"""How a scan ends: with its last part, with a part that nobody can do, or cancelled. Its job is held by the caller."""

from typing import Final

from sightglass_common import jobs, leases
from sightglass_common.db import Db
from sightglass_common.jobs import FinalStatus
from sightglass_common.leases import Claim
from sightglass_common.metrics import JOBS
from sightglass_common.tracing import Trace
from sightglass_scanner import found_queries, queries
from sightglass_scanner.media.leaving import leave
from sightglass_scanner.parts import objects_of, send_batch
from sightglass_scanner.queries import Part, Scan
from sightglass_scanner.results import ObjectNote, ObjectResult, Tally
from sightglass_scanner.sampling import draw
from sightglass_scanner.settings import ScannerSettings

_SHOW_EVERY_S: Final = 1.0


async def look_after(db: Db, scan: Scan, stopped: Part | None, settings: ScannerSettings, trace: Trace) -> None:
    """Bring a scan forward whose part has had its effect, or has `stopped` without one."""
    if scan.status in {"failed", "cancelled"}:
        await leave(db, scan.scan_id)
    if scan.status != "running":
        return
    if scan.cancel_requested:
        await _end(db, scan, "cancelled")
        await leave(db, scan.scan_id)
    elif stopped is not None and not await settled(db, scan, stopped, trace):
        await queries.fail_with(db, scan.job_id, stopped.job_id)
        JOBS.labels(scan.kind, "failed", stopped.error_code or "").inc()
        await leave(db, scan.scan_id)
    elif await goes_on(db, scan, settings, trace):
        await queries.show_progress(db, scan.scan_id, scan.job_id, every_s=_SHOW_EVERY_S)
    else:
        await queries.show_progress(db, scan.scan_id, scan.job_id)
        await _end(db, scan, await status_of(db, scan))


async def goes_on(db: Db, scan: Scan, settings: ScannerSettings, trace: Trace) -> bool:
    """Whether anything of a scan is left to be done; its sample, if it is listed now, is made so."""
    await draw(db, scan, settings, trace)
    return await queries.has_parts(db, scan.scan_id)


async def status_of(db: Db, scan: Scan) -> FinalStatus:
    """What a scan ends as of which nothing is left."""
    return "partial" if await found_queries.any_failed(db, scan.scan_id) else "done"


async def settled(db: Db, scan: Scan, stopped: Part, trace: Trace) -> bool:
    """Go on without what has stopped. False when the scan cannot.

    The last attempt at a batch is at its first object alone: that one has failed, and the others are a batch anew.
    """
    if stopped.status == "cancelled":
        await jobs.retry(db, stopped.job_id, trace=trace)
        return True
    if stopped.kind == "page" or not stopped.error_retryable:
        return False
    if not await queries.take(db, scan.scan_id, stopped.job_id):
        return True
    first, *rest = objects_of(stopped)
    reason = stopped.error_code or "internal"
    note = ObjectNote(first.key, first.etag.strip('"'), "failed", reason, stopped.error_detail or "")
    tally = Tally()
    if stopped.handed is not None:
        tally.add("handed", -first.size_bytes, objects=-1)
    ObjectResult("failed", first.size_bytes, notes=[note]).count(tally)
    await found_queries.add_notes(db, scan.tenant_id, scan.scan_id, [note])
    await found_queries.count(db, scan.tenant_id, scan.scan_id, stopped.job_id, tally)
    if rest:
        await send_batch(db, scan, rest, trace)
    return True


async def _end(db: Db, scan: Scan, status: FinalStatus) -> None:
    claim = Claim(scan.tenant_id, scan.job_id, scan.kind, scan.attempt, scan.attempts_left)
    await leases.finish(db, claim, status)
    JOBS.labels(scan.kind, status, "").inc()
