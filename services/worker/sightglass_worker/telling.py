"""Tells scans that wait for a job of the worker's that it is over."""

from typing import Generic, TypeVar

from sightglass_common import waiting
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery, Handler
from sightglass_common.errors import JobOver
from sightglass_common.messages import JobMessage
from sightglass_common.outcomes import Done, Outcome

J = TypeVar("J", bound=JobMessage)


class Telling(Generic[J]):
    """A `Handler` that has another carry a job forward, and tells of its end."""

    def __init__(self, pool: Pool, handler: Handler[J]) -> None:
        self._pool = pool
        self._handler = handler

    async def __call__(self, delivery: Delivery[J]) -> Outcome:
        """Handle a delivery. Raises what the other handler raises."""
        try:
            outcome = await self._handler(delivery)
        except JobOver:
            # Cancelled while it was queued, or killed after its end: to tell twice does no harm.
            await self._tell(delivery.message)
            raise
        if isinstance(outcome, Done):
            await self._tell(delivery.message)
        return outcome

    async def _tell(self, message: J) -> None:
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            await waiting.wake(db, message.job_id)
