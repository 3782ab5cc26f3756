"""The file that is uploaded: what it was when the upload began, and pieces of it to send."""

import io
import mimetypes
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sightglass_client.errors import SourceChanged, SourceUnreadable

# What Python's table lacks on some systems.
_TYPES = {
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".ts": "video/mp2t",
    ".mts": "video/mp2t",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/x-ndjson",
}
_OTHER = "application/octet-stream"


@dataclass(frozen=True)
class Source:
    """A regular file as it is now. `mtime_ns`, size and inode tell it from what it may become."""

    path: Path
    size_bytes: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Source":
        """Look at a file. Raises SourceUnreadable unless it is a file that can be read."""
        try:
            real = path.resolve(strict=True)
            found = real.stat()
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
            raise SourceUnreadable(f"{path} cannot be uploaded.", detail=_why(error)) from error
        if not stat.S_ISREG(found.st_mode):
            raise SourceUnreadable(f"{path} cannot be uploaded.", detail="It is not a file.")
        if not os.access(real, os.R_OK):
            raise SourceUnreadable(f"{path} cannot be uploaded.", detail="It may not be read.")
        return cls(real, found.st_size, found.st_mtime_ns, found.st_ino)

    @property
    def content_type(self) -> str:
        """As its name says."""
        suffix = self.path.suffix.lower()
        return _TYPES.get(suffix) or mimetypes.guess_type(self.path.name)[0] or _OTHER

    @property
    def filename(self) -> str:
        """Its name, without what UTF-8 cannot carry."""
        return self.path.name.encode("utf-8", "replace").decode("utf-8")

    def check_unchanged(self) -> None:
        """Raises SourceChanged if the file is not what it was."""
        try:
            now = Source.of(self.path)
        except SourceUnreadable as error:
            raise self.changed() from error
        if now != self:
            raise self.changed()

    def changed(self) -> SourceChanged:
        """The error that says so."""
        return SourceChanged(
            f"{self.path} changed while it was uploaded.",
            detail="Nothing was started.",
            hint="Upload it again when it is complete.",
        )


class Piece(io.RawIOBase):
    """A range of a file, read through a handle of its own; it streams, so its size does not matter.

    moved: told how many bytes were read, before they are sent; it may raise to stop. A piece that is sought back
    takes back what it told.
    """

    def __init__(self, source: Source, offset: int, size: int, moved: Callable[[int], None]) -> None:
        super().__init__()
        self._source = source
        self._offset, self._size = offset, size
        self._moved = moved
        self._at = 0
        self._told = 0
        self._file = source.path.open("rb", buffering=0)
        self._file.seek(offset)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is: an HTTP library learns the size by seeking."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place of the range."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = min(max(0, base + offset), self._size)
        self._file.seek(self._offset + self._at)
        return self._at

    def tell(self) -> int:
        """The place in the range."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises SourceChanged if the file has become shorter."""
        left = self._size - self._at
        wanted = left if size < 0 else min(size, left)
        data = self._file.read(wanted) if wanted else b""
        if wanted and not data:
            raise self._source.changed()
        self._at += len(data)
        self._tell(self._at - self._told)
        return data

    def take_back(self) -> None:
        """Tell that what was read has not arrived."""
        self._tell(-self._told)

    def close(self) -> None:
        """Close the handle."""
        self._file.close()
        super().close()

    def _tell(self, bytes_moved: int) -> None:
        self._told += bytes_moved
        if bytes_moved:
            self._moved(bytes_moved)


def _why(error: OSError | RuntimeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
