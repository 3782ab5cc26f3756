"""Who the caller is, and which buckets its tenant has. Tenants and keys are made on the command line."""

from fastapi import APIRouter

from sightglass_api.auth import Caller, TenantDb
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.tenants import queries
from sightglass_api.tenants.schemas import LinkedBucket, LinkedBuckets, WhoAmI

router = APIRouter(prefix="/v1", tags=["tenants"])


@router.get("/whoami", **guarded(Permission.READ))
async def whoami(caller: Caller, db: TenantDb) -> WhoAmI:
    """The tenant and role of the key."""
    name = await queries.tenant_name(db)
    return WhoAmI(tenant_id=caller.tenant_id, tenant_name=name or "", role=caller.role, key_id=caller.key_id)


@router.get("/buckets", **guarded(Permission.READ))
async def list_buckets(db: TenantDb) -> LinkedBuckets:
    """The buckets whose objects may be named in `POST /v1/analyses`. An operator links them."""
    rows = await queries.buckets(db)
    return LinkedBuckets(items=[LinkedBucket(bucket=row.bucket, linked_at=row.linked_at) for row in rows])
