"""The ports of a stack: the same at each start, as long as they are free."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from sightglass_embedded.ports import free_ports
from sightglass_embedded.private_file import replace_private


def ports_for(names: Sequence[str], path: Path) -> dict[str, int]:
    """A free port for each name: the one that `path` remembers, else another, which it remembers then."""
    before = _remembered(path)
    wanted = [before[name] for name in names if name in before]
    free = free_ports(len(names), preferred=wanted)
    kept = {name: before[name] for name in names if before.get(name) in free}
    fresh = (port for port in free if port not in kept.values())
    ports = {name: kept.get(name) or next(fresh) for name in names}
    if ports != before:
        replace_private(path, json.dumps(ports).encode())
    return ports


def _remembered(path: Path) -> dict[str, int]:
    try:
        content = cast("dict[str, Any]", json.loads(path.read_bytes()))
        ports = {str(name): int(port) for name, port in content.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}  # damaged: other ports do as well
    return ports if len(set(ports.values())) == len(ports) else {}
