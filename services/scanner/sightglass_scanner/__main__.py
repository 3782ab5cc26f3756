"""The scanner: `python -m sightglass_scanner`. Wiring only."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final, TypeVar

from sightglass_common import logs
from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.consumer import Consumer
from sightglass_common.db import open_pool
from sightglass_common.delivery import Handler
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import Message
from sightglass_common.queues import (
    FINDING_REVEALS,
    SCAN_BATCHES,
    SCAN_LISTINGS,
    SOURCES_TO_SCAN,
    TEXTS_TO_SCAN,
    Queue,
)
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event
from sightglass_common.sqs import Sqs
from sightglass_scanner.batches import ScanBatchHandler
from sightglass_scanner.documents.handler import ScanSourceHandler
from sightglass_scanner.pages import ListPageHandler
from sightglass_scanner.reveals import RevealHandler
from sightglass_scanner.runner import PartRunner
from sightglass_scanner.screen.handler import ScanTextsHandler
from sightglass_scanner.settings import ScannerSettings

M = TypeVar("M", bound=Message)

# At a call of S3, with growing pauses that differ: a fleet is what S3 throttles.
_S3_ATTEMPTS: Final = 8
# Somebody waits for each, and each is one object.
_REVEALS: Final = 2
# Listing waits for S3, and needs little else; a wide listing has many pages at once.
_LISTINGS: Final = 4


async def serve(settings: ScannerSettings) -> None:
    """Consume the scanner's queues until SIGTERM or SIGINT, then drain."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        url, size = settings.database_url.get_secret_value(), settings.database_pool_size
        pool = await stack.enter_async_context(open_pool(url, name="sightglass-scanner", max_size=size))
        s3 = await stack.enter_async_context(open_s3(attempts=_S3_ATTEMPTS))
        sqs = await stack.enter_async_context(open_sqs())

        async def postgres() -> None:
            async with pool.connection() as db:
                await db.execute("SELECT 1")

        async def queue() -> None:
            for used in (SCAN_LISTINGS, SCAN_BATCHES, TEXTS_TO_SCAN, SOURCES_TO_SCAN, FINDING_REVEALS):
                await sqs.get_queue_url(QueueName=settings.queue_prefix + used.name)

        await stack.enter_async_context(
            serve_health(settings.host, settings.port, {"postgres": postgres, "queue": queue})
        )
        pages = PartRunner(pool, SCAN_LISTINGS, ListPageHandler(pool, s3, settings), settings)
        batches = PartRunner(pool, SCAN_BATCHES, ScanBatchHandler(pool, s3, settings), settings)
        texts = JobRunner(pool, TEXTS_TO_SCAN, ScanTextsHandler(pool, settings), lease_s=settings.lease_s)
        documents = ScanSourceHandler(pool, s3, settings)
        sources = JobRunner(pool, SOURCES_TO_SCAN, documents, lease_s=settings.lease_s)
        consumers = (
            _consumer(sqs, SCAN_LISTINGS, pages, settings, slots=_LISTINGS),
            _consumer(sqs, SCAN_BATCHES, batches, settings, slots=settings.slot_count),
            _consumer(sqs, TEXTS_TO_SCAN, texts, settings, slots=1),
            _consumer(sqs, SOURCES_TO_SCAN, sources, settings, slots=1),
            _consumer(sqs, FINDING_REVEALS, RevealHandler(pool, s3, settings), settings, slots=_REVEALS),
        )
        async with asyncio.TaskGroup() as group:
            for consumer in consumers:
                group.create_task(consumer.run(stop))


def _consumer(sqs: Sqs, queue: Queue[M], handler: Handler[M], settings: ScannerSettings, *, slots: int) -> Consumer[M]:
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
    settings = from_environment(ScannerSettings)
    logs.configure("scanner", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
