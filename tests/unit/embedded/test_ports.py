"""Which ports are chosen."""

import socket

from sightglass_embedded.ports import LOOPBACK, free_ports


def test_ports_of_one_call_differ() -> None:
    assert len(set(free_ports(50))) == 50


def test_a_free_preferred_port_is_taken_and_a_busy_one_is_not() -> None:
    free, busy = free_ports(2)
    with socket.create_server((LOOPBACK, busy)):
        first, second = free_ports(2, preferred=[busy, free])
    assert first == free
    assert second not in {free, busy}


def test_ports_lie_below_those_of_outgoing_connections() -> None:
    assert all(1024 < port < 32768 for port in free_ports(20))
