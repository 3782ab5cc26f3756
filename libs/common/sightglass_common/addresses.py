"""Which addresses that a tenant has given may be called: none that leads into our own network."""

import asyncio
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

HOSTS_SETTING: Final = (
    "Hosts, each with its port, parted by commas, that providers of models may have though they are not public, or "
    "speak without TLS: `models.example.com:11434`."
)
# IPv4 in IPv6: what is behind them is another address than the one that is written.
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_RESOLVE_S: Final = 5.0


class AddressRefused(ValueError):
    """The address is none that may be called; says why, for whoever set it."""


def hosts_of(setting: str) -> frozenset[str]:
    """The hosts that a setting names, each with its port."""
    return frozenset(host.strip().lower() for host in setting.split(",") if host.strip())


def is_public(address: str) -> bool:
    """Whether an IP address is one that everybody can reach, and leads to no other."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (ip, *_inner(ip)))


def _inner(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(ip, IPv4Address):
        return []
    found = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if any(ip in network for network in _NAT64):
        found.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    return [one for one in found if one is not None]


def host_of(url: str, allowed: Collection[str]) -> str:
    """The host with its port. allowed: hosts that need be neither public nor asked by TLS. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("is no address") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise AddressRefused("begins with neither https:// nor http://")
    if "@" in parts.netloc or parts.query or parts.fragment or "\\" in url or not url.isprintable() or " " in url:
        raise AddressRefused("has more than a host, a port and a path")
    host = f"{parts.hostname.lower()}:{port or (443 if parts.scheme == 'https' else 80)}"
    if host not in allowed and (parts.scheme != "https" or not host.endswith(":443")):
        raise AddressRefused("is neither https on port 443 nor among the hosts that this platform names")
    return host


async def check_reachable(url: str, allowed: Collection[str]) -> None:
    """See that a name leads to public addresses alone, unless its host is allowed. Raises AddressRefused."""
    host = host_of(url, allowed)
    if host in allowed:
        return
    name, _, port = host.rpartition(":")
    try:
        async with asyncio.timeout(_RESOLVE_S):
            found = await asyncio.get_running_loop().getaddrinfo(name, int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("has a host that is not found") from error
    if not all(is_public(str(sockaddr[0])) for *_, sockaddr in found):
        raise AddressRefused("leads to an address that is not public")
