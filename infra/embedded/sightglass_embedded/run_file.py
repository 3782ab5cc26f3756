"""run.json: which processes belong to a state folder, so that a next start can end those that were left."""

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast

from sightglass_embedded.private_file import replace_private

_PATIENCE_S: Final = 5.0


@dataclass(frozen=True)
class ChildRecord:
    """A child as it ran. `started` is what tells its pid from the same number used again later."""

    name: str
    pid: int
    port: int
    started: str

    @classmethod
    def of(cls, name: str, pid: int, port: int) -> "ChildRecord":
        """The record of a process that runs now."""
        return cls(name=name, pid=pid, port=port, started=started(pid) or "")

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return self.started != "" and started(self.pid) == self.started


class RunFile:
    """The file at `path`: `{"pid", "started", "children": [{"name", "pid", "port", "started"}]}`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, children: Iterable[ChildRecord]) -> None:
        """Replace it in one step, as of now."""
        own = ChildRecord.of("sightglass", os.getpid(), 0)
        content = {"pid": own.pid, "started": own.started, "children": [asdict(child) for child in children]}
        replace_private(self._path, json.dumps(content).encode())

    def children(self) -> list[ChildRecord]:
        """The children it names, running or not. Empty if there is none, or if a crash damaged it."""
        try:
            content = cast("dict[str, Any]", json.loads(self._path.read_bytes()))
            return [ChildRecord(**record) for record in content["children"]]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return []

    def end_leftovers(self) -> list[str]:
        """End the children that an earlier supervisor left; their names. Blocks up to 5 s.

        SIGINT first: it is Postgres's fast shutdown, and ends the others as well.
        """
        left = [child for child in self.children() if child.lives()]
        for number in (signal.SIGINT, signal.SIGKILL):
            for child in left:
                if child.lives():
                    with suppress(ProcessLookupError):  # it ended in this moment
                        os.kill(child.pid, number)
            deadline = time.monotonic() + _PATIENCE_S
            while any(child.lives() for child in left) and time.monotonic() < deadline:
                time.sleep(0.02)
        return [child.name for child in left]


def started(pid: int) -> str | None:
    """When a process started, as a text that no other process of this machine shares with it.

    None if it does not run, or where there is no /proc.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold spaces and parentheses
    return None if fields[0] in {"Z", "X"} else f"{boot}/{fields[19]}"
