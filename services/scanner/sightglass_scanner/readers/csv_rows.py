"""Rows and fields of CSV, as RFC 4180 and what writes it have them, found in bytes.

A field is quoted only if its first character is a quote, as in Python's csv module.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Final

_DELIMITERS: Final = (b",", b";", b"\t", b"|")
_SAMPLED_ROWS: Final = 20
# In so many bytes of a table there is a delimiter.
_SAMPLED_ROW_BYTES: Final = 4096
_NAMED: Final = (".csv", ".tsv", ".tab", ".psv")
# What a column is called: begins with a letter, has at most one number of three digits, and no at sign.
_NAME: Final = re.compile(r"(?=.{1,64}$)[^\W\d][^\d@]*(?:\d{1,3}[^\d@]*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written. names: of the columns, from its first row; empty if that is no header."""

    delimiter: bytes
    names: tuple[str, ...]

    @property
    def row(self) -> "re.Pattern[bytes]":
        """Matches a whole row with its line end."""
        return _patterns(self.delimiter)[0]

    @property
    def field(self) -> "re.Pattern[bytes]":
        """Matches a field, to its delimiter or line end."""
        return _patterns(self.delimiter)[1]


@cache
def _patterns(delimiter: bytes) -> tuple["re.Pattern[bytes]", "re.Pattern[bytes]"]:
    """Of a row, and of a field."""
    plain = b"[^" + re.escape(delimiter) + b"\n]*+"
    field = b'(?:"(?:[^"]|"")*+"' + plain + b'|(?!")' + plain + b")"
    return re.compile(b"(?:" + field + re.escape(delimiter) + b")*+" + field + b"\n"), re.compile(field)


def dialect(head: bytes, name: str, *, whole: bool) -> Dialect | None:
    """How text that begins so (UTF-8) is written as a table; None if it is none.

    name: of the object; only an ending such as .csv counts, where the text alone could be both. whole: it ends there.
    """
    delimiters = [sign for sign in _DELIMITERS if head.find(sign, 0, _SAMPLED_ROW_BYTES) >= 0]
    if not delimiters:
        return None
    named = name.lower().endswith(_NAMED)
    sample = _Sample(head + b"\n" if whole and not head.endswith(b"\n") else head)
    candidates = [found for sign in delimiters if (found := _tried(sample.rows(sign), sign, named=named))]
    return max(candidates, key=lambda found: found[0])[1] if candidates else None


def row_ends(data: bytes, row: "re.Pattern[bytes]", start: int = 0) -> Iterator[int]:
    """The end of each whole row from `start` on."""
    while match := row.match(data, start):
        start = match.end()
        yield start


def fields(data: bytes, start: int, field: "re.Pattern[bytes]") -> Iterator[tuple[int, int]]:
    """Start and end of each field of the row that begins at `start`."""
    while match := field.match(data, start):
        yield match.span()
        start = match.end() + 1
        if match.end() >= len(data) or data[match.end()] == 0x0A:
            return


def unquoted(field: bytes) -> str:
    """What a field says."""
    text = field.removesuffix(b"\r")
    if text.startswith(b'"'):
        text = text[1:].removesuffix(b'"').replace(b'""', b'"')
    return text.decode("utf-8", "replace")


def _tried(rows: Sequence[Sequence[str]], delimiter: bytes, *, named: bool) -> tuple[float, Dialect] | None:
    widths = [len(row) for row in rows if row != [""]]
    if not widths:
        return None
    width = max(dict.fromkeys(widths), key=widths.count)
    share = widths.count(width) / len(widths)
    if width < 2 or len(rows[0]) != width or share < 0.9:
        return None
    names = header_names(rows)
    is_table = _is_table(len(widths), width, share, names, named=named)
    return (width * share, Dialect(delimiter, names)) if is_table else None


class _Sample:
    """The beginning of a text, to be taken apart in several ways. head: ends with a line end if the text ends there."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._lines = head.split(b"\n", _SAMPLED_ROWS)[:-1] if b'"' not in head else None
        self._told: list[str] = []

    def rows(self, delimiter: bytes) -> list[list[str]]:
        """The first rows. None of them if it is clear from the first two that there is no table."""
        if self._lines is None:
            return self._quoted(delimiter)
        # Of rows that nobody has taken apart: most texts are no table, whatever is in them.
        first, second = self._lines[:2] if len(self._lines) > 1 else (b"", b"")
        if second.strip(b"\r") and first.count(delimiter) != second.count(delimiter):
            return []
        if not self._told and self._lines:
            self._told = b"\n".join(self._lines).decode("utf-8", "replace").split("\n")
        sign = delimiter.decode()
        rows = [line.split(sign) for line in self._told]
        if b"\r" in self._head:
            rows = [[field.removesuffix("\r") for field in row] for row in rows]
        return [] if _differ(rows) else rows

    def _quoted(self, delimiter: bytes) -> list[list[str]]:
        plain = Dialect(delimiter, ())
        rows: list[list[str]] = []
        start = 0
        for end in islice(row_ends(self._head, plain.row), _SAMPLED_ROWS):
            rows.append([unquoted(self._head[a:b]) for a, b in fields(self._head, start, plain.field)])
            start = end
            if len(rows) == 2 and _differ(rows):
                return []
        return rows


def _differ(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first two rows cannot be of one table."""
    return len(rows) >= 2 and len(rows[0]) != len(rows[1]) and list(rows[1]) != [""]


def _is_table(rows: int, width: int, share: float, names: Sequence[str], *, named: bool) -> bool:
    """Lines of a log or of prose may have as many commas each as well, so a table without a header shows more."""
    if named:
        return True
    return rows >= 2 if names else rows >= 3 and width >= 3 and share == 1


def header_names(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of the columns, if the first of some rows is a header; else none."""
    if not rows:
        return ()
    names = tuple(map(str.strip, rows[0]))
    if not _are_names(names):
        return ()
    # Most names are nowhere else, which is quick to see.
    others = "\0".join(chain.from_iterable(rows[1:]))
    suspects = [(number, name) for number, name in enumerate(names) if name and name in others]
    recurring = any(row[number].strip() == name for number, name in suspects for row in rows[1:] if number < len(row))
    return () if recurring else names


@lru_cache(maxsize=64)
def _are_names(cells: tuple[str, ...]) -> bool:
    """Whether the cells of a row may name columns. Buckets hold few headers, each of them many times."""
    told = [name for name in cells if name]
    return len(told) * 2 > len(cells) and len(set(told)) == len(told) and all(_NAME.fullmatch(n) for n in told)
