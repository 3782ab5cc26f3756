"""An answer as server-sent events, from the rows in which it comes; no connection is held in between."""

import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog

from sightglass_api.auth import Tenant
from sightglass_api.conversations import queries
from sightglass_api.conversations.presenting import error_of_turn
from sightglass_api.jobs.rules import FINAL
from sightglass_api.tenants.queries import key_is_valid
from sightglass_common.dataset_errors import TurnNotFound
from sightglass_common.errors import Unauthenticated
from sightglass_common.outage import pause

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# An answer is there within a tenth of a second or two; who waits for longer waits for a model.
_LOOK_EVERY_S: Final = 0.03
_LATER_S: Final = 0.25
_SOON_S: Final = 3.0
_COMMENT_EVERY_S: Final = 15.0
_RECONNECT_MS: Final = 1000
# No answer has so many pieces.
_ERROR_ID: Final = 1_000_000


class Stream:
    """One turn for one client. known: the id of the last event that it has seen, as it sent it; else from the start."""

    def __init__(self, tenant: Tenant, conversation_id: UUID, turn_id: UUID, *, known: str | None) -> None:
        self._tenant = tenant
        self._conversation_id = conversation_id
        self._turn_id = turn_id
        self._known = int(known) if known and known.isascii() and known.isdigit() else 0
        self.over = False

    async def look(self) -> list[str]:
        """The events behind the last one. Raises TurnNotFound, Unauthenticated for a key that ended."""
        key_id = self._tenant.caller.key_id
        async with self._tenant.transaction() as db:
            if not await key_is_valid(db, key_id):
                raise Unauthenticated
            turn = await queries.turn(db, key_id, self._conversation_id, self._turn_id)
            rows = await queries.events(db, self._turn_id, after=self._known)
        # The turn was read first: of one that was over, all events were there.
        self.over = turn.status in FINAL
        found = [_event(row.number, row.kind, row.data) for row in rows]
        self._known = max([self._known, *(row.number for row in rows)])
        if self.over and turn.status != "done" and self._known < _ERROR_ID:
            self._known = _ERROR_ID
            found.append(_event(_ERROR_ID, "error", error_of_turn(turn)))
        return found

    async def events(self, first: list[str]) -> AsyncGenerator[str]:
        """Events until the turn is over, the key ends, or the service stops; the client then comes back."""
        yield f"retry: {_RECONNECT_MS}\n\n"
        begun = quiet_since = time.monotonic()
        found = first
        while True:
            if found:
                yield "".join(found)
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= _COMMENT_EVERY_S:
                yield ": still here\n\n"
                quiet_since = time.monotonic()
            if self.over or self._tenant.context.stopping.is_set():
                return
            waits = _LOOK_EVERY_S if time.monotonic() - begun < _SOON_S else _LATER_S
            await pause(self._tenant.context.stopping, waits)
            try:
                found = await self.look()
            except (Unauthenticated, TurnNotFound):
                return
            except psycopg.OperationalError as error:
                # The client keeps its stream: the next look may find the database again.
                log.warning("turn.look_failed", error=type(error).__name__)
                found = []


def _event(number: int, kind: str, data: Mapping[str, Any]) -> str:
    """JSON in ASCII has no line breaks in it."""
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
