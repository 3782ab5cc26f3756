"""The embedded stack's processes and their memory, as Linux's /proc tells them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

PROC = Path("/proc")


@dataclass(frozen=True)
class StackProcess:
    """A process that run.json names. memory_bytes: with its children; None if it could not be read in full."""

    name: str
    pid: int
    port: int
    alive: bool
    memory_bytes: int | None


@dataclass(frozen=True)
class Stack:
    """The stack of one state folder. The supervisor comes first."""

    folder: Path
    processes: tuple[StackProcess, ...]

    @property
    def running(self) -> bool:
        """Whether its supervisor runs."""
        return bool(self.processes) and self.processes[0].alive

    @property
    def memory_bytes(self) -> int | None:
        """Memory of all its processes; None if one could not be read."""
        parts = [process.memory_bytes for process in self.processes if process.alive]
        return None if None in parts else sum(part for part in parts if part is not None)


def stacks(state: Path, proc: Path = PROC) -> list[Stack]:
    """The stacks whose run.json lies in a folder of `state`. A damaged run.json gives a stack without processes."""
    return [_stack(file, proc) for file in sorted(state.glob("*/run.json"))]


def _stack(file: Path, proc: Path) -> Stack:
    try:
        content = cast("dict[str, object]", json.loads(file.read_bytes()))
        records = [{**content, "name": "supervisor"}, *cast("list[dict[str, object]]", content.get("children", []))]
        named = [(str(r["name"]), int(str(r["pid"])), int(str(r.get("port") or 0)), r.get("started")) for r in records]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Stack(file.parent, ())
    children = _children(proc)
    counted: set[int] = set()
    processes: list[StackProcess] = []
    # The supervisor last: its tree holds the others, and each process is counted once.
    for name, pid, port, started in reversed(named):
        alive = _started(proc, pid) == started if isinstance(started, str) else (proc / str(pid)).exists()
        tree = [] if not alive else [each for each in _tree(pid, children) if each not in counted]
        counted.update(tree)
        processes.append(StackProcess(name, pid, port, alive, pss_bytes(tree, proc)))
    return Stack(file.parent, tuple(reversed(processes)))


def pss_bytes(pids: Iterable[int], proc: Path = PROC) -> int | None:
    """Proportional set size of some processes: shared pages count once over those that share them.

    None if one may not be read; one that has ended meanwhile counts nothing.
    """
    total = 0
    for pid in pids:
        try:
            rollup = (proc / str(pid) / "smaps_rollup").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue
        except OSError:
            return None
        total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def _children(proc: Path) -> Mapping[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in proc.glob("[0-9]*"):
        if fields := _stat(proc, int(folder.name)):
            children[int(fields[1])].append(int(folder.name))
    return children


def _tree(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    found, rest = [pid], [pid]
    while rest:
        below = children.get(rest.pop(), [])
        found += below
        rest += below
    return found


def _stat(proc: Path, pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; the name before it may hold anything."""
    try:
        fields = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields if len(fields) > 19 and fields[0] not in {"Z", "X"} else None


def _started(proc: Path, pid: int) -> str | None:
    """When a process started, as run.json writes it: a pid that was used again since then does not match."""
    fields = _stat(proc, pid)
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return f"{boot}/{fields[19]}" if fields else None
