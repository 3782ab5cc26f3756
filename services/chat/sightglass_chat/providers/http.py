"""One call of a provider by HTTP whose answer comes as a stream."""

from collections.abc import AsyncGenerator, Mapping
from typing import Final

from aiohttp import ClientError, ClientResponse
from yarl import URL

from sightglass_common.addresses import AddressRefused
from sightglass_common.outward import Outward
from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable, check_status

# Far more than any answer of some thousand tokens takes, each in an event of its own.
_MOST_BYTES: Final = 8 * 1024 * 1024
# Enough for an error in JSON.
_MOST_REASON_BYTES: Final = 16 * 1024
_REJECTED: Final = frozenset({400, 422})


class Rejected(AnswerUnusable):
    """It does not take this request. reason: its own words, to be looked at by code: they may quote the request."""

    def __init__(self, status: int, reason: bytes) -> None:
        super().__init__(f"status {status}", status=status)
        self.reason = reason


async def post(outward: Outward, url: str, headers: Mapping[str, str], body: bytes) -> AsyncGenerator[bytes]:
    """Send `body`; the answer's bytes as they come, never one that is empty.

    Raises ProviderUnavailable, ProviderRefused, AnswerUnusable, of which Rejected is one.
    """
    taken = 0
    try:
        async with outward.session(url).post(
            # As it is: what is signed may not be written in another way.
            URL(url, encoded=True),
            data=body,
            headers={"Accept-Encoding": "identity", **headers},
            allow_redirects=False,
        ) as response:
            if response.status in _REJECTED:
                raise Rejected(response.status, await _beginning(response))
            check_status(response.status, response.headers.get("Retry-After"))
            async for chunk in response.content.iter_any():
                taken += len(chunk)
                if taken > _MOST_BYTES:
                    raise AnswerUnusable(f"an answer of more than {_MOST_BYTES} bytes")
                yield chunk
    except AddressRefused as error:
        raise ProviderRefused(f"its address {error}") from None
    except (ClientError, TimeoutError) as error:
        # Its message may name the address, and an address may hold a key.
        raise ProviderUnavailable(type(error).__name__) from error


async def _beginning(response: ClientResponse) -> bytes:
    taken = b""
    async for chunk in response.content.iter_any():
        taken += chunk
        if len(taken) >= _MOST_REASON_BYTES:
            break
    return taken[:_MOST_REASON_BYTES]
