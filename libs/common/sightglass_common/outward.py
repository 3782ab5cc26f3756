"""Calls to addresses that a tenant has given.

An address is checked when it is set, and each connection once more by the very address that its socket is made for: a
name that answers otherwise the second time gains nothing. Redirects are not followed by who calls, proxies not asked.
"""

import socket
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from sightglass_common.addresses import host_of, is_public

_CONNECT_S: Final = 5.0


class _NotPublic(OSError):
    """A connection was about to be made to an address of ours."""


class Outward:
    """Sessions for calls to others."""

    def __init__(self, guarded: ClientSession, free: ClientSession, allowed: Collection[str]) -> None:
        self._guarded = guarded
        self._free = free
        self._allowed = allowed

    def session(self, url: str) -> ClientSession:
        """What `url` may be called with. Raises AddressRefused."""
        return self._free if host_of(url, self._allowed) in self._allowed else self._guarded


@asynccontextmanager
async def open_outward(allowed: Collection[str] = ()) -> AsyncGenerator[Outward]:
    """Sessions without a time limit for the whole: who calls sets it. allowed: see `host_of`."""
    # Nothing of one tenant's call is left for another's, and a packed answer could unpack to any size.
    common: dict[str, Any] = {
        "timeout": ClientTimeout(total=None, connect=_CONNECT_S),
        "cookie_jar": DummyCookieJar(),
        "auto_decompress": False,
    }
    async with (
        ClientSession(connector=TCPConnector(socket_factory=_guarded_socket), **common) as guarded,
        ClientSession(**common) as free,
    ):
        yield Outward(guarded, free, allowed)


def _guarded_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket for this one address, of the form that `getaddrinfo` gives.

    Raises OSError for one of ours: the connection then fails.
    """
    family, kind, protocol, _, sockaddr = address
    if not is_public(str(sockaddr[0])):
        raise _NotPublic("not a public address")
    return socket.socket(family, kind, protocol)
