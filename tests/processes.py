"""Processes and descriptors of the test session."""

import os
import select
import signal
from contextlib import suppress
from pathlib import Path

from sightglass_worker.decode.forking import FORKS


def children(pid: int | None = None) -> set[str]:
    """Process ids of a process' children, by default of ours, and those of the decoders, which the fork server has.

    A session may have more than those of one test. The server itself is none: it stays.
    """
    if pid is None:
        decoders = children(FORKS.pid) if FORKS.pid else set[str]()
        return children(os.getpid()) - {str(FORKS.pid)} | decoders
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def open_descriptors() -> int:
    """How many descriptors this process has open. Those of the fork server, which stays, are among them each time."""
    FORKS._started()
    return len(list(Path("/proc/self/fd").iterdir()))


def over(watched: int) -> bool:
    """Whether a process, given by a descriptor of it, ends; waits for that, and gives the descriptor up."""
    try:
        return select.select([watched], [], [], 30)[0] == [watched]
    finally:
        with suppress(ProcessLookupError):  # as it should be
            signal.pidfd_send_signal(watched, signal.SIGKILL)
        os.close(watched)
