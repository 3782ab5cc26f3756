"""The ports that a stack keeps."""

import socket
from pathlib import Path

from sightglass_embedded.ports import LOOPBACK
from sightglass_embedded.state_ports import ports_for

NAMES = ("api", "worker", "postgres")


def test_a_second_start_gets_the_same_ports(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    assert ports_for(NAMES, path) == ports_for(NAMES, path)


def test_only_the_child_whose_port_was_taken_gets_another(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    before = ports_for(NAMES, path)
    with socket.create_server((LOOPBACK, before["worker"])):
        after = ports_for(NAMES, path)
    assert after["worker"] != before["worker"]
    assert (after["api"], after["postgres"]) == (before["api"], before["postgres"])


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    path.write_text('{"api": ')
    assert len(set(ports_for(NAMES, path).values())) == 3
    assert ports_for(NAMES, path) == ports_for(NAMES, path)
