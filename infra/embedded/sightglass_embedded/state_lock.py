"""The lock that keeps two stacks from running on one state folder."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another process holds the lock. `pid` is 0 if it could not be read."""

    def __init__(self, folder: Path, pid: int) -> None:
        super().__init__(f"Sightglass already runs on {folder} (pid {pid}). Stop it first: ctrl-C, or `down`.")
        self.pid = pid


@contextmanager
def state_lock(folder: Path) -> Generator[None]:
    """Hold the lock of `folder` while the block runs; the kernel frees it should we be killed.

    Raises AlreadyRunning.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)  # not inherited by children (PEP 446)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(folder, _pid(os.read(descriptor, 32))) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def holder(folder: Path) -> int | None:
    """The pid of the process that holds the lock of `folder`; None if nobody does."""
    if not folder.is_dir():
        return None
    try:
        with state_lock(folder):
            return None
    except AlreadyRunning as error:
        return error.pid


def _pid(text: bytes) -> int:
    return int(text) if text.isdigit() else 0
