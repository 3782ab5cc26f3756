"""The database's own wall between tenants."""

from uuid import UUID

import psycopg
import pytest

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.ids import new_id

# The one table without a tenant: Alembic's note of the revision.
NOT_A_TENANTS = {"alembic_version"}
ROLES = ("sightglass_api", "sightglass_relay", "sightglass_worker", "sightglass_scanner", "sightglass_chat")


async def two_tenants(admin: Pool) -> tuple[UUID, UUID]:
    ids = new_id(), new_id()
    async with admin.connection() as db:
        for tenant in ids:
            await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [tenant, str(tenant)])
            await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, 'shared')", [tenant])
    return ids


async def test_every_table_is_a_tenants_and_forces_its_policy(admin: Pool) -> None:
    async with admin.connection() as db:
        rows = await (
            await db.execute("""
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_rows'
                           AND p.polwithcheck IS NOT NULL),
                   (SELECT a.attname FROM pg_index i
                    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                    WHERE i.indrelid = c.oid AND i.indisprimary)
            FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        """)
        ).fetchall()
    tables = {name: rest for name, *rest in rows if name not in NOT_A_TENANTS}
    assert len(tables) >= 10
    # The outbox is keyed by its own id: the relay deletes over all tenants.
    wrong = {name: rest for name, rest in tables.items() if rest[:3] != [True, True, True]}
    assert wrong == {}
    assert {name for name, rest in tables.items() if rest[3] != "tenant_id"} == {"outbox"}


async def test_no_service_can_pass_the_policies(admin: Pool) -> None:
    async with admin.connection() as db:
        rows = await (
            await db.execute(
                "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = ANY(%s)",
                [list(ROLES)],
            )
        ).fetchall()
    assert dict(rows) == dict.fromkeys(ROLES, False)


async def test_without_a_tenant_nothing_is_seen(admin: Pool, api_pool: Pool) -> None:
    await two_tenants(admin)
    async with api_pool.connection() as db:
        for table in ("tenant", "api_key", "bucket_link", "job", "upload", "video", "analysis", "scene"):
            assert await (await db.execute(f"SELECT count(*) FROM {table}".encode())).fetchone() == (0,)


async def test_a_tenant_sees_its_own_rows_alone(admin: Pool, api_pool: Pool) -> None:
    ours, theirs = await two_tenants(admin)
    async with tenant_transaction(api_pool, ours) as db:
        assert await (await db.execute("SELECT tenant_id FROM bucket_link")).fetchall() == [(ours,)]
        gone = await db.execute("DELETE FROM bucket_link WHERE tenant_id = %s", [theirs])
        assert gone.rowcount == 0


async def test_a_row_for_another_tenant_is_refused(admin: Pool, api_pool: Pool) -> None:
    ours, theirs = await two_tenants(admin)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with tenant_transaction(api_pool, ours) as db:
            await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, 'b')", [theirs])


async def test_a_pooled_connection_keeps_no_tenant(admin: Pool, api_pool: Pool) -> None:
    ours, _ = await two_tenants(admin)
    async with tenant_transaction(api_pool, ours):
        pass
    for _ in range(20):
        async with api_pool.connection() as db:
            assert await (await db.execute("SELECT count(*) FROM bucket_link")).fetchone() == (0,)


async def test_the_worker_cannot_touch_keys_and_the_relay_no_video(worker_pool: Pool, relay_pool: Pool) -> None:
    for pool, table in ((worker_pool, "api_key"), (relay_pool, "video"), (relay_pool, "api_key")):
        async with pool.connection() as db:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await db.execute(f"SELECT FROM {table}".encode())


async def test_only_who_knows_a_keys_id_sees_its_row(admin: Pool, api_pool: Pool) -> None:
    ours, theirs = await two_tenants(admin)
    async with admin.connection() as db:
        for tenant, key in ((ours, "aaaaaaaa"), (theirs, "bbbbbbbb")):
            await db.execute(
                "INSERT INTO api_key (tenant_id, key_id, secret_sha256, name, role)"
                " VALUES (%s, %s, sha256('x'), 'k', 'member')",
                [tenant, key],
            )
    async with api_pool.connection() as db, db.transaction():
        await db.execute("SELECT set_config('app.key_id', 'aaaaaaaa', true)")
        assert await (await db.execute("SELECT tenant_id FROM api_key")).fetchall() == [(ours,)]
        await db.execute("SELECT set_config('app.key_id', '', true)")
        assert await (await db.execute("SELECT tenant_id FROM api_key")).fetchall() == []
