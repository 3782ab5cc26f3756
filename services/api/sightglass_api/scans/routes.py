"""Scans of buckets: begun, looked at, cancelled."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.detectors.choice import check_detectors
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.scans import queries, submission
from sightglass_api.scans.rules import scan_of
from sightglass_api.scans.schemas import NewScan, Outcome, Scan, ScanObject, StartedScan
from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.errors import BucketNotLinked, InvalidCursor, JobNotCancellable, ScanNotFound, UnknownDetectors

router = APIRouter(prefix="/v1/scans", tags=["scans"])

_FIRST: Final = ("", "", "")
# No key holds one, nor does what else is stored.
_BETWEEN: Final = "\0"


@router.post("", status_code=202, **guarded(Permission.SCAN, BucketNotLinked, UnknownDetectors, body=True))
async def create_scan(new: NewScan, tenant: CallersTenant, response: Response) -> StartedScan:
    """Look through a bucket for sensitive data. `Location` names the job."""
    await check_detectors(tenant, new)
    async with tenant.transaction() as db:
        own = tenant.context.settings.bucket
        started = await submission.begin(db, tenant.tenant_id, new, platforms_own=own, trace=tenant.trace)
    tenant.context.hint.ring()
    response.headers["Location"] = f"/v1/jobs/{started.job_id}"
    return started


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_scans(db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None) -> cursors.Page[Scan]:
    """The tenant's scans, the newest first."""
    rows = await queries.scans(db, before=cursors.decode_id("scans", cursor), limit=limit + 1)
    return cursors.page("scans", [scan_of(row) for row in rows], limit, lambda scan: str(scan.scan_id))


@router.get("/{scan_id}", **guarded(Permission.READ, ScanNotFound))
async def get_scan(scan_id: UUID, db: TenantDb) -> Scan:
    """How far the scan has come."""
    return await _scan(db, scan_id)


@router.post("/{scan_id}/cancel", status_code=202, **guarded(Permission.CONTROL_JOBS, ScanNotFound, JobNotCancellable))
async def cancel_scan(scan_id: UUID, db: TenantDb) -> Scan:
    """Cancel the scan: what is found by then stays."""
    await jobs.request_cancel(db, (await queries.scan(db, scan_id)).job_id)
    return await _scan(db, scan_id)


@router.get(
    "/{scan_id}/objects", **guarded(Permission.READ, ScanNotFound, InvalidCursor, filters=("status", "limit", "cursor"))
)
async def list_objects(
    scan_id: UUID,
    db: TenantDb,
    status: Annotated[Outcome | None, Query(description="Only those; default: all.")] = None,
    limit: cursors.Limit = 50,
    cursor: cursors.Cursor = None,
) -> cursors.Page[ScanObject]:
    """The objects that were not read, or not as a whole, and why. Objects that filters leave out are only counted."""
    await queries.scan(db, scan_id)
    listing = f"scan-objects:{scan_id}:{status or ''}"
    rows = await queries.objects(db, scan_id, outcome=status, after=_position(listing, cursor), limit=limit + 1)
    found = [
        ScanObject.model_validate(
            {"key": r.object_key, "version": r.version, "outcome": r.outcome, "reason": r.reason, "detail": r.detail}
        )
        for r in rows
    ]
    return cursors.page(listing, found, limit, lambda o: _BETWEEN.join((o.key, o.version, o.reason)))


async def _scan(db: Db, scan_id: UUID) -> Scan:
    return scan_of(await queries.scan(db, scan_id))


def _position(listing: str, cursor: str | None) -> tuple[str, str, str]:
    position = cursors.decode(listing, cursor)
    if position is None:
        return _FIRST
    try:
        key, version, reason = position.split(_BETWEEN)
    except ValueError as error:
        raise InvalidCursor from error
    return key, version, reason
