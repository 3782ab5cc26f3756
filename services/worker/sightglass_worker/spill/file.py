"""What a long film shows in all, kept out of memory: in files without a name, from 128 KiB on."""

import tempfile
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from sightglass_common.errors import OutOfDisk

_HELD_BYTES: Final = 128 * 1024


class Spill:
    """Bytes that are written one after the other and read again. Gone with the process, or with the last reference.

    folder: where what is over 128 KiB lies; made if it is not there. Raises OutOfDisk.
    """

    def __init__(self, folder: Path) -> None:
        with _disk_errors():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(_HELD_BYTES, dir=str(folder)))  # noqa: SIM115 - below
        weakref.finalize(self, self._file.close)
        self.size_bytes = 0

    def append(self, data: bytes) -> int:
        """Write at the end; returns where that begins. Raises OutOfDisk."""
        start = self.size_bytes
        with _disk_errors():
            self._file.seek(start)
            self._file.write(data)
            self._file.flush()
        self.size_bytes += len(data)
        return start

    def read(self, start: int, size: int) -> bytes:
        """What was written there."""
        self._file.seek(start)
        return self._file.read(size)

    def rewound(self) -> IO[bytes]:
        """The file, at its beginning; not to be closed."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Give its room back; nothing can be written or read any more."""
        self._file.close()

    def clear(self) -> None:
        """Forget all of it."""
        self._file.seek(0)
        self._file.truncate()
        self.size_bytes = 0


class Spills:
    """The spills of one piece of work. On leaving after an error all are closed, else they go with who holds them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._all: list[Spill] = []

    def new(self) -> Spill:
        """One more. Raises OutOfDisk."""
        self._all.append(Spill(self._folder))
        return self._all[-1]

    def __enter__(self) -> "Spills":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is not None:
            for spill in self._all:
                spill.close()


@contextmanager
def _disk_errors() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise OutOfDisk(f"What was found cannot be kept: {error.strerror}.") from error
