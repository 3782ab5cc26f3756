"""What files that were made or damaged to do harm cost a scanner: memory, crashes, and whether each has an outcome."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TypedDict, cast

from benchmarks.figure import Figure, at_least, at_most

_ROOT = Path(__file__).parent.parent


class Run(TypedDict):
    """What hostile_runs.py prints. reported: files of which findings, or a reason why not, are known."""

    files: int
    reported: int
    crashed: int
    peak_mib: float
    slowest_s: float
    slowest: str


def figures() -> list[Figure]:
    """Measure; takes two minutes."""
    command = [sys.executable, "-m", "benchmarks.hostile_runs"]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=_ROOT)
    run = cast("Run", json.loads(done.stdout.splitlines()[-1]))
    return [
        at_least("hostile files", run["files"], "files", 200),
        at_least("of these with an outcome", run["reported"], "files", run["files"]),
        at_most("of these at which a reader ended by a signal", run["crashed"], "files", 0),
        at_most("memory of a scanner and its readers, the most", run["peak_mib"], "MiB", 512),
        Figure(f"the slowest: {run['slowest']}", run["slowest_s"], "s"),
    ]
