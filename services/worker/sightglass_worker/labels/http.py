"""One JSON call by HTTP to a provider, and what it answers."""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientSession

from sightglass_common.provider_errors import AnswerUnusable, ProviderUnavailable, check_status

# A hundred times what a good answer takes.
_MAX_ANSWER_BYTES: Final = 256 * 1024


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
            check_status(response.status, response.headers.get("Retry-After"))
            return await _content(response)
    except ClientError as error:
        # Its message may name the address, and an address may hold a key.
        raise ProviderUnavailable(type(error).__name__) from error


async def _content(response: ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MAX_ANSWER_BYTES:
            raise AnswerUnusable(f"an answer of more than {_MAX_ANSWER_BYTES} bytes")
    return bytes(content)
