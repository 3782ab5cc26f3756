"""An answer as it comes, from the rows that chat writes; no connection is held in between."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import psycopg
import structlog

from sightglass_api.auth import Tenant
from sightglass_api.conversations import queries
from sightglass_api.conversations.pictures import with_pictures
from sightglass_api.conversations.presenting import error_of_turn
from sightglass_api.conversations.queries import EventRow
from sightglass_api.jobs.rules import FINAL
from sightglass_api.tenants.queries import key_is_valid
from sightglass_common.dataset_errors import TurnNotFound
from sightglass_common.errors import Unauthenticated
from sightglass_common.outage import pause

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# What is announced is looked at at once. Between two looks others are: a look costs some milliseconds of a core, and of
# an answer that a model writes a piece comes every few.
_LOOKS_APART_S: Final = 0.03
# That a job failed, or ended as it was told to, is not announced, and an announcement may be lost.
_LOOK_EVERY_S: Final = 1.0
_QUIET_S: Final = 15.0
# No answer has so many pieces.
_ERROR_NUMBER: Final = 1_000_000


class Following:
    """One turn as one client follows it. known: the number of the last piece that it has; 0: none."""

    def __init__(self, tenant: Tenant, conversation_id: UUID, turn_id: UUID, *, known: int = 0) -> None:
        self._tenant = tenant
        self._conversation_id = conversation_id
        self._turn_id = turn_id
        self._known = known
        self.over = False

    async def look(self) -> list[EventRow]:
        """The pieces behind the last one. Raises TurnNotFound, Unauthenticated for a key that ended."""
        key_id = self._tenant.caller.key_id
        async with self._tenant.transaction() as db:
            if not await key_is_valid(db, key_id):
                raise Unauthenticated
            turn = await queries.turn(db, key_id, self._conversation_id, self._turn_id)
            rows = await queries.events(db, self._turn_id, after=self._known)
            told = await with_pictures(db, self._tenant, [row.data for row in rows])
        # The turn was read first: of one that was over, all pieces were there.
        self.over = turn.status in FINAL
        found = [replace(row, data=data) for row, data in zip(rows, told, strict=True)]
        self._known = max([self._known, *(row.number for row in rows)])
        if self.over and turn.status != "done" and self._known < _ERROR_NUMBER:
            self._known = _ERROR_NUMBER
            found.append(EventRow(_ERROR_NUMBER, "error", error_of_turn(turn)))
        return found

    async def pieces(self, first: Sequence[EventRow] = ()) -> AsyncGenerator[Sequence[EventRow]]:
        """Some pieces at a time until the turn is over, the key ends, or the service stops; none where it is quiet."""
        with self._tenant.context.awaiting.following(self._turn_id) as news:
            async for found in self._pieces(first, news):
                yield found

    async def _pieces(self, first: Sequence[EventRow], news: asyncio.Event) -> AsyncGenerator[Sequence[EventRow]]:
        quiet_since = time.monotonic()
        found = first
        while True:
            if found or time.monotonic() - quiet_since >= _QUIET_S:
                yield found
                quiet_since = time.monotonic()
            if self.over or self._tenant.context.stopping.is_set():
                return
            await pause(self._tenant.context.stopping, _LOOKS_APART_S if found else 0)
            await pause(news, _LOOK_EVERY_S)
            news.clear()
            try:
                found = await self.look()
            except (Unauthenticated, TurnNotFound):
                return
            except psycopg.OperationalError as error:
                # The client keeps its stream: the next look may find the database again.
                log.warning("turn.look_failed", error=type(error).__name__)
                found = ()
