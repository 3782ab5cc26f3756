"""Room on the worker's disk for the objects under way: taken before it is used, and given back when we are gone."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sightglass_common.errors import OutOfDisk


@contextmanager
def scratch_file(folder: Path, size_bytes: int, *, reserve_bytes: int) -> Generator[int]:
    """A descriptor of an unnamed file of `size_bytes`; closed, and so gone, on leaving.

    folder: where it lies; made if it is not there.
    reserve_bytes: what must stay free on that disk for others.

    The file has no name, so nothing is left when the process ends, not even after `kill -9`. Its blocks are
    allocated at once, so the disk itself keeps count of what all workers on it have taken.
    Raises OutOfDisk when there is no room.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(folder).free - reserve_bytes
        if size_bytes > free:
            raise OutOfDisk(f"{size_bytes} bytes are needed, and {max(free, 0)} are free.")
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed below, outside of this try
    except OSError as error:
        raise OutOfDisk(f"No file can be made: {error.strerror}.") from error
    with file:
        _allocate(file.fileno(), size_bytes)
        yield file.fileno()


def _allocate(descriptor: int, size_bytes: int) -> None:
    if not size_bytes:
        return
    try:
        os.posix_fallocate(descriptor, 0, size_bytes)
    except OSError as error:
        raise OutOfDisk(f"{size_bytes} bytes cannot be allocated: {error.strerror}.") from error
