"""How far a run is: a bar on the terminal that shows errors."""

import sys
import time
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 0.1
_PATH: Final = 40
_WIDTH: Final = 24


class Progress:
    """A bar that is written over while files are read, and lines that stay. quiet: neither.

    total: counts the bytes that are to be read; asked once, and only where there is a terminal.
    """

    def __init__(self, total: Callable[[], int], *, quiet: bool) -> None:
        self._quiet = quiet
        self._draws = not quiet and sys.stderr.isatty()
        self._total = total() if self._draws else 0
        self._done = 0
        self._next = 0.0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()

    def read(self, size_bytes: int, path: str, found: int) -> None:
        """Count a file, and show it, ten times a second at most. found: findings so far."""
        self._done += size_bytes
        now = time.monotonic()
        if not self._draws or now < self._next:
            return
        self._next = now + _EVERY_S
        share = min(1.0, self._done / self._total) if self._total else 1.0
        bar = "#" * round(share * _WIDTH)
        shown = path if len(path) <= _PATH else f"...{path[3 - _PATH :]}"
        sys.stderr.write(f"\r\x1b[K[{bar:<{_WIDTH}}] {share:4.0%}  {found} findings  {shown}")
        sys.stderr.flush()

    def say(self, line: str) -> None:
        """Write a line that stays."""
        if not self._quiet:
            self.erase()
            sys.stderr.write(f"{line}\n")

    def erase(self) -> None:
        """Make room for another line."""
        if self._draws:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
