"""Speed and quality of libs/detect over 100 MB of logs, CSV, JSON lines, prose and source, from one run."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from benchmarks.detect_corpus import PARTS, Part, corpus
from benchmarks.detect_peers import KINGFISHER
from benchmarks.figure import Figure, at_least, at_most

_HERE: Final = Path(__file__).parent
_MEGABYTES: Final = 100.0
_TURNS: Final = 3


def figures() -> list[Figure]:
    """Medians of three runs in a process each, CPU seconds of the scan alone; quality from the first run."""
    parts = corpus(_MEGABYTES)
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as name:
        folder = Path(name)
        for part in parts:
            (folder / part.kind).write_bytes(part.data)
        full = [_run(folder, "full") for _ in range(_TURNS)]
        credentials = [_run(folder, "credentials") for _ in range(_TURNS)]
        peers = _peers(folder)
    return [
        at_least("full scan, a core", _speed(full), "MB/s", 150),
        *(Figure(f"  {kind}", round(_speed(full, kind), 1), "MB/s") for kind in PARTS),
        at_least("credentials only, a core", _speed(credentials), "MB/s", 800),
        *_quality(parts, full[0]["found"]),
        at_most("an engine from cached databases to the first finding", full[1]["start_s"], "CPU s", 0.5),
        *peers,
    ]


def _run(folder: Path, what: str, module: str = "benchmarks.detect_runs") -> dict[str, Any]:
    command = [sys.executable, "-m", module, str(folder), what]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=_HERE.parent)
    return json.loads(done.stdout.splitlines()[-1])


def _speed(runs: list[dict[str, Any]], kind: str = "") -> float:
    """Of the median run, in MB a CPU second; of a part, or of all."""
    speeds: list[float] = []
    for run in runs:
        parts = [run["parts"][kind]] if kind else list(run["parts"].values())
        speeds.append(sum(part["bytes"] for part in parts) / sum(part["cpu_s"] for part in parts) / 1e6)
    return sorted(speeds)[len(speeds) // 2]


def _quality(parts: list[Part], found: dict[str, list[tuple[str, int, int]]]) -> list[Figure]:
    """To the byte, over the parts of which all is known; what is found in source beside it is only counted."""
    right, told, seeded = Counter[str](), Counter[str](), Counter[str]()
    for part in parts:
        truth = {(s.detector, s.start, s.end) for s in part.seeded}
        own = {(detector, start, end) for detector, start, end in found[part.kind]}
        if part.seeded:
            seeded.update(detector for detector, _, _ in truth)
            told.update(detector for detector, _, _ in own)
            right.update(detector for detector, _, _ in truth & own)
    each = [_f1(f"  {kind}", right[kind], told[kind], seeded[kind]) for kind in sorted(seeded)]
    others = told.total() - sum(told[kind] for kind in seeded)
    all_of_them = _f1("F1, values of 17 kinds, to the byte", right.total(), told.total(), seeded.total())
    must = Figure(all_of_them.figure, all_of_them.value, "F1", must="value >= 0.98", holds=all_of_them.value >= 0.98)
    rest = len(found["source"])
    return [must, *each, Figure("  findings of other kinds", others, ""), Figure("  findings in source", rest, "")]


def _f1(name: str, right: int, told: int, seeded: int) -> Figure:
    shown = f"{name} (of {seeded} told {right}, and {told - right} more)"
    return Figure(shown, round(2 * right / (told + seeded), 3) if told + seeded else 0.0, "F1")


def _peers(folder: Path) -> list[Figure]:
    """Of the same minutes: what others take for the same parts, or the beginnings of these."""
    figures: list[Figure] = []
    if shutil.which("rg") is not None:
        for what, name in (("ripgrep-credentials", "the credentials' patterns"), ("ripgrep", "all patterns")):
            runs = [_run(folder, what, "benchmarks.detect_peers") for _ in range(_TURNS)]
            counted = f"{runs[0]['patterns']} of {runs[0]['patterns'] + runs[0]['left_out']}, a sample, matches counted"
            figures.append(Figure(f"ripgrep, {name} ({counted})", round(_speed(runs), 2), "MB/s"))
    if KINGFISHER.exists():
        runs = [_run(folder, "kingfisher", "benchmarks.detect_peers") for _ in range(_TURNS)]
        figures.append(Figure("kingfisher, its own rules for credentials", round(_speed(runs), 1), "MB/s"))
    return figures
