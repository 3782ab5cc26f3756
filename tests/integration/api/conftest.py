"""The application on the real Postgres and LocalStack, spoken to over HTTP in process."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from tests.integration.api.people import Person, a_colleague, a_tenant
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api import context
from sightglass_api.app import create_app
from sightglass_api.context import Context
from sightglass_api.lazily import ready
from sightglass_api.permissions import Role
from sightglass_api.s3_objects import S3Objects
from sightglass_api.serving import listening
from sightglass_api.settings import ApiSettings
from sightglass_common.clock import SystemClock
from sightglass_common.db import Pool
from sightglass_common.outbox import Hint
from sightglass_common.provider_keys import new_pair
from sightglass_common.sqs import Sqs


@pytest.fixture(scope="package", autouse=True)
def plain_logs() -> Generator[None]:
    """Log lines without pictures of tracebacks, which take seconds to draw."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def settings(database: Database, aws: Aws) -> ApiSettings:
    return ApiSettings(
        database_url=SecretStr(database.url("api")),
        bucket=aws.bucket,
        queue_prefix=aws.queue_prefix,
        pipeline_timeout_s=0.6,
        reveal_wait_s=0.2,
        provider_hosts="127.0.0.1:9",
        provider_public_key=new_pair()[1],
    )


@pytest.fixture(scope="module")
async def service(settings: ApiSettings, api_pool: Pool, s3: S3Client, sqs: Sqs) -> AsyncGenerator[Context]:
    objects = S3Objects(s3, s3, SystemClock(), link_s=settings.link_s)
    hint = Hint(api_pool)
    service = Context(settings, api_pool, ready(context.Aws(objects, sqs)), hint)
    awaiting = asyncio.create_task(service.awaiting.run(api_pool, service.stopping))
    yield service
    awaiting.cancel()
    await asyncio.gather(awaiting, return_exceptions=True)
    await hint.aclose()


@pytest.fixture(scope="module")
async def app(service: Context) -> AsyncGenerator[FastAPI]:
    @asynccontextmanager
    async def opening() -> AsyncGenerator[Context]:
        yield service

    app = create_app(service.settings, opening)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def address(app: FastAPI) -> AsyncGenerator[str]:
    """Where the application, which is open already, answers on a socket."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
    with listening("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
def transport(app: FastAPI) -> httpx.ASGITransport:
    return httpx.ASGITransport(app)


@pytest.fixture(scope="module")
async def alice(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


@pytest.fixture(scope="module")
async def mallory(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


@pytest.fixture(scope="module")
async def viewer(api_pool: Pool, transport: httpx.ASGITransport, alice: Person) -> Person:
    return await a_colleague(api_pool, transport, alice, Role.VIEWER)


@pytest.fixture(scope="module")
async def operator(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport, Role.PLATFORM_ADMIN)
