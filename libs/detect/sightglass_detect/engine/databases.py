"""Hyperscan databases: compiled once, kept on disk, loaded in a moment."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import cast

import hyperscan


class Database:
    """Expressions that are looked for in one pass. Any number of threads may look at a time."""

    def __init__(self, expressions: Sequence[str], folder: Path) -> None:
        """Compile them, unless they are in `folder`, and keep them there: what is there is loaded at the first look.

        Raises hyperscan.error for what cannot be compiled.
        """
        self._expressions = expressions
        self._folder = folder
        self._own = threading.local()
        if not _file(expressions, folder).exists():
            self._db = _loaded(expressions, folder)

    @cached_property
    def _db(self) -> hyperscan.Database:
        return _loaded(self._expressions, self._folder)

    def hits(self, data: bytes | memoryview) -> list[tuple[int, int]]:
        """Number of the expression and end, for each match and each of its ends."""
        scratch = getattr(self._own, "scratch", None)
        if scratch is None:
            scratch = self._own.scratch = hyperscan.Scratch(self._db)
        found: list[tuple[int, int]] = []
        add = found.append

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((number, end))

        # It takes any buffer, though its types say otherwise.
        self._db.scan(cast("bytes", data), match_event_handler=hit, scratch=scratch)
        return found


def _loaded(expressions: Sequence[str], folder: Path) -> hyperscan.Database:
    file = _file(expressions, folder)
    with suppress(OSError, ValueError, hyperscan.error):
        return _read(file)
    db = _compiled(expressions)
    with suppress(OSError):
        _write(file, hyperscan.dumpb(db))
    return db


def _compiled(expressions: Sequence[str]) -> hyperscan.Database:
    db = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    db.compile(expressions=[e.encode() for e in expressions], ids=list(range(len(expressions))), flags=0)
    return db


def _file(expressions: Sequence[str], folder: Path) -> Path:
    key = hashlib.sha256("\0".join([_platform(), *expressions]).encode()).hexdigest()
    return folder / f"{key}.hsdb"


@cache
def _platform() -> str:
    """Hyperscan's own version and the features of this CPU: a database serves no other."""
    return str(_compiled(["a"]).info())


def _read(file: Path) -> hyperscan.Database:
    content = file.read_bytes()
    digest, dumped = content[:32], content[32:]
    if hashlib.sha256(dumped).digest() != digest:
        message = f"{file} is broken"
        raise ValueError(message)
    return hyperscan.loadb(dumped, mode=hyperscan.HS_MODE_BLOCK)


def _write(file: Path, dumped: bytes) -> None:
    """Put a file in its place as a whole, so that no one reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(hashlib.sha256(dumped).digest() + dumped)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def default_folder() -> Path:
    """`sightglass-detect` in the user's folder of caches, by the XDG base directories."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "sightglass-detect"


def refusal(expression: str) -> str | None:
    """Why Hyperscan does not take an expression; None when it does."""
    try:
        _compiled([expression])
    except hyperscan.error as error:
        return str(error)
    return None
