"""Choice of free TCP ports on the loopback address."""

import random
import socket
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Final

LOOPBACK: Final = "127.0.0.1"

# Below 32768, where Linux and IANA start to hand out ports for outgoing connections: a port chosen here
# is not taken by somebody's connection while its child restarts.
_LOWEST: Final = 20_000
_HIGHEST: Final = 31_999


class NoFreePort(RuntimeError):
    """All ports of the range are taken."""


def free_ports(count: int, *, preferred: Collection[int] = ()) -> list[int]:
    """Find `count` different ports that can be bound now, the `preferred` ones first, in their order.

    All are held until the last is found, so no two are alike. Another program may still take one before
    its child does: the child then says so when it binds. Raises NoFreePort.
    """
    with ExitStack() as held:
        ports = list(islice((port for port in _candidates(preferred) if _bound(port, held)), count))
    if len(ports) < count:
        raise NoFreePort(f"No {count} free ports from {_LOWEST} to {_HIGHEST} on {LOOPBACK}.")
    return ports


def _candidates(preferred: Collection[int]) -> Iterator[int]:
    yield from preferred
    yield from random.sample(range(_LOWEST, _HIGHEST + 1), _HIGHEST - _LOWEST + 1)


def _bound(port: int, held: ExitStack) -> bool:
    candidate = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ports in TIME_WAIT are free
    try:
        candidate.bind((LOOPBACK, port))
    except OSError:
        candidate.close()
        return False
    return True
