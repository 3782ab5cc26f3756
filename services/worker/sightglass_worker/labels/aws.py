"""One call of an AWS service, and what its errors say."""

from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.parsers import ResponseParserError

from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable

_CONNECT_S: Final = 5
# Longer than a call is waited for by `retrying`, which has the last word.
_READ_S: Final = 60
# By name, as Rekognition answers 400 to all that is not its own fault.
_PASSING: Final = frozenset(
    {
        "ThrottlingException", "ProvisionedThroughputExceededException", "LimitExceededException", "RequestTimeout",
        "ModelTimeoutException", "ModelNotReadyException", "ModelErrorException",
    }
)  # fmt: skip
_REFUSED: Final = frozenset(
    {
        "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
        "IncompleteSignatureException", "MissingAuthenticationTokenException", "ResourceNotFoundException",
    }
)  # fmt: skip


@asynccontextmanager
async def open_client(service: str, endpoint_url: str | None) -> AsyncGenerator[Any]:
    """A client that tries once; trying again is `retrying`'s business. Its stubs are not installed."""
    config = AioConfig(
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        user_agent="sightglass",
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    async with cast("Any", get_session()).create_client(service, endpoint_url=endpoint_url, config=config) as client:
        yield client


async def answered(call: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a call answers. Raises ProviderUnavailable, ProviderRefused, AnswerUnusable."""
    try:
        return await call
    except ClientError as error:
        raise _meaning(error) from error
    except (HTTPClientError, ConnectionError) as error:
        raise ProviderUnavailable(type(error).__name__) from error
    except BotoCoreError as error:
        # No credentials, no region, or a model's id that cannot be one.
        raise ProviderRefused(type(error).__name__) from error
    except (ResponseParserError, AttributeError, RecursionError, TypeError, ValueError) as error:
        # The SDK trips over an answer that has another shape than the service's model.
        raise AnswerUnusable(type(error).__name__) from error


def _meaning(error: ClientError) -> Exception:
    code = error.response.get("Error", {}).get("Code", "").rpartition("#")[2]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if code in _PASSING or status == 429 or status >= 500:
        return ProviderUnavailable(f"{code} ({status})")
    if code in _REFUSED or status in {401, 403, 404}:
        return ProviderRefused(f"{code} ({status})")
    return AnswerUnusable(f"{code} ({status})")
