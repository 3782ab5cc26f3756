"""Tenants, keys and bucket links, as the command line makes them."""

from uuid import UUID

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from sightglass_api import keys
from sightglass_api.permissions import Role
from sightglass_api.tenants import queries
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import KeyNotFound, NameReserved, TenantExists, TenantNotFound
from sightglass_common.ids import new_id


async def create_tenant(pool: Pool, name: str, role: Role) -> tuple[UUID, keys.ApiKey]:
    """Make a tenant with its first key. Raises TenantExists, NameReserved."""
    if name in {queries.HEALTH_TENANT_NAME, queries.PLATFORM_TENANT_NAME}:
        raise NameReserved(f"The name {name} belongs to the platform.")
    tenant_id = new_id()
    async with tenant_transaction(pool, tenant_id) as db:
        try:
            await queries.insert_tenant(db, tenant_id, name)
        except UniqueViolation as error:
            raise TenantExists(f"There is a tenant named {name}.") from error
        return tenant_id, await _add_key(db, tenant_id, name="first", role=role)


async def create_key(pool: Pool, tenant_id: UUID, *, name: str, role: Role) -> keys.ApiKey:
    """Make a further key. Raises TenantNotFound."""
    async with tenant_transaction(pool, tenant_id) as db:
        try:
            return await _add_key(db, tenant_id, name=name, role=role)
        except ForeignKeyViolation as error:
            raise TenantNotFound from error


async def revoke_key(pool: Pool, tenant_id: UUID, key_id: str) -> None:
    """End a key; ended already is no error. Raises KeyNotFound."""
    async with tenant_transaction(pool, tenant_id) as db:
        if not await queries.revoke_key(db, key_id):
            raise KeyNotFound


async def link_bucket(pool: Pool, tenant_id: UUID, bucket: str, *, platforms_own: str) -> None:
    """Let a tenant have a bucket's objects analysed. Raises TenantNotFound, NameReserved for the platform's bucket."""
    if bucket == platforms_own:
        raise NameReserved("The platform's own bucket holds every tenant's uploads.")
    async with tenant_transaction(pool, tenant_id) as db:
        try:
            await queries.link_bucket(db, tenant_id, bucket)
        except ForeignKeyViolation as error:
            raise TenantNotFound from error


async def unlink_bucket(pool: Pool, tenant_id: UUID, bucket: str) -> None:
    """Take a bucket from a tenant; one that is not linked is no error."""
    async with tenant_transaction(pool, tenant_id) as db:
        await queries.unlink_bucket(db, bucket)


async def _add_key(db: Db, tenant_id: UUID, *, name: str, role: Role) -> keys.ApiKey:
    key = keys.new_key()
    await queries.insert_key(db, tenant_id, key.key_id, key.sha256, name=name, role=role.value)
    return key
