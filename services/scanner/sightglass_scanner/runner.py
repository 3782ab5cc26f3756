"""The handler of the scanner's queues: does what a message asks for, and looks after the scan that it is part of."""

from typing import Generic, TypeVar

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import JobOver, ScanNotFound
from sightglass_common.job_runner import JobRunner, Work
from sightglass_common.messages import ListPage, ScanBatch
from sightglass_common.outcomes import Done, Outcome
from sightglass_common.queues import Queue
from sightglass_scanner import queries
from sightglass_scanner.ending import look_after
from sightglass_scanner.settings import ScannerSettings

P = TypeVar("P", ListPage, ScanBatch)


class PartRunner(Generic[P]):
    """A `Handler` for a consumer of scan-listings or scan-batches."""

    def __init__(self, pool: Pool, queue: Queue[P], work: Work[P], settings: ScannerSettings) -> None:
        self._pool = pool
        self._settings = settings
        self._runner = JobRunner(pool, queue, work, lease_s=settings.lease_s)

    async def __call__(self, delivery: Delivery[P]) -> Outcome:
        """Carry a part's job forward, and the scan with it. Raises what `leases.claim` raises."""
        try:
            outcome = await self._runner(delivery)
        except JobOver:
            # Killed after its end, before the rest: all of it can be done twice.
            await self._look_after(delivery)
            raise
        if isinstance(outcome, Done):
            await self._look_after(delivery)
        return outcome

    async def _look_after(self, delivery: Delivery[P]) -> None:
        message = delivery.message
        try:
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                scan = await queries.locked(db, message.scan_id)
                part = await queries.part_of(db, message.scan_id, message.job_id)
                stopped = part if part and part.status in {"failed", "cancelled"} else None
                await look_after(db, scan, stopped, self._settings, delivery.envelope.trace)
        except ScanNotFound:
            return
