"""Findings: of one scan, of all, and what people say of them."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.scans import finding_queries, queries
from sightglass_api.scans.rules import finding_of
from sightglass_api.scans.schemas import Finding, FindingChange, Severity, State
from sightglass_api.search.asking import as_stored
from sightglass_common.errors import FindingNotFound, InvalidCursor, RateLimited, ScanNotFound

router = APIRouter(prefix="/v1", tags=["findings"])

Text = Annotated[str | None, Query(max_length=1024, pattern="^[^\\x00]*$")]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which findings are wanted."""

    detector: Text = None
    severity: Severity | None = None
    confidence: Annotated[float | None, Query(ge=0, le=1, description="At least.")] = None
    bucket: Text = None
    prefix: Text = None
    state: State | None = None


Wanted = Annotated[Filters, Depends(Filters)]
FILTERS: Final = tuple(field.name for field in fields(Filters))
PAGED: Final = (*FILTERS, "limit", "cursor")


@router.get("/scans/{scan_id}/findings", **guarded(Permission.READ, ScanNotFound, InvalidCursor, filters=PAGED))
async def list_findings_of_scan(
    scan_id: UUID, wanted: Wanted, db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Finding]:
    """What a scan has found, also what an earlier one had found in the same place. In no order that means anything."""
    await queries.scan(db, scan_id)
    listing = f"scan-findings:{scan_id}:{asdict(wanted)}"
    after = cursors.decode_id(listing, cursor)
    rows = await finding_queries.of_scan(db, scan_id, asdict(wanted), after=after, limit=limit + 1)
    return cursors.page(listing, [finding_of(row) for row in rows], limit, lambda finding: str(finding.finding_id))


@router.get("/findings", **guarded(Permission.READ, InvalidCursor, filters=PAGED))
async def list_findings(
    wanted: Wanted, db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Finding]:
    """What all scans have found, the newest first; what several have found once."""
    listing = f"findings:{asdict(wanted)}"
    before = _position(cursors.decode(listing, cursor))
    rows = await finding_queries.newest(db, asdict(wanted), before=before, limit=limit + 1)
    return cursors.page(
        listing, [finding_of(row) for row in rows], limit, lambda f: f"{f.found_at.isoformat()} {f.finding_id}"
    )


@router.patch("/findings/{finding_id}", **guarded(Permission.SCAN, FindingNotFound, RateLimited, body=True))
async def change_finding(finding_id: UUID, change: FindingChange, tenant: CallersTenant) -> Finding:
    """Say what a finding is; later scans that find it again leave that as it is.

    What is sensitive in the note is replaced: exports have it too.
    """
    note = None if change.note is None else await as_stored(tenant, change.note)
    async with tenant.transaction() as db:
        return finding_of(await finding_queries.change(db, finding_id, state=change.state, note=note))


def _position(position: str | None) -> tuple[datetime, UUID] | None:
    if position is None:
        return None
    try:
        found_at, _, finding_id = position.partition(" ")
        return datetime.fromisoformat(found_at), UUID(finding_id)
    except ValueError as error:
        raise InvalidCursor from error
