"""A job followed as server-sent events: the row is looked at, no connection is held in between."""

import time
from collections.abc import AsyncGenerator
from typing import Final
from uuid import UUID

import psycopg
import structlog

from sightglass_api.auth import Tenant
from sightglass_api.jobs import queries
from sightglass_api.jobs.rules import FINAL, job_of
from sightglass_api.jobs.schemas import Job
from sightglass_api.tenants.queries import key_is_valid
from sightglass_common.errors import Unauthenticated
from sightglass_common.outage import pause

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_LOOK_EVERY_S: Final = 0.5
# Proxies close what is silent for a minute, some for 30 s.
_COMMENT_EVERY_S: Final = 15.0
_RECONNECT_MS: Final = 1000


class Follower:
    """Follows one job for one client.

    known: the revision that the client has seen, as it sent it; None, or no number, for a client that has seen none.
    """

    def __init__(self, tenant: Tenant, job_id: UUID, *, known: str | None) -> None:
        self._tenant = tenant
        self._job_id = job_id
        self._known = int(known) if known and known.isascii() and known.isdigit() else 0
        self.over = False

    async def look(self) -> Job | None:
        """The job if it has changed since the last look. Raises JobNotFound, Unauthenticated for a key that ended."""
        async with self._tenant.transaction() as db:
            if not await key_is_valid(db, self._tenant.caller.key_id):
                raise Unauthenticated
            row = await queries.job(db, self._job_id)
        self.over = row.status in FINAL
        if row.revision <= self._known:
            return None
        self._known = row.revision
        return job_of(row)

    async def events(self, first: Job | None) -> AsyncGenerator[str]:
        """Events until the job is over, the key ends, or the service stops; the client then reconnects."""
        yield f"retry: {_RECONNECT_MS}\n\n"
        quiet_since = time.monotonic()
        changed = first
        while True:
            if changed is not None:
                yield event(changed)
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= _COMMENT_EVERY_S:
                yield ": still here\n\n"
                quiet_since = time.monotonic()
            if self.over or self._tenant.context.stopping.is_set():
                return
            await pause(self._tenant.context.stopping, _LOOK_EVERY_S)
            try:
                changed = await self.look()
            except Unauthenticated:
                return
            except psycopg.OperationalError as error:
                # The client keeps its stream: the next look may find the database again.
                log.warning("events.look_failed", error=type(error).__name__)
                changed = None


def event(job: Job) -> str:
    """A job as one server-sent event; JSON has no line breaks in it."""
    return f"id: {job.revision}\nevent: job\ndata: {job.model_dump_json()}\n\n"
