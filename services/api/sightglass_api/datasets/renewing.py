"""Has datasets read anew whose documents are redacted by other rules than those of today, and removes deleted ones.

Any number may run at once, and be killed at any moment: that a dataset is to be read by today's rules is noted in the
transaction that sends the message.
"""

import asyncio
from typing import Final

import structlog

from sightglass_api.datasets import renewal_queries as queries
from sightglass_api.datasets.renewal_queries import Due
from sightglass_common import jobs
from sightglass_common.db import Pool, tenant_transaction, untenanted_transaction
from sightglass_common.ids import new_id
from sightglass_common.messages import DeleteContent, ReadDataset, wrap
from sightglass_common.outage import keep_on
from sightglass_common.queues import CONTENTS_TO_DELETE, DATASETS_TO_READ

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_EVERY_S: Final = 5.0
_PAGE: Final = 100
_SOURCE: Final = "relay"


class Renewer:
    """Looks for such datasets for as long as it runs. pool: as role sightglass_relay."""

    def __init__(self, pool: Pool, *, every_s: float = _EVERY_S) -> None:
        self._pool = pool
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until `stop`. Survives outages."""
        await keep_on("renewer", self.run_once, stop, self._every_s)

    async def run_once(self) -> int:
        """Begin with some that are due; with how many. Those that are left are due at the next look."""
        async with untenanted_transaction(self._pool) as db:
            due = await queries.due(db, limit=_PAGE)
        return sum([await (self._remove(one) if one.deleted else self._renew(one)) for one in due])

    async def _renew(self, due: Due) -> bool:
        message = ReadDataset(tenant_id=due.tenant_id, job_id=new_id(), dataset_id=due.dataset_id)
        async with tenant_transaction(self._pool, due.tenant_id) as db:
            if not await queries.note_rules(db, due.dataset_id):
                return False
            envelope = wrap(message, source=_SOURCE)
            await jobs.enqueue(db, DATASETS_TO_READ, envelope, kind="reindexing", job_id=message.job_id)
        _log.info("dataset.renewed", tenant_id=str(due.tenant_id), dataset_id=str(due.dataset_id))
        return True

    async def _remove(self, due: Due) -> bool:
        message = DeleteContent(tenant_id=due.tenant_id, job_id=new_id(), dataset_id=due.dataset_id)
        async with tenant_transaction(self._pool, due.tenant_id) as db:
            if not await queries.note_deletion(db, due.dataset_id, message.job_id):
                return False
            envelope = wrap(message, source=_SOURCE)
            await jobs.enqueue(db, CONTENTS_TO_DELETE, envelope, kind="deleting", job_id=message.job_id)
        return True
