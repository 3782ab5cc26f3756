"""Chat: `python -m sightglass_chat`. Wiring only."""

import asyncio
from contextlib import AsyncExitStack
from functools import cache, partial
from typing import TypeVar

from sightglass_chat.answering import AnswerTurnHandler
from sightglass_chat.indexing import IndexContentHandler
from sightglass_chat.settings import ChatSettings
from sightglass_common import logs
from sightglass_common.aws import open_sqs
from sightglass_common.consumer import Consumer
from sightglass_common.db import open_pool
from sightglass_common.delivery import Handler
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import Message
from sightglass_common.queues import CHAT_TURNS, CONTENTS_TO_INDEX, Queue
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event
from sightglass_common.sqs import Sqs
from sightglass_retrieval.minilm import find

M = TypeVar("M", bound=Message)


async def serve(settings: ChatSettings) -> None:
    """Consume chat's queues until SIGTERM or SIGINT, then drain."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        url, size = settings.database_url.get_secret_value(), settings.database_pool_size
        pool = await stack.enter_async_context(open_pool(url, name="sightglass-chat", max_size=size))
        sqs = await stack.enter_async_context(open_sqs())

        async def postgres() -> None:
            async with pool.connection() as db:
                await db.execute("SELECT 1")

        async def queue() -> None:
            for used in (CONTENTS_TO_INDEX, CHAT_TURNS):
                await sqs.get_queue_url(QueueName=settings.queue_prefix + used.name)

        await stack.enter_async_context(
            serve_health(settings.host, settings.port, {"postgres": postgres, "queue": queue})
        )
        # Loaded at the first need of either.
        embedder = cache(partial(find, threads=settings.embedding_thread_count))
        index = JobRunner(pool, CONTENTS_TO_INDEX, IndexContentHandler(pool, embedder), lease_s=settings.lease_s)
        answer = JobRunner(pool, CHAT_TURNS, AnswerTurnHandler(pool, embedder), lease_s=settings.lease_s)
        consumers = (
            _consumer(sqs, CONTENTS_TO_INDEX, index, settings, slots=1),
            _consumer(sqs, CHAT_TURNS, answer, settings, slots=settings.turns),
        )
        async with asyncio.TaskGroup() as group:
            for consumer in consumers:
                group.create_task(consumer.run(stop))


def _consumer(sqs: Sqs, queue: Queue[M], handler: Handler[M], settings: ChatSettings, *, slots: int) -> Consumer[M]:
    return Consumer(
        sqs,
        queue,
        handler,
        slots=slots,
        queue_prefix=settings.queue_prefix,
        wait_s=settings.receive_wait_s,
        visibility_timeout_s=settings.visibility_timeout_s,
        shutdown_grace_s=settings.shutdown_grace_s,
    )


def main() -> None:
    """Read the settings and serve."""
    settings = from_environment(ChatSettings)
    logs.configure("chat", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
