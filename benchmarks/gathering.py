"""What a film of six hours takes when all that was found in it is put together, beside a film of one minute."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TypedDict, cast

from benchmarks.figure import Figure, at_most, ratio_at_most

_ROOT = Path(__file__).parent.parent
_A_MINUTE = 6  # times ten seconds
_HOURS = 6


class Run(TypedDict):
    """What gathering_runs.py prints."""

    rss_mib: float
    cpu_s: float
    tracks: int
    uploaded_mb: float


def figures() -> list[Figure]:
    """Measure; takes half a minute."""
    minute, hours = _run(_A_MINUTE), _run(_A_MINUTE * 60 * _HOURS)
    return [
        ratio_at_most("memory, 6 h with 12,960 scenes", hours["rss_mib"], "MiB", minute["rss_mib"], 1.10),
        at_most("CPU, the same", hours["cpu_s"], "CPU s", 60),
        Figure("tracks", hours["tracks"], ""),
        Figure("files", hours["uploaded_mb"], "MB"),
    ]


def _run(times: int) -> Run:
    command = [sys.executable, "-m", "benchmarks.gathering_runs", str(times)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=_ROOT)
    return cast("Run", json.loads(done.stdout.splitlines()[-1]))
