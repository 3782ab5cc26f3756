"""Where output goes: data to stdout, words to stderr; tables on a terminal, tab-separated lines elsewhere."""

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

_COLOURS: Final = {
    "ok": "green",
    "done": "green",
    "failed": "red",
    "partial": "yellow",
    "cancelled": "yellow",
    "running": "cyan",
}
# A tab stop, so that names and drawings are aligned in plain lines too.
_NAME_WIDTH: Final = 8


class Output:
    """The output of one run. as_json: data as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def document(self, content: object) -> None:
        """One JSON document. ASCII, so that any terminal, pipe and file name can carry it."""
        print(json.dumps(content, indent=2 if sys.stdout.isatty() else None))  # noqa: T201 - stdout is for data

    def line(self, content: object) -> None:
        """One line of a stream of JSON, sent on at once."""
        print(json.dumps(content), flush=True)  # noqa: T201 - stdout is for data

    def error_document(self, content: object) -> None:
        """One JSON document to stderr."""
        print(json.dumps(content), file=sys.stderr, flush=True)  # noqa: T201 - stderr is for words

    def note(self, text: str) -> None:
        """Words for a person."""
        lines = (printable(line) for line in text.split("\n"))
        print("\n".join(lines), file=sys.stderr, flush=True)  # noqa: T201 - stderr is for words

    def stream(self, text: str) -> None:
        """The next characters of a text, sent on at once; it may have several lines."""
        lines = (printable(line) for line in text.split("\n"))
        print("\n".join(lines), end="", flush=True)  # noqa: T201 - stdout is for data

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str = "") -> None:
        """A table. empty: what to say to a person if there are no rows."""
        cells = [[printable(cell) for cell in row] for row in rows]
        if not sys.stdout.isatty():
            _tab_separated([columns, *cells])
        elif cells:
            _rich_table(columns, cells)
        elif empty:
            self.note(empty)

    def facts(self, facts: Mapping[str, str]) -> None:
        """Names with their values. Empty values are left out."""
        rows = [(name, printable(value)) for name, value in facts.items() if value]
        if sys.stdout.isatty():
            _rich_table(None, rows)
        else:
            _tab_separated(rows)

    @property
    def ascii_only(self) -> bool:
        """Whether drawings must do with ASCII: there is no terminal, or it may not know more."""
        return not sys.stdout.isatty() or (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"

    @property
    def width(self) -> int | None:
        """How many characters a line of the terminal has; None where there is none."""
        return shutil.get_terminal_size().columns if sys.stdout.isatty() else None

    @property
    def columns(self) -> int:
        """How wide a drawing may be, beside its rows' names."""
        return shutil.get_terminal_size().columns - _NAME_WIDTH - 1

    def drawing(self, rows: Mapping[str, str], styles: Mapping[str, Mapping[str, str]]) -> None:
        """Rows of characters under one another. styles: by row, the colour of a character on a terminal."""
        if not sys.stdout.isatty():
            _tab_separated(rows.items())
            return
        from rich.console import Console  # noqa: PLC0415 - only when a drawing is shown
        from rich.text import Text  # noqa: PLC0415

        console = Console(highlight=False)
        for name, row in rows.items():
            text = Text(name.ljust(_NAME_WIDTH), no_wrap=True, overflow="crop")
            for style, chars in groupby(row, lambda char, of=styles[name]: of.get(char, "")):
                text.append("".join(chars), style=style)
            console.print(text)


def printable(text: str) -> str:
    """`text` without what could move a terminal's cursor, break a line, or not be encoded."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    encoding = sys.stdout.encoding or "utf-8"
    return shown.encode(encoding, "replace").decode(encoding)


def _tab_separated(rows: Iterable[Sequence[str]]) -> None:
    for row in rows:
        print("\t".join(row))  # noqa: T201 - stdout is for data


def _rich_table(columns: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> None:
    from rich import box  # noqa: PLC0415 - only when a table is shown
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    if columns and _width([columns, *rows]) > console.width:
        # Folded ids can be neither read nor copied: a block for each row instead.
        for row in rows:
            _rich_table(None, list(zip(columns, row, strict=True)))
        return
    table = Table(box=box.SIMPLE_HEAD if columns else None, show_header=columns is not None, pad_edge=False)
    for column in columns or ("", ""):
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text, not str: what looks like markup in a file name stays what it is.
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
    console.print(table)
    if columns is None:
        console.print()


def _width(rows: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + 3 for column in zip(*rows, strict=True))
