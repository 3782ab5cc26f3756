"""How long a start of the whole stack takes on a state folder that it knows, and what the stack costs when idle."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.figure import Figure, at_most
from benchmarks.own_stack import clean_environment, own_stack
from sightglass_client.processes import stacks

_STARTS: Final = 5
_HELPS: Final = 7


def figures() -> list[Figure]:
    """Medians of five starts after a first one, and of seven calls of `sightglass --help`."""
    load = [os.getloadavg()[0]]
    helps = [_help_s() for _ in range(_HELPS)]
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        runs = [_start(Path(folder) / "state") for _ in range(1 + _STARTS)]
    load.append(os.getloadavg()[0])
    first, *later = runs
    return [
        at_most("second start of the stack", median(run[0] for run in later), "s", 6.0),
        Figure("second start, the slowest of five", round(max(run[0] for run in later), 3), "s"),
        Figure("first start, makes and migrates the database", round(first[0], 3), "s"),
        Figure("a start and a stop of the stack", round(median(run[1] for run in later), 3), "CPU s"),
        Figure(
            "idle memory of the stack, as `sightglass doctor` counts", round(median(run[2] for run in later)), "MiB"
        ),
        at_most("sightglass --help", median(helps), "s", 0.5),
        Figure("load of the machine meanwhile (mean of 1 min)", round(max(load), 2), ""),
    ]


def _start(state: Path) -> tuple[float, float, float]:
    """Seconds until ready, CPU seconds of everything, memory in MiB."""
    before = _children_cpu_s()
    with own_stack(state) as stack:
        memory = sum(found.memory_bytes or 0 for found in stacks(state))
    return stack.ready_s, _children_cpu_s() - before, memory / 2**20


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _help_s() -> float:
    command = Path(sys.executable).with_name("sightglass")
    code = (
        "import subprocess, sys, time; began = time.monotonic(); "
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); print(time.monotonic() - began)"
    )
    timed = (sys.executable, "-I", "-c", code, str(command), "--help")
    done = subprocess.run(timed, env=clean_environment(), capture_output=True, check=True, text=True)
    return float(done.stdout)
