"""The scanner: `python -m sightglass_scanner`. Wiring only."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from sightglass_common import logs
from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.consumers import Consumers
from sightglass_common.db import check_postgres, open_pool
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.queues import (
    CONTENTS_TO_DELETE,
    DATASETS_TO_READ,
    FINDING_REVEALS,
    PREFIXES_TO_SYNC,
    SCAN_BATCHES,
    SCAN_LISTINGS,
    SOURCES_TO_SCAN,
    TEXTS_TO_SCAN,
)
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event
from sightglass_scanner.batches import ScanBatchHandler
from sightglass_scanner.deleting.handler import DeleteContentHandler
from sightglass_scanner.documents.handler import ScanSourceHandler
from sightglass_scanner.documents.rereading import ReadDatasetHandler
from sightglass_scanner.pages import ListPageHandler
from sightglass_scanner.prefixes.handler import SyncPrefixHandler
from sightglass_scanner.reveals import RevealHandler
from sightglass_scanner.runner import PartRunner
from sightglass_scanner.screen.handler import ScanTextsHandler
from sightglass_scanner.settings import ScannerSettings

# At a call of S3, with growing pauses that differ: a fleet is what S3 throttles.
_S3_ATTEMPTS: Final = 8
# Somebody waits for each, and each is one object.
_REVEALS: Final = 2
# Listing waits for S3, and needs little else; a wide listing has many pages at once.
_LISTINGS: Final = 4
# So that one long listing keeps nobody else's short one waiting.
_SYNCS: Final = 2


async def serve(settings: ScannerSettings) -> None:
    """Consume the scanner's queues until SIGTERM or SIGINT, then drain."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        url, size = settings.database_url.get_secret_value(), settings.database_pool_size
        pool = await stack.enter_async_context(open_pool(url, name="sightglass-scanner", max_size=size))
        s3 = await stack.enter_async_context(open_s3(attempts=_S3_ATTEMPTS))
        sqs = await stack.enter_async_context(open_sqs())

        pages = PartRunner(pool, SCAN_LISTINGS, ListPageHandler(pool, s3, settings), settings)
        batches = PartRunner(pool, SCAN_BATCHES, ScanBatchHandler(pool, s3, settings), settings)
        texts = JobRunner(pool, TEXTS_TO_SCAN, ScanTextsHandler(pool, settings), lease_s=settings.lease_s)
        documents = ScanSourceHandler(pool, s3, settings)
        sources = JobRunner(pool, SOURCES_TO_SCAN, documents, lease_s=settings.lease_s)
        removing = DeleteContentHandler(pool, s3, settings.bucket)
        removals = JobRunner(pool, CONTENTS_TO_DELETE, removing, lease_s=settings.lease_s)
        readings = JobRunner(pool, DATASETS_TO_READ, ReadDatasetHandler(), lease_s=settings.lease_s)
        syncing = SyncPrefixHandler(pool, s3, settings)
        syncs = JobRunner(pool, PREFIXES_TO_SYNC, syncing, lease_s=settings.lease_s)
        consumers = Consumers(sqs, settings)
        consumers.add(SCAN_LISTINGS, pages, slots=_LISTINGS)
        consumers.add(SCAN_BATCHES, batches, slots=settings.slot_count)
        consumers.add(TEXTS_TO_SCAN, texts, slots=1)
        consumers.add(SOURCES_TO_SCAN, sources, slots=1)
        consumers.add(DATASETS_TO_READ, readings, slots=1)
        consumers.add(PREFIXES_TO_SYNC, syncs, slots=_SYNCS)
        consumers.add(CONTENTS_TO_DELETE, removals, slots=1)
        consumers.add(FINDING_REVEALS, RevealHandler(pool, s3, settings), slots=_REVEALS)
        checks = {"postgres": partial(check_postgres, pool), "queue": consumers.check}
        await stack.enter_async_context(serve_health(settings.host, settings.port, checks))
        await consumers.run(stop)


def main() -> None:
    """Read the settings and serve."""
    settings = from_environment(ScannerSettings)
    logs.configure("scanner", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
