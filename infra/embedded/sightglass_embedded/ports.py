"""Choice of free TCP ports on the loopback address."""

import atexit
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
# The ports that were chosen here, each with a UDP socket of its number: no other stack chooses what has one, though
# nobody listens there yet, or for the moment. The kernel frees them with this process, however that ends.
_OURS: Final[dict[int, socket.socket]] = {}


@atexit.register
def _give_up() -> None:
    while _OURS:
        _OURS.popitem()[1].close()


class NoFreePort(RuntimeError):
    """All ports of the range are taken."""


def free_ports(count: int, *, preferred: Collection[int] = ()) -> list[int]:
    """Find `count` different ports that can be bound now, the `preferred` ones first, in their order.

    They are this process's until it ends: another that chooses ports here gets others. A program of another kind may
    still take one before its child does: the child then says so when it binds. Raises NoFreePort.
    """
    with ExitStack() as held:
        ports = list(islice((port for port in _candidates(preferred) if _bound(port, held)), count))
    if len(ports) < count:
        raise NoFreePort(f"No {count} free ports from {_LOWEST} to {_HIGHEST} on {LOOPBACK}.")
    return ports


def _candidates(preferred: Collection[int]) -> Iterator[int]:
    yield from (port for port in preferred if port in _OURS or _claimed(port))
    yield from (port for port in random.sample(range(_LOWEST, _HIGHEST + 1), _HIGHEST - _LOWEST + 1) if _claimed(port))


def _claimed(port: int) -> bool:
    """Whether the port is nobody's, and ours from now on."""
    if port in _OURS:
        return False
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind((LOOPBACK, port))
    except OSError:
        claim.close()
        return False
    _OURS[port] = claim
    return True


def _bound(port: int, held: ExitStack) -> bool:
    candidate = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ports in TIME_WAIT are free
    try:
        candidate.bind((LOOPBACK, port))
    except OSError:
        _OURS.pop(port).close()
        return False
    return True
