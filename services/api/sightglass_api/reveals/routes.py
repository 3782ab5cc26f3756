"""Values shown to those who may see them, and the audit of it."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.permissions import Permission
from sightglass_api.reveals import queries
from sightglass_api.reveals.asking import Call
from sightglass_api.reveals.schemas import AuditEntry, Revealed, RevealRequest
from sightglass_api.routing import guarded
from sightglass_api.search.asking import as_stored
from sightglass_common.errors import (
    AccessDenied,
    BucketNotLinked,
    FindingNotFound,
    FindingOnScreen,
    FindingOutdated,
    InvalidCursor,
    RateLimited,
    RevealTimedOut,
)

router = APIRouter(prefix="/v1", tags=["findings"])


@router.post(
    "/findings/{finding_id}/reveal",
    **guarded(
        Permission.REVEAL,
        FindingNotFound,
        FindingOnScreen,
        FindingOutdated,
        RateLimited,
        RevealTimedOut,
        BucketNotLinked,
        AccessDenied,
        body=True,
    ),
)
async def reveal_finding(finding_id: UUID, request: RevealRequest, tenant: CallersTenant) -> Revealed:
    """Read a finding's value anew from the object, in the state in which it was found, and give it once.

    Each call is in the audit before it is answered, also one that fails.
    """
    reason = await as_stored(tenant, request.reason)
    value = await Call.of(tenant, finding_id, reason).value()
    return Revealed(finding_id=finding_id, value=value.decode("utf-8", "replace"))


@router.get("/audit", **guarded(Permission.AUDIT, InvalidCursor))
async def list_audit(
    db: TenantDb, finding_id: UUID | None = None, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[AuditEntry]:
    """Who has asked for which value, when, why and with what outcome; the newest first."""
    listing = f"audit:{finding_id or ''}"
    before = cursors.decode_id(listing, cursor)
    rows = await queries.audit(db, finding_id=finding_id, before=before, limit=limit + 1)
    found = [AuditEntry.model_validate(asdict(row)) for row in rows]
    return cursors.page(listing, found, limit, lambda entry: str(entry.audit_id))
