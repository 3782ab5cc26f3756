"""Which ports are chosen."""

import socket
import subprocess
import sys

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


def test_two_processes_choose_none_that_the_other_has_chosen_though_nobody_listens_there() -> None:
    ours = free_ports(3)
    program = f"from sightglass_embedded.ports import free_ports; print(*free_ports(3, preferred={ours}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(ours) & set(map(int, done.stdout.split()))


def test_a_port_that_was_chosen_before_is_preferred_again_and_never_chosen_twice() -> None:
    (ours,) = free_ports(1)
    assert free_ports(1, preferred=[ours]) == [ours]
    assert ours not in free_ports(100)
