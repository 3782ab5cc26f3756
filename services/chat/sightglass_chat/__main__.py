"""Chat: `python -m sightglass_chat`. Wiring only."""

import asyncio
from contextlib import AsyncExitStack
from functools import cache, partial

from sightglass_chat.answering import AnswerTurnHandler
from sightglass_chat.generating import Generator
from sightglass_chat.indexing import IndexContentHandler
from sightglass_chat.settings import ChatSettings
from sightglass_chat.trying import TryProviderHandler
from sightglass_common import logs
from sightglass_common.addresses import hosts_of
from sightglass_common.aws import open_sqs
from sightglass_common.consumers import Consumers
from sightglass_common.db import check_postgres, open_pool
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.outward import open_outward
from sightglass_common.queues import CHAT_TURNS, CONTENTS_TO_INDEX, PROVIDER_TESTS
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event
from sightglass_retrieval.minilm import find


async def serve(settings: ChatSettings) -> None:
    """Consume chat's queues until SIGTERM or SIGINT, then drain."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        url, size = settings.database_url.get_secret_value(), settings.database_pool_size
        pool = await stack.enter_async_context(open_pool(url, name="sightglass-chat", max_size=size))
        sqs = await stack.enter_async_context(open_sqs())

        # Loaded at the first need of either.
        embedder = cache(partial(find, threads=settings.embedding_thread_count))
        index = JobRunner(pool, CONTENTS_TO_INDEX, IndexContentHandler(pool, embedder), lease_s=settings.lease_s)
        outward = await stack.enter_async_context(open_outward(hosts_of(settings.provider_hosts)))
        generator = Generator(pool, outward, settings.provider_private_key, settings.history_tokens)
        handler = AnswerTurnHandler(pool, embedder, generator, at_once=settings.turns_at_work)
        answer = JobRunner(pool, CHAT_TURNS, handler, lease_s=settings.lease_s)
        consumers = Consumers(sqs, settings)
        consumers.add(CONTENTS_TO_INDEX, index, slots=1)
        consumers.add(CHAT_TURNS, answer, slots=settings.turns)
        consumers.add(PROVIDER_TESTS, TryProviderHandler(generator), slots=1)
        checks = {"postgres": partial(check_postgres, pool), "queue": consumers.check}
        await stack.enter_async_context(serve_health(settings.host, settings.port, checks))
        await consumers.run(stop)


def main() -> None:
    """Read the settings and serve."""
    settings = from_environment(ChatSettings)
    logs.configure("chat", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
