"""What it costs to turn segments into vectors."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TypedDict, cast

from benchmarks.figure import Figure, at_least, at_most, median_ratio_at_most

_ROOT = Path(__file__).parent.parent


class Run(TypedDict):
    """What embedding_runs.py prints."""

    load_s: float
    a_second: float
    a_cpu_s: float
    question_ms: float
    turns: list[tuple[float, float]]
    rss_mib: float


def figures() -> list[Figure]:
    """Measure. Takes a minute of CPU."""
    cores = min(2, len(os.sched_getaffinity(0)))
    one, all_of_them, eight_bits = _run(1), _run(cores), _run(cores, "int8")
    return [
        # Thirty a second on two cores.
        at_least(f"embedding, segments of 180 tokens, {cores} threads", all_of_them["a_cpu_s"], "a CPU s", 15),
        Figure("embedding, the same by the clock", round(all_of_them["a_second"], 3), "a second"),
        Figure("embedding, segments of 180 tokens, one thread", round(one["a_cpu_s"], 3), "a CPU s"),
        Figure("embedding, the same by the clock", round(one["a_second"], 3), "a second"),
        median_ratio_at_most("embedding beside onnxruntime alone", one["turns"], "CPU s", 1.05),
        at_most("embedding a question of ten tokens", one["question_ms"], "CPU ms", 10),
        at_most("embedding, memory of the process", max(one["rss_mib"], all_of_them["rss_mib"]), "MiB", 350),
        Figure("embedding in int8, segments of 180 tokens", round(eight_bits["a_cpu_s"], 3), "a CPU s"),
        Figure("embedding in int8, a question of ten tokens", round(eight_bits["question_ms"], 3), "CPU ms"),
        at_most("embedding in int8, memory of the process", eight_bits["rss_mib"], "MiB", 350),
        Figure("embedding, checking and loading the model", round(one["load_s"], 3), "CPU s"),
    ]


def _run(threads: int, precision: str = "fp32") -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.embedding_runs", str(threads), precision],
        capture_output=True,
        check=True,
        text=True,
        cwd=_ROOT,
    )
    return cast("Run", json.loads(done.stdout.splitlines()[-1]))
