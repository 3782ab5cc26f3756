"""Postgres' announcements: who waits for something is told that it is there, and need not look again and again.

One that is lost costs time alone: whoever waits looks now and then anyway.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from sightglass_common.db import Db, Pool
from sightglass_common.outage import OUTAGES, Outage, pause

# Of turns of conversations: the payload is the turn's id.
TURNS: Final = "sightglass_turns"

_ANNOUNCE_TURN: Final = "SELECT pg_notify('sightglass_turns', %(turn_id)s)"
_UNLISTEN: Final = "UNLISTEN *"


async def announce_turn(db: Db, turn_id: UUID) -> None:
    """Tell, when the transaction commits, that there is something new of a turn."""
    await db.execute(_ANNOUNCE_TURN, {"turn_id": str(turn_id)})


async def listen(pool: Pool, channel: LiteralString, take: Callable[[str], object], stop: asyncio.Event) -> None:
    """Give the payload of each announcement on a channel to `take` until `stop`. Survives outages.

    Holds a connection of the pool. To be cancelled as well: where nothing is announced it does not see `stop`.
    """
    outage = Outage(f"announcements of {channel}")
    while not stop.is_set():
        try:
            async with pool.connection() as db:
                await _hear(db, channel, take)
        except OUTAGES as error:
            await pause(stop, outage.began(error))
        outage.over()


async def _hear(db: Db, channel: LiteralString, take: Callable[[str], object]) -> None:
    try:
        await db.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        async for notify in db.notifies():
            if notify.channel == channel:
                take(notify.payload)
    finally:
        with suppress(psycopg.OperationalError):  # a broken connection listens no more, and the pool drops it
            await db.execute(_UNLISTEN)
