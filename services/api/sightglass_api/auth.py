"""Who asks: the API key of a request, and the tenant's transaction that its routes run in."""

import hmac
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from sightglass_api import keys
from sightglass_api.context import Context, context_of
from sightglass_api.permissions import Permission, Role, permits
from sightglass_api.tenants import queries
from sightglass_common.db import Db, tenant_transaction, untenanted_transaction
from sightglass_common.errors import Forbidden, Unauthenticated
from sightglass_common.tracing import Trace

_BEARER: Final = HTTPBearer(auto_error=False, scheme_name="api_key", description="An API key: `sg_...`.")


@dataclass(frozen=True, slots=True)
class Principal:
    """The key that a request came with, and its tenant."""

    tenant_id: UUID
    key_id: str
    role: Role


async def principal(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Principal:
    """The caller. Raises Unauthenticated, the same for a key that is missing, malformed, unknown, revoked or old.

    Raises Forbidden for a publishable one, whether there is such a key or not.

    Nothing is cached: the look-up takes about a millisecond, and a revoked key ends at once.
    """
    key = keys.parse(bearer.credentials) if bearer else None
    if key is None:
        raise Unauthenticated
    if key.prefix != keys.API:
        raise Forbidden("A publishable key is for the widget alone.")
    return await admitted(context_of(request), key)


async def admitted(context: Context, key: keys.ApiKey) -> Principal:
    """Whose key it is. Raises Unauthenticated for one that is unknown, revoked or old."""
    async with untenanted_transaction(context.pool) as db:
        row = await queries.key_at_the_door(db, key.key_id)
    # An unknown key is compared as well, so that it takes the same time.
    same = hmac.compare_digest(row.secret_sha256 if row else bytes(32), key.sha256)
    if row is None or not same or not row.valid:
        raise Unauthenticated
    structlog.contextvars.bind_contextvars(tenant_id=str(row.tenant_id), key_id=row.key_id)
    if row.use_is_old:
        async with tenant_transaction(context.pool, row.tenant_id) as db:
            await queries.touch_key(db, row.key_id)
    return Principal(row.tenant_id, row.key_id, Role(row.role))


Caller = Annotated[Principal, Depends(principal)]


class Requires:
    """A route's permission. Every route that is not public depends on one."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, caller: Caller) -> None:
        """Raise Forbidden when the caller's role does not permit it."""
        if not permits(caller.role, self.permission):
            raise Forbidden(f"This needs the permission {self.permission}.", permission=self.permission.value)


async def public() -> None:
    """The mark of a route that anyone may call."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """The caller's tenant, for routes that talk to S3 as well and must not hold a connection meanwhile."""

    context: Context
    caller: Principal
    trace: Trace

    @property
    def tenant_id(self) -> UUID:
        """Whose rows are seen."""
        return self.caller.tenant_id

    def transaction(self) -> AbstractAsyncContextManager[Db]:
        """A transaction inside the tenant."""
        return tenant_transaction(self.context.pool, self.tenant_id)


async def tenant_of(request: Request, caller: Caller) -> Tenant:
    """The caller's tenant, with what a request of it needs."""
    return Tenant(context_of(request), caller, request.state.trace)


CallersTenant = Annotated[Tenant, Depends(tenant_of)]


async def tenant_db(tenant: CallersTenant) -> AsyncGenerator[Db]:
    """A transaction inside the caller's tenant, committed before the answer is sent."""
    async with tenant.transaction() as db:
        yield db


# scope="function": with the default the answer would be sent first, and the commit could still fail.
TenantDb = Annotated[Db, Depends(tenant_db, scope="function")]
