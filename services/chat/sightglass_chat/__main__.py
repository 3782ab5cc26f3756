"""Chat: `python -m sightglass_chat`. Wiring only."""

import asyncio
from contextlib import AsyncExitStack

from sightglass_chat.indexing import IndexContentHandler
from sightglass_chat.settings import ChatSettings
from sightglass_common import logs
from sightglass_common.aws import open_sqs
from sightglass_common.consumer import Consumer
from sightglass_common.db import open_pool
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.queues import CONTENTS_TO_INDEX
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event


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
            await sqs.get_queue_url(QueueName=settings.queue_prefix + CONTENTS_TO_INDEX.name)

        await stack.enter_async_context(
            serve_health(settings.host, settings.port, {"postgres": postgres, "queue": queue})
        )
        handler = IndexContentHandler(pool, threads=settings.embedding_thread_count)
        consumer = Consumer(
            sqs,
            CONTENTS_TO_INDEX,
            JobRunner(pool, CONTENTS_TO_INDEX, handler, lease_s=settings.lease_s),
            slots=1,
            queue_prefix=settings.queue_prefix,
            wait_s=settings.receive_wait_s,
            visibility_timeout_s=settings.visibility_timeout_s,
            shutdown_grace_s=settings.shutdown_grace_s,
        )
        await consumer.run(stop)


def main() -> None:
    """Read the settings and serve."""
    settings = from_environment(ChatSettings)
    logs.configure("chat", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
