"""Begins the syncs of prefixes that are due. Any number may run at once, and be killed at any moment.

Sync, job, message and the time of the next one stand together, or nothing does. What was missed is done once, late.
"""

import asyncio
from typing import Final

import structlog

from sightglass_api.datasets import following_queries as queries
from sightglass_api.datasets.following_queries import Due
from sightglass_common import prefix_queries
from sightglass_common.dataset_errors import PrefixNotFound
from sightglass_common.db import Pool, tenant_transaction, untenanted_transaction
from sightglass_common.outage import OUTAGES, Outage, pause
from sightglass_common.tracing import Trace

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_EVERY_S: Final = 5.0
_PAGE: Final = 100
_SENDER: Final = "relay"


class Follower:
    """Looks for such prefixes for as long as it runs. pool: as role sightglass_relay."""

    def __init__(self, pool: Pool, *, every_s: float = _EVERY_S) -> None:
        self._pool = pool
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until `stop`. Survives outages."""
        outage = Outage("follower")
        while not stop.is_set():
            try:
                await self.run_once()
            except OUTAGES as error:
                outage.began(error)
            else:
                outage.over()
            await pause(stop, self._every_s)

    async def run_once(self) -> int:
        """Begin some that are due; how many. Those that are left are due at the next look."""
        async with untenanted_transaction(self._pool) as db:
            due = await queries.due(db, limit=_PAGE)
        return sum([await self._begin(one) for one in due])

    async def _begin(self, due: Due) -> bool:
        try:
            async with tenant_transaction(self._pool, due.tenant_id) as db:
                job_id = await prefix_queries.begin(
                    db, due.tenant_id, due.prefix_id, sender=_SENDER, trace=Trace.new(), if_due=True
                )
        except PrefixNotFound:
            return False
        _log.info("prefix.due", tenant_id=str(due.tenant_id), prefix_id=str(due.prefix_id), job_id=str(job_id))
        return True
