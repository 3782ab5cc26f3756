"""Looks at each dependency, with a limit in time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from sightglass_api.context import Context
from sightglass_api.health.schemas import Check
from sightglass_common.db import check_postgres
from sightglass_common.errors import SightglassError
from sightglass_common.outage import OUTAGES
from sightglass_common.queue_urls import QueueUrls
from sightglass_common.queues import QUEUES

_LIMIT_S: Final = 3.0


async def check_all(context: Context) -> dict[str, Check]:
    """Postgres, S3 and SQS, all at once."""
    looks = {"postgres": postgres, "s3": _s3, "sqs": _sqs}
    results = await asyncio.gather(*(check(context, look) for look in looks.values()))
    return dict(zip(looks, results, strict=True))


async def check(context: Context, look: Callable[[Context], Awaitable[None]]) -> Check:
    """Take one look; what goes wrong is told, not raised."""
    start, detail = time.perf_counter(), None
    try:
        async with asyncio.timeout(_LIMIT_S):
            await look(context)
    except TimeoutError:
        detail = f"No answer in {_LIMIT_S:g} s."
    except SightglassError as error:
        detail = error.detail
    except OUTAGES as error:
        # The class alone: an address with a password may stand in the message.
        detail = type(error).__name__
    return Check(ok=detail is None, latency_ms=round((time.perf_counter() - start) * 1000, 1), detail=detail)


async def postgres(context: Context) -> None:
    """One round trip to the database."""
    await check_postgres(context.pool)


async def _s3(context: Context) -> None:
    await (await context.objects()).reach(context.settings.bucket)


async def _sqs(context: Context) -> None:
    sqs = await context.sqs()
    urls = QueueUrls(sqs, context.settings.queue_prefix)
    for queue in QUEUES:
        await sqs.get_queue_attributes(QueueUrl=await urls.of(queue.name), AttributeNames=["QueueArn"])
