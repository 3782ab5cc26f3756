"""Stops a stack that another process runs."""

import os
import signal
import time
from pathlib import Path
from typing import Final

from sightglass_embedded.run_file import RunFile
from sightglass_embedded.state_lock import holder, state_lock

_STOP_S: Final = 75.0  # services drain for 30 s, then the objects are copied


class StillRunning(RuntimeError):
    """The stack was asked to stop, and runs on."""


def stop_stack(folder: Path) -> str:
    """Stop the stack on `folder`, or end what a killed one left; says which. Raises StillRunning."""
    pid = holder(folder)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_S
        while holder(folder) == pid:
            if time.monotonic() > deadline:
                raise StillRunning(f"pid {pid} did not stop within {_STOP_S:.0f} s; see {folder / 'logs'}.")
            time.sleep(0.05)
        return f"stopped (pid {pid})"
    if not folder.is_dir():
        return "nothing runs"
    with state_lock(folder):
        left = RunFile(folder / "run.json").end_leftovers()
    return f"ended what was left: {', '.join(left)}" if left else "nothing runs"
