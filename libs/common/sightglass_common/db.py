"""Postgres: the pool, and the only two ways to a transaction."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Db: TypeAlias = AsyncConnection[TupleRow]
Pool: TypeAlias = AsyncConnectionPool[Db]


@asynccontextmanager
async def open_pool(url: str, *, name: str, max_size: int = 8, timeout_s: float = 10.0) -> AsyncGenerator[Pool]:
    """A pool of connections, closed on leaving.

    It opens at once even while Postgres is away: the first query then waits up to `timeout_s` for a connection.
    """
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=max_size,
        timeout=timeout_s,
        open=False,
        check=AsyncConnectionPool.check_connection,
        kwargs={"autocommit": True, "application_name": name, "options": "-c lock_timeout=10s"},
    )
    await pool.open(wait=False)
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def tenant_transaction(pool: Pool, tenant_id: UUID) -> AsyncGenerator[Db]:
    """A transaction that sees and writes only `tenant_id`'s rows.

    Row-level security reads `app.tenant_id`. It is set for this transaction alone, so a pooled connection carries
    nothing over, and a query outside such a block finds no rows at all.
    """
    async with pool.connection() as db, db.transaction():
        await db.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
        yield db


@asynccontextmanager
async def untenanted_transaction(pool: Pool) -> AsyncGenerator[Db]:
    """A transaction of no tenant: it sees tables of no tenant, and what a policy shows to the role by name."""
    async with pool.connection() as db, db.transaction():
        yield db
