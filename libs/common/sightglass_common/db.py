"""Postgres: the pool, and the only two ways to a transaction."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TypeAlias
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Db: TypeAlias = AsyncConnection[TupleRow]
Pool: TypeAlias = AsyncConnectionPool[Db]

# Errors whose very message quotes what was given: `invalid input syntax for type json: ...`.
_DATA_EXCEPTION: Final = "22"


class _CancellablePool(AsyncConnectionPool[Db]):
    """A pool that loses no cancel of a task that waits for a connection.

    The pool waits by `asyncio.wait_for`, which before Python 3.12 returns as if nothing were when what it waits for
    comes in the moment of the cancel (python/cpython#86296). Who renews a lease until it is cancelled would never end.
    """

    async def getconn(self, timeout: float | None = None) -> Db:  # noqa: ASYNC109 -- the pool's own signature
        """A connection of the pool, as the pool gives it. Raises CancelledError for a cancel that came meanwhile."""
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        db = await super().getconn(timeout)
        if task and task.cancelling() > before:
            await self.putconn(db)
            raise asyncio.CancelledError
        return db


@asynccontextmanager
async def open_pool(url: str, *, name: str, max_size: int = 8, timeout_s: float = 10.0) -> AsyncGenerator[Pool]:
    """A pool of connections, closed on leaving.

    It opens at once even while Postgres is away: the first query then waits up to `timeout_s` for a connection.
    """
    pool: Pool = _CancellablePool(
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


async def check_postgres(pool: Pool) -> None:
    """Take one round trip to Postgres. Raises what keeps it from answering."""
    async with pool.connection() as db:
        await db.execute("SELECT 1")


@asynccontextmanager
async def tenant_transaction(pool: Pool, tenant_id: UUID) -> AsyncGenerator[Db]:
    """A transaction that sees and writes only `tenant_id`'s rows.

    Row-level security reads `app.tenant_id`. It is set for this transaction alone, so a pooled connection carries
    nothing over, and a query outside such a block finds no rows at all.
    """
    async with pool.connection() as db, db.transaction():
        with _without_values():
            await db.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
            yield db


@asynccontextmanager
async def untenanted_transaction(pool: Pool) -> AsyncGenerator[Db]:
    """A transaction of no tenant: it sees tables of no tenant, and what a policy shows to the role by name."""
    async with pool.connection() as db, db.transaction():
        with _without_values():
            yield db


@contextmanager
def _without_values() -> Generator[None]:
    """Take out of Postgres' errors what they quote of rows: errors end in logs, and rows are anybody's data."""
    try:
        yield
    except Exception as error:
        _forget_values(error)
        raise


def _forget_values(error: BaseException | None) -> None:
    while error is not None:
        if isinstance(error, psycopg.Error) and error.diag.message_primary is not None:
            quotes = (error.diag.sqlstate or "").startswith(_DATA_EXCEPTION)
            error.args = ("" if quotes else error.diag.message_primary,)
        error = error.__cause__ or error.__context__
