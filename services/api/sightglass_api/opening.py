"""Opens what the service works with; S3 and SQS beside the start, as their import takes longer than all the rest."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module

import structlog

from sightglass_api.context import Aws, Context
from sightglass_api.lazily import Lazy
from sightglass_api.settings import ApiSettings
from sightglass_common.db import open_pool
from sightglass_common.errors import DependencyUnavailable
from sightglass_common.outbox import Hint
from sightglass_retrieval.minilm import find

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# A client is told to come back rather than kept waiting.
_POOL_TIMEOUT_S = 5.0


@asynccontextmanager
async def open_context(settings: ApiSettings, stopping: asyncio.Event) -> AsyncGenerator[Context]:
    """All that the HTTP service needs, closed on leaving."""
    async with (
        open_aws(settings) as aws,
        open_pool(
            settings.database_url.get_secret_value(),
            name="sightglass-api",
            max_size=settings.database_pool_size,
            timeout_s=_POOL_TIMEOUT_S,
        ) as pool,
    ):
        hint = Hint(pool)
        context = Context(settings, pool, aws, hint, stopping=stopping, embedder=cache(find))
        awaiting = asyncio.create_task(context.awaiting.run(pool, stopping))
        try:
            yield context
        finally:
            awaiting.cancel()
            await asyncio.gather(awaiting, return_exceptions=True)
            await hint.aclose()


@asynccontextmanager
async def open_aws(settings: ApiSettings) -> AsyncGenerator[Lazy[Aws]]:
    """The clients of S3 and SQS, made beside whatever the caller does; closed on leaving.

    Their import and making takes longer than the rest of the start, and most requests need neither.
    """
    leaving = asyncio.Event()
    made: asyncio.Future[Aws] = asyncio.get_running_loop().create_future()
    holder = asyncio.create_task(_hold_aws(settings, made, leaving))

    async def wait() -> Aws:
        return await made

    try:
        yield Lazy(wait())
    finally:
        leaving.set()
        await holder


async def _hold_aws(settings: ApiSettings, made: "asyncio.Future[Aws]", leaving: asyncio.Event) -> None:
    """Open the clients, hand them over, and close them when told: all in one task, as their contexts want."""
    try:
        clients = await asyncio.to_thread(import_module, "sightglass_api.clients")
        async with clients.open_clients(settings) as aws:
            made.set_result(aws)
            await leaving.wait()
    except Exception:
        if made.done():
            raise
        # Settings that no client can be made with: /readyz tells, so that nobody takes this for a service.
        log.exception("aws.clients_not_made")
        made.set_exception(DependencyUnavailable("The clients of S3 and SQS could not be made: see the log."))
