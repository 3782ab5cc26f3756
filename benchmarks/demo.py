"""How long `make demo` takes on a fresh clone of this checkout's last commit, with cold caches and with warm ones."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.figure import Figure, at_most
from benchmarks.own_stack import clean_environment

_ROOT: Final = Path(__file__).parent.parent


def figures() -> list[Figure]:
    """One whole run each, the installation of everything included. The cold one reads from the package index."""
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="sightglass bench ") as name:  # a path with spaces
        folder = Path(name)
        cold_s, _ = _demo(folder, "cold")
        load.append(os.getloadavg()[0])
        warm_s, warm = _demo(folder, "warm")
    load.append(os.getloadavg()[0])
    return [
        at_most("make demo on a fresh clone, cold caches", cold_s, "s", 120.0),
        at_most("make demo on a fresh clone, warm package cache", warm_s, "s", 60.0),
        *(Figure(f"make demo, warm: {step}", seconds, "s") for step, seconds in warm["seconds"].items()),
        Figure("load of the machine meanwhile (mean of 1 min)", round(max(load), 2), ""),
    ]


def _demo(folder: Path, name: str) -> tuple[float, dict[str, Any]]:
    """Seconds of `make demo` and its report; the first run in `folder` fills the caches that the second finds."""
    clone = folder / name
    subprocess.run(["git", "clone", "--quiet", str(_ROOT), str(clone)], check=True)
    caches = {"UV_CACHE_DIR": str(folder / "uv cache"), "PIP_CACHE_DIR": str(folder / "pip cache")}
    # What is on our path for Python may hold a uv, or be the environment that we run in.
    python = getattr(sys, "_base_executable", sys.executable)
    began = time.monotonic()
    done = subprocess.run(
        ["make", "demo", f"PYTHON={python}"],
        cwd=clone,
        env={**clean_environment(), **caches},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"make demo ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds, json.loads((clone / ".sightglass" / "demo.json").read_bytes())
