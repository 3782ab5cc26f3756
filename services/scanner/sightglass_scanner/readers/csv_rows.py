"""Rows and fields of CSV, as RFC 4180 and what writes it have them, found in bytes.

A field is quoted only if its first character is a quote, as in Python's csv module.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import eq
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
        field = self._field
        return re.compile(b"(?:" + field + re.escape(self.delimiter) + b")*+" + field + b"\n")

    @property
    def field(self) -> "re.Pattern[bytes]":
        """Matches a field, to its delimiter or line end."""
        return re.compile(self._field)

    @property
    def _field(self) -> bytes:
        plain = b"[^" + re.escape(self.delimiter) + b"\n]*+"
        return b'(?:"(?:[^"]|"")*+"' + plain + b'|(?!")' + plain + b")"


def dialect(head: bytes, name: str, *, whole: bool) -> Dialect | None:
    """How text that begins so (UTF-8) is written as a table; None if it is none.

    name: of the object; only an ending such as .csv counts, where the text alone could be both. whole: it ends there.
    """
    named = name.lower().endswith(_NAMED)
    candidates = [found for delimiter in _DELIMITERS if (found := _tried(head, delimiter, named=named, whole=whole))]
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


def _tried(head: bytes, delimiter: bytes, *, named: bool, whole: bool) -> tuple[float, Dialect] | None:
    if head.count(delimiter, 0, _SAMPLED_ROW_BYTES) == 0:
        return None
    rows = _sampled(head, delimiter, whole=whole)
    if not rows:
        return None
    told = [row for row in rows if row != [""]]
    widths = [len(row) for row in told]
    width = max(widths, key=widths.count, default=0)
    share = widths.count(width) / max(1, len(told))
    if width < 2 or len(rows[0]) != width or share < 0.9:
        return None
    names = header_names(rows)
    return (
        (width * share, Dialect(delimiter, names)) if _is_table(len(told), width, share, names, named=named) else None
    )


def _sampled(head: bytes, delimiter: bytes, *, whole: bool) -> list[list[str]]:
    """The first rows. None of them if it is clear from the first two that there is no table."""
    plain = Dialect(delimiter, ())
    if whole and not head.endswith(b"\n"):
        head += b"\n"
    if b'"' not in head:
        if _begins_unlike_a_table(head, delimiter):
            return []
        lines = head.split(b"\n", _SAMPLED_ROWS)[:-1][:_SAMPLED_ROWS]
        told, sign = b"\n".join(lines).decode("utf-8", "replace").split("\n"), delimiter.decode()
        plain_rows = [[field.removesuffix("\r") for field in line.split(sign)] for line in told[: len(lines)]]
        return [] if _differ(plain_rows) else plain_rows
    rows: list[list[str]] = []
    start = 0
    for end in islice(row_ends(head, plain.row), _SAMPLED_ROWS):
        rows.append([unquoted(head[a:b]) for a, b in fields(head, start, plain.field)])
        start = end
        if len(rows) == 2 and _differ(rows):
            return []
    return rows


def _begins_unlike_a_table(head: bytes, delimiter: bytes) -> bool:
    """As `_differ`, of rows that nobody has taken apart: most texts are no table, whatever is in them."""
    first, *others = head.split(b"\n", 2)
    return len(others) == 2 and others[0].strip(b"\r") != b"" and first.count(delimiter) != others[0].count(delimiter)


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
    names = tuple(name.strip() for name in rows[0])
    told = [name for name in names if name]
    is_header = len(told) * 2 > len(names) and len(set(told)) == len(told) and all(_NAME.fullmatch(n) for n in told)
    asked = [name or None for name in names]
    recurring = is_header and any(any(map(eq, asked, map(str.strip, row))) for row in rows[1:])
    return names if is_header and not recurring else ()
