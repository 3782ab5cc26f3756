"""The consumers of a service: one for each of its queues, by the service's settings."""

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from sightglass_common.consumer import Consumer
from sightglass_common.delivery import Handler
from sightglass_common.messages import Message
from sightglass_common.queue_urls import QueueUrls
from sightglass_common.queues import Queue
from sightglass_common.settings import ConsumerSettings

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

M = TypeVar("M", bound=Message)


class Consumers:
    """All that a process consumes."""

    def __init__(self, sqs: "Sqs", settings: ConsumerSettings) -> None:
        self._sqs = sqs
        self._settings = settings
        self._all: dict[str, Consumer[Any]] = {}

    def add(self, queue: Queue[M], handler: Handler[M], *, slots: int) -> None:
        """Have a queue consumed, by so many handlers at once."""
        self._all[queue.name] = Consumer(
            self._sqs,
            queue,
            handler,
            slots=slots,
            queue_prefix=self._settings.queue_prefix,
            wait_s=self._settings.receive_wait_s,
            visibility_timeout_s=self._settings.visibility_timeout_s,
            shutdown_grace_s=self._settings.shutdown_grace_s,
        )

    async def check(self) -> None:
        """Ask SQS for each queue anew. Raises ClientError when there is none of that name."""
        urls = QueueUrls(self._sqs, self._settings.queue_prefix)
        for name in self._all:
            await urls.of(name)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume all until `stop`, then drain. A fault in one ends all, and so the process."""
        async with asyncio.TaskGroup() as group:
            for consumer in self._all.values():
                group.create_task(consumer.run(stop))
