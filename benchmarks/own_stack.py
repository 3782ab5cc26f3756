"""A stack of our own for a benchmark: on a state folder of its own, started and stopped as `make dev` and ctrl-C do."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_LAST_LINE: Final = "ctrl-C stops everything"


@dataclass(frozen=True)
class OwnStack:
    """A running stack. ready_s: from the start of the process until it said that all is there."""

    state: Path
    ready_s: float

    def port(self, name: str) -> int:
        """Where a child listens."""
        children: list[dict[str, Any]] = json.loads((self.state / "dev" / "run.json").read_bytes())["children"]
        return next(int(child["port"]) for child in children if child["name"] == name)


@contextmanager
def own_stack(state: Path, *words: str, environ: Mapping[str, str] | None = None) -> Generator[OwnStack]:
    """Run it while the block runs. `words`: further arguments of `up`; `environ`: in addition to what is clean."""
    began = time.monotonic()
    with (state.parent / "up.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sightglass_embedded", "up", "--state", str(state), *words],
            env={**clean_environment(), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        if not any(line.strip() == _LAST_LINE for line in process.stdout or ()):
            raise RuntimeError(f"the stack ended before it was ready; see {log.name}")
        yield OwnStack(state, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def clean_environment() -> dict[str, str]:
    """Ours without what would point a stack at something else."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SIGHTGLASS_", "AWS_"))}


def until(condition: Callable[[], bool], what: str, *, within_s: float = 60.0) -> float:
    """Ask each 10 ms; seconds until it was so. Raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"waited {within_s:g} s in vain: {what}")
        time.sleep(0.01)
    return time.monotonic() - began
