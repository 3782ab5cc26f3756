"""The way to a connection, on a real Postgres: who is cancelled on it learns so, and nobody else goes without."""

import asyncio
import traceback
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from tests.integration.common.fleet import until
from tests.stack import Database

from sightglass_common.db import Pool, tenant_transaction

LIMIT_S = 10.0  # only there so that a broken test ends


async def for_ever(pool: Pool) -> None:
    """What a background task does: it ends only by a cancel."""
    async with tenant_transaction(pool, uuid4()):
        await asyncio.Event().wait()


# How many turns of the loop lie between the connection's release and the cancel.
@pytest.mark.parametrize("turns", range(5))
async def test_a_cancel_counts_also_when_a_connection_comes_in_the_same_moment(database: Database, turns: int) -> None:
    async with database.pool("worker", max_size=1) as pool:

        async def somebody_waits() -> bool:
            return pool.get_stats()["requests_waiting"] > 0

        async with tenant_transaction(pool, uuid4()):
            waiting = asyncio.create_task(for_ever(pool))
            await until(somebody_waits)
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        ended, _ = await asyncio.wait({waiting}, timeout=LIMIT_S)
        assert ended
        assert waiting.cancelled()
        async with tenant_transaction(pool, uuid4()) as db:  # there is one connection, and it is back
            await db.execute("SELECT 1")


async def test_who_was_cancelled_may_still_write_its_last_words(database: Database) -> None:
    async with database.pool("worker", max_size=1) as pool:

        async def last_words() -> str:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            async with tenant_transaction(pool, uuid4()) as db:
                await db.execute("SELECT 1")
            return "said"

        speaking = asyncio.create_task(last_words())
        await asyncio.sleep(0)
        speaking.cancel()
        assert await speaking == "said"


@pytest.mark.parametrize(
    "refused",
    [
        "INSERT INTO tenant (tenant_id, name) VALUES (%(id)s, %(value)s), (%(id)s, %(value)s)",  # DETAIL: the key
        "INSERT INTO tenant (tenant_id, name, created_at) VALUES (%(id)s, %(value)s, NULL)",  # DETAIL: the row
        "SELECT CAST(%(value)s AS uuid)",  # the message itself
    ],
)
async def test_errors_do_not_quote_what_was_given(admin: Pool, refused: str) -> None:
    given = uuid4()

    async def fails() -> None:
        async with tenant_transaction(admin, given) as db:
            try:
                await db.execute(refused.encode(), {"id": given, "value": f"value-of-{given}"})
            except psycopg.Error as error:
                raise RuntimeError("ours") from error

    with pytest.raises(RuntimeError) as caught:
        await fails()
    told = "".join(traceback.format_exception(caught.value))
    assert str(given) not in told
    assert "psycopg.errors" in told
