"""The relay process: sends the outbox, looks after jobs that got lost, begins the scans of schedules, and
has datasets read anew.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import structlog

from sightglass_api.datasets.following import Follower
from sightglass_api.datasets.renewing import Renewer
from sightglass_api.schedules.scheduler import Scheduler
from sightglass_common import logs
from sightglass_common.aws import open_sqs
from sightglass_common.db import Pool, check_postgres, open_pool
from sightglass_common.health import serve_health
from sightglass_common.reconciler import Reconciler
from sightglass_common.relay import Relay
from sightglass_common.settings import Settings, from_environment
from sightglass_common.signals import stop_event

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def relay() -> None:
    """Relay until SIGTERM or SIGINT. Any number of these may run."""
    settings = from_environment(Settings)
    logs.configure("relay", settings.log_level)
    asyncio.run(_relay(settings))


def reconcile_once(*, everything: bool) -> int:
    """Send again what got lost; `everything` unfinished, when the queues themselves were lost. Returns how many."""
    settings = from_environment(Settings)
    logs.configure("relay", settings.log_level)
    return asyncio.run(_reconcile_once(settings, everything=everything))


async def _relay(settings: Settings) -> None:
    stop = stop_event()
    async with _opened(settings) as (pool, sqs):
        checks = {"postgres": partial(check_postgres, pool)}
        async with serve_health(settings.host, settings.port, checks) as port:
            log.info("relay.started", port=port)
            await _until_stopped(stop, pool, sqs, settings)
    log.info("relay.stopped")


async def _until_stopped(stop: asyncio.Event, pool: Pool, sqs: "Sqs", settings: Settings) -> None:
    # A fault in one ends all, and the process: whoever started it starts it again.
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Relay(pool, sqs, settings.queue_prefix).run(stop))
        tasks.create_task(Reconciler(pool, sqs, settings.queue_prefix).run(stop))
        tasks.create_task(Scheduler(pool, settings.bucket).run(stop))
        tasks.create_task(Renewer(pool).run(stop))
        tasks.create_task(Follower(pool).run(stop))


async def _reconcile_once(settings: Settings, *, everything: bool) -> int:
    async with _opened(settings) as (pool, sqs):
        reconciler = Reconciler(pool, sqs, settings.queue_prefix)
        return await (reconciler.run_once(older_than_s=0) if everything else reconciler.run_once())


@asynccontextmanager
async def _opened(settings: Settings) -> "AsyncGenerator[tuple[Pool, Sqs]]":
    url, size = settings.database_url.get_secret_value(), settings.database_pool_size
    async with open_pool(url, name="sightglass-relay", max_size=size) as pool, open_sqs() as sqs:
        yield pool, sqs
