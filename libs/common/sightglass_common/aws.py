"""Clients of S3 and SQS, opened once in a service's `__main__`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client
    from types_aiobotocore_sqs.client import SQSClient

_USUAL: Final = AioConfig(
    connect_timeout=5,
    read_timeout=30,  # long polls take up to 20 s
    max_pool_connections=64,
    user_agent="sightglass",  # else the SDK puts a long one together for every call, 7 % of its time
)
# What limits in presigned links and forms need.
_S3: Final = AioConfig(signature_version="s3v4")


@asynccontextmanager
async def open_s3(endpoint_url: str | None = None, *, attempts: int = 4) -> AsyncGenerator["S3Client"]:
    """A client of S3. Without `endpoint_url` the SDK's own variables decide (`AWS_ENDPOINT_URL`, region, keys).

    attempts: at one call, with growing pauses; fewer where a person waits for the answer.
    """
    async with _client("s3", endpoint_url, _S3.merge(_attempts(attempts))) as client:
        yield client


@asynccontextmanager
async def open_sqs(endpoint_url: str | None = None, *, attempts: int = 4) -> AsyncGenerator["SQSClient"]:
    """A client of SQS, with the same choices."""
    async with _client("sqs", endpoint_url, _attempts(attempts)) as client:
        yield client


def _attempts(attempts: int) -> AioConfig:
    return AioConfig(retries={"mode": "standard", "max_attempts": attempts})


@asynccontextmanager
async def _client(service: str, endpoint_url: str | None, config: AioConfig) -> AsyncGenerator[Any]:
    session = cast("Any", get_session())  # its stub has an overload for each of 400 services
    async with session.create_client(service, endpoint_url=endpoint_url, config=_USUAL.merge(config)) as client:
        yield client
