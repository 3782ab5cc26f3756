"""The worker's slots, which those who consume its queues share: one decoder's work each."""

import asyncio
from typing import Generic, TypeVar

from sightglass_common.delivery import Delivery, Handler
from sightglass_common.messages import Message
from sightglass_common.outcomes import Outcome

M = TypeVar("M", bound=Message)


class InRoom(Generic[M]):
    """A `Handler` that waits, first come first served, until there is room for one more."""

    def __init__(self, room: asyncio.Semaphore, handler: Handler[M]) -> None:
        self._room = room
        self._handler = handler

    async def __call__(self, delivery: Delivery[M]) -> Outcome:
        """Handle a delivery when it is its turn."""
        async with self._room:
            return await self._handler(delivery)
