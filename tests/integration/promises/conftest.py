"""One tenant with the whole of Sightglass around it, in this process."""

from collections.abc import AsyncGenerator, Callable, Generator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import httpx
import pytest
import structlog
from pydantic import SecretStr
from tests.fakes.llm import FakeModels, served_models
from tests.integration.api.people import a_tenant
from tests.integration.promises.world import Remembering, World
from tests.integration.scanner.yard import Yard
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api import context
from sightglass_api.app import create_app
from sightglass_api.context import Context
from sightglass_api.lazily import ready
from sightglass_api.s3_objects import S3Objects
from sightglass_api.settings import ApiSettings
from sightglass_chat.generating import Generator as Answers
from sightglass_common.clock import SystemClock
from sightglass_common.db import Pool
from sightglass_common.ids import new_id
from sightglass_common.logs import mask_secrets
from sightglass_common.outbox import Hint
from sightglass_common.outward import open_outward
from sightglass_common.provider_keys import new_pair
from sightglass_common.sqs import Sqs
from sightglass_retrieval.minilm import MiniLM

PAIR = new_pair()
# Of a page and a batch, as services have them.
_AS_USUAL = {"page_objects": 1000, "batch_objects": 500}


@pytest.fixture
def logs() -> Generator[list[str]]:
    """Each line that is logged meanwhile, as services write them."""
    lines: list[str] = []

    def kept(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
        lines.append(str(structlog.processors.JSONRenderer(default=str)(None, "", dict(event))))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            mask_secrets,
            cast("Any", kept),
        ]
    )
    yield lines
    structlog.configure(**before)


@pytest.fixture
async def a_world(
    database: Database, aws: Aws, admin: Pool, api_pool: Pool, s3: S3Client, sqs: Sqs, logs: list[str]
) -> AsyncGenerator[Callable[[], Any]]:
    """Makes tenants."""
    async with AsyncExitStack() as stack:
        scanner = await stack.enter_async_context(database.pool("scanner"))
        chat = await stack.enter_async_context(database.pool("chat"))
        fake = await stack.enter_async_context(served_models(FakeModels()))
        host = fake.url.removeprefix("http://")
        outward = await stack.enter_async_context(open_outward({host}))
        embedder = Remembering()
        settings = ApiSettings(
            database_url=SecretStr(database.url("api")), bucket=aws.bucket, queue_prefix=aws.queue_prefix,
            provider_hosts=host, provider_public_key=PAIR[1], reveal_wait_s=0.1,
        )  # fmt: skip
        hint = Hint(api_pool)
        stack.push_async_callback(hint.aclose)
        objects = S3Objects(s3, s3, SystemClock(), link_s=settings.link_s)
        service = Context(
            settings, api_pool, ready(context.Aws(objects, sqs)), hint,
            embedder=lambda: cast("MiniLM", embedder),
        )  # fmt: skip

        @asynccontextmanager
        async def opening() -> AsyncGenerator[Context]:
            yield service

        app = create_app(settings, opening)
        await stack.enter_async_context(app.router.lifespan_context(app))
        generator = Answers(chat, outward, SecretStr(PAIR[0]), 4000)

        async def made() -> World:
            person = await a_tenant(api_pool, httpx.ASGITransport(app))
            bucket = f"yard-{new_id()}"
            await s3.create_bucket(Bucket=bucket)
            async with admin.connection() as db:
                await db.execute(
                    "INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [person.tenant_id, bucket]
                )
            yard = Yard(person.tenant_id, bucket, admin, api_pool, scanner, s3, _AS_USUAL | {"bucket": aws.bucket})
            return World(person, yard, chat, fake, generator, embedder, logs)

        yield made


@pytest.fixture
async def world(a_world: Callable[[], Any]) -> World:
    return await a_world()
