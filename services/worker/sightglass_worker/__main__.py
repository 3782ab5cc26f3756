"""The video worker: `python -m sightglass_worker`. Wiring only."""

import asyncio
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from functools import partial

from sightglass_common import logs
from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.consumers import Consumers
from sightglass_common.db import check_postgres, open_pool
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.queues import IMAGES_TO_READ, VIDEO_ANALYSES, VIDEO_RANGES
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event
from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.handlers import AnalyzeVideoHandler
from sightglass_worker.images.handler import ReadImageHandler
from sightglass_worker.labels.opening import open_provider
from sightglass_worker.ocr.readers import text_readers
from sightglass_worker.pose.finders import pose_finders
from sightglass_worker.ranges.runner import RangeRunner
from sightglass_worker.room import InRoom
from sightglass_worker.settings import WorkerSettings
from sightglass_worker.telling import Telling


async def serve(settings: WorkerSettings) -> None:
    """Consume video-analyses, video-ranges and images-to-read until SIGTERM or SIGINT, then drain."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            open_pool(
                settings.database_url.get_secret_value(), name="sightglass-worker", max_size=settings.database_pool_size
            )
        )
        s3 = await stack.enter_async_context(open_s3())
        sqs = await stack.enter_async_context(open_sqs())
        with _blamed_on("SIGHTGLASS_TEXT_ENGINE"):
            readers = await stack.enter_async_context(text_readers(settings.text_engine))
        provider = await stack.enter_async_context(
            open_provider(
                settings.label_provider,
                model=settings.label_model,
                base_url=settings.label_base_url,
                api_key=settings.label_api_key,
            )
        )
        with _blamed_on("SIGHTGLASS_POSE_ENGINE"):
            finders = await stack.enter_async_context(pose_finders(settings.pose_engine, settings.pose_model, s3))

        async def bucket() -> None:
            await s3.head_bucket(Bucket=settings.bucket)

        room = asyncio.Semaphore(settings.slot_count)
        handler = AnalyzeVideoHandler(pool, s3, settings, readers, provider, finders=finders)
        analyses = Telling(pool, JobRunner(pool, VIDEO_ANALYSES, handler, lease_s=settings.lease_s))
        images = JobRunner(
            pool, IMAGES_TO_READ, ReadImageHandler(pool, s3, settings, readers), lease_s=settings.lease_s
        )
        ranges = RangeRunner(pool, s3, settings, readers)
        consumers = Consumers(sqs, settings)
        consumers.add(VIDEO_ANALYSES, InRoom(room, analyses), slots=settings.slot_count)
        consumers.add(VIDEO_RANGES, InRoom(room, ranges), slots=settings.slot_count)
        # Beside the films, each of which holds its slot for long.
        consumers.add(IMAGES_TO_READ, Telling(pool, images), slots=1)
        checks = {"postgres": partial(check_postgres, pool), "queue": consumers.check, "s3": bucket}
        await stack.enter_async_context(serve_health(settings.host, settings.port, checks))
        await consumers.run(stop)


@contextmanager
def _blamed_on(setting: str) -> Generator[None]:
    """End the worker, with the setting that names an engine that cannot be used."""
    try:
        yield
    except EngineMissing as missing:
        raise SystemExit(f"{setting}: {missing}") from None


def main() -> None:
    """Read the settings and serve."""
    settings = from_environment(WorkerSettings)
    logs.configure("worker", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
