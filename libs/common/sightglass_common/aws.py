"""Clients of S3 and SQS, opened once in a service's `__main__`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client
    from types_aiobotocore_sqs.client import SQSClient

# Long polls take 20 s, so a read may last longer than that. `s3v4` is what presigned limits need.
_CONFIG = AioConfig(
    signature_version="s3v4",
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=64,
)


@asynccontextmanager
async def open_s3(endpoint_url: str | None = None) -> AsyncGenerator["S3Client"]:
    """A client of S3. Without `endpoint_url` the SDK's own variables decide (`AWS_ENDPOINT_URL`, region, keys)."""
    session = cast("Any", get_session())  # its stub has an overload for each of 400 services
    async with session.create_client("s3", endpoint_url=endpoint_url, config=_CONFIG) as client:
        yield client


@asynccontextmanager
async def open_sqs(endpoint_url: str | None = None) -> AsyncGenerator["SQSClient"]:
    """A client of SQS. Without `endpoint_url` the SDK's own variables decide."""
    session = cast("Any", get_session())
    async with session.create_client("sqs", endpoint_url=endpoint_url, config=_CONFIG) as client:
        yield client
