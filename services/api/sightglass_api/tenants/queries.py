"""All SQL about tenants, their keys and their buckets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db

HEALTH_TENANT: Final = UUID("5c9e7a10-0000-8000-8000-000000000001")
HEALTH_TENANT_NAME: Final = "sightglass-health"
PLATFORM_TENANT_NAME: Final = "sightglass-platform"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A stored key. `valid`: neither revoked nor expired. `use_is_old`: no use was noted in the last minute."""

    tenant_id: UUID
    key_id: str
    secret_sha256: bytes
    role: str
    valid: bool
    use_is_old: bool


@dataclass(frozen=True, slots=True)
class BucketRow:
    """A bucket that a tenant may have analysed."""

    bucket: str
    linked_at: datetime


# The policy key_at_the_door shows the one row whose id is in app.key_id; it must be set before the row is looked for.
_SHOW_KEY: Final = "SELECT set_config('app.key_id', %(key_id)s, true)"
_KEY: Final = """
    SELECT tenant_id, key_id, secret_sha256, role,
           revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS valid,
           last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS use_is_old
    FROM api_key WHERE key_id = %(key_id)s
"""
# Two at once both see an old use: only the first of them writes.
_TOUCH_KEY: Final = """
    UPDATE api_key SET last_used_at = now()
    WHERE key_id = %(key_id)s AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""
_KEY_IS_VALID: Final = """
    SELECT revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FROM api_key WHERE key_id = %(key_id)s
"""
_INSERT_TENANT: Final = "INSERT INTO tenant (tenant_id, name) VALUES (%(tenant_id)s, %(name)s)"
_ENSURE_TENANT: Final = _INSERT_TENANT + " ON CONFLICT DO NOTHING"
_TENANT_NAME: Final = "SELECT name FROM tenant"
_INSERT_KEY: Final = """
    INSERT INTO api_key (tenant_id, key_id, secret_sha256, name, role)
    VALUES (%(tenant_id)s, %(key_id)s, %(secret_sha256)s, %(name)s, %(role)s)
"""
_REVOKE_KEY: Final = """
    UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE key_id = %(key_id)s RETURNING key_id
"""
_BUCKETS: Final = "SELECT bucket, created_at AS linked_at FROM bucket_link ORDER BY bucket"
_BUCKET_IS_LINKED: Final = "SELECT EXISTS (SELECT FROM bucket_link WHERE bucket = %(bucket)s)"
_LINK_BUCKET: Final = """
    INSERT INTO bucket_link (tenant_id, bucket) VALUES (%(tenant_id)s, %(bucket)s) ON CONFLICT DO NOTHING
"""
_UNLINK_BUCKET: Final = "DELETE FROM bucket_link WHERE bucket = %(bucket)s RETURNING bucket"


async def key_at_the_door(db: Db, key_id: str) -> KeyRow | None:
    """The key of this id, before its tenant is known; `db` is in a transaction of no tenant."""
    await db.execute(_SHOW_KEY, {"key_id": key_id})
    async with db.cursor(row_factory=class_row(KeyRow)) as cursor:
        return await (await cursor.execute(_KEY, {"key_id": key_id})).fetchone()


async def touch_key(db: Db, key_id: str) -> None:
    """Note that the key is used, at most once a minute."""
    await db.execute(_TOUCH_KEY, {"key_id": key_id})


async def key_is_valid(db: Db, key_id: str) -> bool:
    """Whether a key of this tenant still admits."""
    row = await (await db.execute(_KEY_IS_VALID, {"key_id": key_id})).fetchone()
    return bool(row and row[0])


async def insert_tenant(db: Db, tenant_id: UUID, name: str) -> None:
    """Add a tenant. Raises psycopg's UniqueViolation when there is one of this name."""
    await db.execute(_INSERT_TENANT, {"tenant_id": tenant_id, "name": name})


async def ensure_tenant(db: Db, tenant_id: UUID, name: str) -> None:
    """Add a tenant if it is not there."""
    await db.execute(_ENSURE_TENANT, {"tenant_id": tenant_id, "name": name})


async def tenant_name(db: Db) -> str | None:
    """Name of the tenant whose transaction this is; None when there is no such tenant."""
    row = await (await db.execute(_TENANT_NAME)).fetchone()
    return str(row[0]) if row else None


async def insert_key(db: Db, tenant_id: UUID, key_id: str, secret_sha256: bytes, *, name: str, role: str) -> None:
    """Add a key."""
    values = {"tenant_id": tenant_id, "key_id": key_id, "secret_sha256": secret_sha256, "name": name, "role": role}
    await db.execute(_INSERT_KEY, values)


async def revoke_key(db: Db, key_id: str) -> bool:
    """End a key for good; False when the tenant has none of this id."""
    return await (await db.execute(_REVOKE_KEY, {"key_id": key_id})).fetchone() is not None


async def buckets(db: Db) -> list[BucketRow]:
    """The tenant's linked buckets, by name."""
    async with db.cursor(row_factory=class_row(BucketRow)) as cursor:
        return await (await cursor.execute(_BUCKETS)).fetchall()


async def bucket_is_linked(db: Db, bucket: str) -> bool:
    """Whether the tenant may have objects of this bucket analysed."""
    row = await (await db.execute(_BUCKET_IS_LINKED, {"bucket": bucket})).fetchone()
    return bool(row and row[0])


async def link_bucket(db: Db, tenant_id: UUID, bucket: str) -> None:
    """Let the tenant have objects of this bucket analysed."""
    await db.execute(_LINK_BUCKET, {"tenant_id": tenant_id, "bucket": bucket})


async def unlink_bucket(db: Db, bucket: str) -> bool:
    """Take a bucket from the tenant; False when it was not linked."""
    return await (await db.execute(_UNLINK_BUCKET, {"bucket": bucket})).fetchone() is not None
