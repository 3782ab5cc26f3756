"""Clients of S3 and SQS, opened once in a service's `__main__`."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from aiobotocore.config import AioConfig
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession, get_session
from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from sightglass_common.http_get import Connections
from sightglass_common.s3_get import S3Gets, bind
from sightglass_common.sqs import Sqs

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_CONNECT_S: Final = 5
_READ_S: Final = 30  # long polls take up to 20 s
_CONNECTIONS: Final = 64
# A read of S3 that gets no byte for so long is tried anew.
_STALL_S: Final = 10.0
# For one read with its body: 8 MiB of a film, or the cues of a long one.
_WALL_S: Final = 300.0


@asynccontextmanager
async def open_s3(
    endpoint_url: str | None = None, *, attempts: int = 4, session: AioSession | None = None
) -> AsyncGenerator["S3Client"]:
    """A client of S3. Without `endpoint_url` the SDK's own variables decide (`AWS_ENDPOINT_URL`, region, keys).

    attempts: at one call, with growing pauses; fewer where a person waits for the answer.
    session: in place of one with the credentials and the region of the environment.
    """
    session = session or get_session()
    config = AioConfig(
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        max_pool_connections=_CONNECTIONS,
        user_agent="sightglass",  # else the SDK puts a long one together for every call, 7 % of its time
        retries={"mode": "standard", "max_attempts": attempts},
        signature_version="s3v4",  # what limits in presigned links and forms need
    )
    bundle = session.get_config_variable("ca_bundle") or True

    def trust() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=get_cert_path(bundle))

    async with _untyped(session).create_client("s3", endpoint_url=endpoint_url, config=config) as client:
        connections = Connections(trust, connect_s=_CONNECT_S, stall_s=_STALL_S, wall_s=_WALL_S, most=_CONNECTIONS)
        bind(client, S3Gets(client, await session.get_credentials(), connections, attempts=attempts))
        try:
            yield client
        finally:
            connections.close()


@asynccontextmanager
async def open_sqs(
    endpoint_url: str | None = None, *, attempts: int = 4, session: AioSession | None = None
) -> AsyncGenerator[Sqs]:
    """A client of SQS, with the same choices."""
    session = session or get_session()
    # The SDK's own client tells what its configuration comes to.
    async with _untyped(session).create_client("sqs", endpoint_url=endpoint_url) as client:
        url, region = client.meta.endpoint_url + "/", client.meta.region_name
    http = AIOHTTPSession(
        # Reading all certificates takes 30 ms, for nothing where the stand-in speaks plain HTTP.
        verify=url.startswith("https:") and (session.get_config_variable("ca_bundle") or True),
        proxies=get_environ_proxies(url),
        timeout=cast("Any", (_CONNECT_S, _READ_S)),  # typed as a single number
        max_pool_connections=_CONNECTIONS,
    )
    async with http:
        yield Sqs(http, await session.get_credentials(), url=url, region=region, attempts=attempts)


def _untyped(session: AioSession) -> Any:
    return session  # its type has an overload of create_client for each of 400 services
