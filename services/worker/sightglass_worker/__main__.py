"""The video worker: `python -m sightglass_worker`. Wiring only."""

import asyncio
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from typing import TypeVar

from sightglass_common import logs
from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.consumer import Consumer
from sightglass_common.db import open_pool
from sightglass_common.delivery import Handler
from sightglass_common.health import serve_health
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import Message
from sightglass_common.queues import IMAGES_TO_READ, VIDEO_ANALYSES, VIDEO_RANGES, Queue
from sightglass_common.settings import from_environment
from sightglass_common.signals import stop_event
from sightglass_common.sqs import Sqs
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

M = TypeVar("M", bound=Message)


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

        async def postgres() -> None:
            async with pool.connection() as db:
                await db.execute("SELECT 1")

        async def queue() -> None:
            for name in (VIDEO_ANALYSES.name, VIDEO_RANGES.name, IMAGES_TO_READ.name):
                await sqs.get_queue_url(QueueName=settings.queue_prefix + name)

        async def bucket() -> None:
            await s3.head_bucket(Bucket=settings.bucket)

        checks = {"postgres": postgres, "queue": queue, "s3": bucket}
        await stack.enter_async_context(serve_health(settings.host, settings.port, checks))
        room = asyncio.Semaphore(settings.slot_count)
        handler = AnalyzeVideoHandler(pool, s3, settings, readers, provider, finders=finders)
        analyses = Telling(pool, JobRunner(pool, VIDEO_ANALYSES, handler, lease_s=settings.lease_s))
        images = JobRunner(
            pool, IMAGES_TO_READ, ReadImageHandler(pool, s3, settings, readers), lease_s=settings.lease_s
        )
        consumers = (
            _consumer(sqs, VIDEO_ANALYSES, InRoom(room, analyses), settings),
            _consumer(sqs, VIDEO_RANGES, InRoom(room, RangeRunner(pool, s3, settings, readers)), settings),
            # Beside the films, each of which holds its slot for long.
            _consumer(sqs, IMAGES_TO_READ, Telling(pool, images), settings, slots=1),
        )
        async with asyncio.TaskGroup() as group:
            for consumer in consumers:
                group.create_task(consumer.run(stop))


def _consumer(sqs: Sqs, queue: Queue[M], handler: Handler[M], settings: WorkerSettings, slots: int = 0) -> Consumer[M]:
    return Consumer(
        sqs,
        queue,
        handler,
        slots=slots or settings.slot_count,
        queue_prefix=settings.queue_prefix,
        wait_s=settings.receive_wait_s,
        visibility_timeout_s=settings.visibility_timeout_s,
        shutdown_grace_s=settings.shutdown_grace_s,
    )


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
