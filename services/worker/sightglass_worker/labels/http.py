"""One JSON call by HTTP to a provider, and what its status says."""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientSession

from sightglass_worker.labels.provider import AnswerUnusable, ProviderRefused, ProviderUnavailable

# A hundred times what a good answer takes.
_MAX_ANSWER_BYTES: Final = 256 * 1024
# The key, the address or the model is wrong; or a redirect, which would carry the key to another host.
_REFUSED: Final = frozenset({301, 302, 303, 307, 308, 401, 402, 403, 404})
_PASSING: Final = frozenset({408, 425, 429})


async def post(http: ClientSession, url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> bytes:
    """Send `body` as JSON; the answer, at most 256 KiB.

    Raises ProviderUnavailable, ProviderRefused, AnswerUnusable.
    """
    try:
        async with http.post(
            url,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity", **headers},
            allow_redirects=False,
        ) as response:
            _check(response)
            return await _content(response)
    except ClientError as error:
        # Its message may name the address, and an address may hold a key.
        raise ProviderUnavailable(type(error).__name__) from error


def _check(response: ClientResponse) -> None:
    status = response.status
    if status in _PASSING or status >= 500:
        raise ProviderUnavailable(f"status {status}", retry_after_s=_seconds(response.headers.get("Retry-After")))
    if status in _REFUSED:
        raise ProviderRefused(f"status {status}")
    if status != 200:
        raise AnswerUnusable(f"status {status}")


def _seconds(header: str | None) -> float | None:
    """What Retry-After asks for; its other form, a date, is as good as none."""
    return float(header) if header is not None and header.isascii() and header.isdecimal() else None


async def _content(response: ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MAX_ANSWER_BYTES:
            raise AnswerUnusable(f"an answer of more than {_MAX_ANSWER_BYTES} bytes")
    return bytes(content)
