"""Where the lines that a child prints go: its log file, and the terminal with its name in front."""

import os
from collections import deque
from pathlib import Path
from typing import Final, Protocol, TextIO

_COLOURS: Final = ("36", "33", "35", "32", "34", "31")  # cyan, yellow, magenta, green, blue, red
_LOG_LIMIT_BYTES: Final = 10_000_000  # then the log moves to <name>.log.1, so a log takes twice this at most


def near(path: Path) -> str:
    """A path as a person wants to read it: relative to where we are, if it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


class Sink(Protocol):
    """Takes the lines of one child, without their line ends."""

    def line(self, text: str) -> None:
        """Take one line."""
        ...


class LogFile:
    """The log file of a child, mode 0600. Remembers its last lines, for the message when the child fails.

    A full disk must not end the child that logs: the line is then kept in memory only, and counted.
    """

    def __init__(self, path: Path, *, remembered: int = 20) -> None:
        self.path = path
        self.lost = 0
        self._tail: deque[str] = deque(maxlen=remembered)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def line(self, text: str) -> None:
        """Append a line, and move a log that has grown too long aside."""
        self._tail.append(text)
        try:
            if self._append(text) > _LOG_LIMIT_BYTES:
                self.path.replace(self.path.with_suffix(".log.1"))
        except OSError as error:
            self.lost += 1
            self._tail.append(f"[{self.path.name} cannot be written: {error.strerror}]")

    def tail(self) -> str:
        """The last lines, for a person to read."""
        return "\n".join(self._tail)

    def _append(self, text: str) -> int:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as file:
            file.write(text + "\n")
            return file.tell()


class Terminal:
    """A stream shared by all children. Each line starts with its child's name, coloured on a terminal only."""

    def __init__(self, stream: TextIO, *, colour: bool | None = None) -> None:
        self._stream = stream
        self._colour = stream.isatty() if colour is None else colour
        self._names: list[str] = []

    def line(self, name: str, text: str) -> None:
        """Print a line of the child called `name`."""
        if name not in self._names:
            self._names.append(name)
        label = f"{name:<10} |"
        if self._colour:
            label = f"\x1b[{_COLOURS[self._names.index(name) % len(_COLOURS)]}m{label}\x1b[0m"
        print(label, text, file=self._stream, flush=True)  # printing is what this class is for


class Tee:
    """A child's lines in its log file and, if there is one, on the terminal."""

    def __init__(self, name: str, log: LogFile, terminal: Terminal | None) -> None:
        self._name = name
        self.log = log
        self._terminal = terminal

    def line(self, text: str) -> None:
        """Take one line."""
        self.log.line(text)
        if self._terminal is not None:
            self._terminal.line(self._name, text)
