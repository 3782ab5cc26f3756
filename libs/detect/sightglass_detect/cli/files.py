"""Files and folders on a disk: which are read, and what is found in each."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from sightglass_detect.cli.lines import Lines, Position
from sightglass_detect.finding import Finding
from sightglass_detect.redact import masked
from sightglass_detect.streams import StreamScanner

_PIECE_BYTES: Final = 1 << 20
# As git tells binary files from text: by a NUL among the first bytes.
_HEAD_BYTES: Final = 8000
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 and UTF-32 begin so
MAX_BYTES: Final = 1 << 30
# What version control keeps for itself.
_NEVER: Final = frozenset({".git", ".hg", ".svn"})


class Skip(StrEnum):
    """Why a file was not read."""

    ALLOWED = "on the allow list"
    BINARY = "binary"
    DENIED = "cannot be read"
    GONE = "no such file"
    LARGE = "too large"
    LINK = "symbolic link"
    SPECIAL = "no regular file"


@dataclass(frozen=True, slots=True)
class File:
    """A file. skip: why it is not read, if it is not."""

    path: str
    size_bytes: int = 0
    skip: Skip | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A finding in a file. start, end: of the value; columns count characters from 1. value: masked."""

    path: str
    finding: Finding
    start: Position
    end: Position
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files are read. exclude: shell patterns of paths and of names. max_bytes: the largest."""

    exclude: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES

    def leaves_out(self, path: str) -> bool:
        """Whether a path is not looked at, whatever lies there."""
        return any(fnmatchcase(path, pattern) or fnmatchcase(Path(path).name, pattern) for pattern in self.exclude)


def files(paths: Iterable[str], choice: Choice) -> Iterator[File]:
    """Each file, in order; those below a folder by their names.

    What was excluded does not come at all. Symbolic links are followed where they are named, not within a folder.
    """
    for path in paths:
        if choice.leaves_out(path):
            continue
        if Path(path).is_dir():
            yield from _below(path, choice)
        elif not os.path.lexists(path):
            yield File(path, skip=Skip.GONE)
        else:
            yield _judged(path, choice)


def _below(folder: str, choice: Choice) -> Iterator[File]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield File(folder, skip=Skip.DENIED)
        return
    for entry in entries:
        path = os.path.normpath(entry.path)
        if entry.name in _NEVER or choice.leaves_out(path):
            continue
        if entry.is_symlink():
            yield File(path, skip=Skip.LINK)
        elif entry.is_dir():
            yield from _below(path, choice)
        else:
            yield _judged(path, choice)


def _judged(path: str, choice: Choice) -> File:
    try:
        state = Path(path).stat()
    except OSError:
        return File(path, skip=Skip.DENIED)
    if not stat.S_ISREG(state.st_mode):
        return File(path, skip=Skip.SPECIAL)
    return File(path, state.st_size, Skip.LARGE if state.st_size > choice.max_bytes else None)


def findings_in(path: str, scanner: StreamScanner, shown: Mapping[str, int]) -> list[Place] | Skip:
    """What is found in a file, or why it is not read.

    Text in UTF-16 with its mark is read as UTF-8; offsets are into that. shown: of each detector, as `masked` takes it.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if b"\0" in head and not head.startswith(_WIDE):
                return Skip.BINARY
            file.seek(0)
            if head.startswith(_WIDE):
                return _told(path, scanner, shown, [file.read().decode("utf-16", "replace").encode()])
            return _told(path, scanner, shown, iter(lambda: file.read(_PIECE_BYTES), b""))
    except OSError:
        return Skip.DENIED


def _told(path: str, scanner: StreamScanner, shown: Mapping[str, int], pieces: Iterable[bytes]) -> list[Place]:
    lines = Lines()
    places: list[Place] = []

    def tell(findings: Iterable[Finding]) -> None:
        for found in findings:
            value = masked(lines.between(found.start, found.end).decode("utf-8", "replace"), shown[found.detector])
            places.append(Place(path, found, lines.position(found.start), lines.position(found.end), value))

    for piece in pieces:
        lines.add(piece)
        tell(scanner.feed(piece))
        lines.forget(scanner.told_to)
    tell(scanner.finish())
    return places
