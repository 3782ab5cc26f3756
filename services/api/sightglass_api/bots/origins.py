"""Origins of pages, in the one form in which browsers send them."""

import re
from typing import Final

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN: Final = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*)(?::([0-9]{{1,5}}))?")
# Nobody stands between a browser and its own machine.
_OWN_MACHINE: Final = frozenset({"localhost", "127.0.0.1"})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


def as_origins(given: list[str]) -> list[str]:
    """Origins in their order of letters, each once. Raises ValueError for what no page has for its origin.

    They are https; of the caller's own machine http as well. Names of other alphabets are given as `xn--`.
    """
    return sorted({_origin(one) for one in given})


def _origin(given: str) -> str:
    found = _ORIGIN.fullmatch(given.lower())
    if found is None or len(found[2]) > 253:
        raise ValueError(f"{given[:100]!r} is no origin: it is https, a host and maybe a port, without a path")
    scheme, host, port = found[1], found[2], int(found[3] or _DEFAULT_PORTS[found[1]])
    if scheme == "http" and host not in _OWN_MACHINE:
        raise ValueError(f"{given[:100]!r} is not https")
    if not 0 < port < 65536:
        raise ValueError(f"{given[:100]!r} has no port that there is")
    return f"{scheme}://{host}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")
