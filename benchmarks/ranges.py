"""What it costs to analyse a long film in ranges, beside one run over the whole; and if it finds the same."""

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TypedDict, cast

from benchmarks.figure import Figure, at_most, median_ratio_at_most, ratio_at_most
from benchmarks.scenes_films import SAMPLES, full_hd, repeated
from benchmarks.sharing import turns

_ROOT = Path(__file__).parent.parent
_RANGE_S = 300
_HOWS = ("ranged", "serial")
_ROUNDS = 2


class Run(TypedDict):
    """What range_runs.py prints."""

    cpu_s: float
    rss_mib: float
    ranges: int
    found: str


def figures() -> list[Figure]:
    """Measure; takes half an hour of CPU."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as name:
        folder = Path(name)
        large = repeated(full_hd(folder / "once.mp4"), 15, folder / "large.mp4")
        small = repeated(SAMPLES / "bikes.mp4", 180, folder / "small.mp4")
        return [
            *_cost("10 min of 1080p in ranges of 5 min", large),
            *_cost("30 min of 640x272 in ranges of 5 min", small),
            *_memory(folder),
        ]


def _run(film: Path, how: str, range_s: int = _RANGE_S) -> Run:
    command = [sys.executable, "-m", "benchmarks.range_runs", how, str(film), str(range_s)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=_ROOT)
    return cast("Run", json.loads(done.stdout.splitlines()[-1]))


def _cost(name: str, film: Path) -> list[Figure]:
    runs = turns(_HOWS, partial(_run, film), _ROUNDS)
    found = {run["found"] for turn in runs for run in turn.values()}
    both = [(turn["ranged"]["cpu_s"], turn["serial"]["cpu_s"]) for turn in runs]
    return [
        median_ratio_at_most(f"{name}, beside serial", both, "CPU s", 1.03),
        at_most(f"{name}: results that differ", len(found) - 1, "runs", 0),
    ]


def _memory(folder: Path) -> list[Figure]:
    bikes = SAMPLES / "bikes.mp4"
    minute, hour = (_run(repeated(bikes, times, folder / f"{times}.mp4"), "ranged") for times in (6, 360))
    return [ratio_at_most("memory on a film of 60 min beside 1 min", hour["rss_mib"], "MiB", minute["rss_mib"], 1.10)]
