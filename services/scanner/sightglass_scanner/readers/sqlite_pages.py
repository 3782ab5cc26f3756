"""Rows of SQLite's tables, read from the file's pages by ourselves: in any size, damaged or not, without running SQL.

https://www.sqlite.org/fileformat2.html, sections 1.3 (header), 1.6 (b-trees), 2.1 (records), 2.6 (schema).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.source import Source

Value = int | float | str | bytes | None

_TABLE_INNER, _TABLE_LEAF, _INDEX_INNER, _INDEX_LEAF = 5, 13, 2, 10
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_ENCODINGS: Final = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_MOST_LEVELS: Final = 40
_MOST_VALUE_BYTES: Final = 16 * 1024 * 1024
_BLOCK_BYTES: Final = 256 * 1024


class DamagedError(Exception):
    """The file is not as its format says."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it is stored. rowid: None in a table without one."""

    rowid: int | None
    values: tuple[Value, ...]


class Pages:
    """The pages of a database. Raises DamagedError, and Refused for what is no database of today's format."""

    def __init__(self, source: Source) -> None:
        header = source.read(0, 100)
        if len(header) < 100:
            raise DamagedError
        size: int = struct.unpack_from(">H", header, 16)[0]
        self.page_bytes = 65536 if size == 1 else size
        if self.page_bytes < 512 or self.page_bytes & (self.page_bytes - 1):
            raise Refused(SkipReason.DAMAGED, "page size")
        self._usable = self.page_bytes - header[20]
        (encoding,) = struct.unpack_from(">I", header, 56)
        self._encoding = _ENCODINGS.get(encoding, "utf-8")
        self._source = source
        self._block = b""
        self._block_at = -1

    def records(self, root: int) -> Iterator[Record]:
        """All rows of the table whose root page this is, in order. Raises DamagedError where they break off."""
        seen: set[int] = set()
        # Pages still to be read, the next one last, with their levels.
        waiting = [(root, 0)]
        while waiting:
            number, level = waiting.pop()
            if number in seen or level > _MOST_LEVELS:
                raise DamagedError
            seen.add(number)
            try:
                children, records = self._page(number)
            except (IndexError, struct.error, ValueError, OverflowError) as error:
                raise DamagedError from error
            waiting += ((child, level + 1) for child in reversed(children))
            yield from records

    def _page(self, number: int) -> tuple[list[int], list[Record]]:
        page = self._read(number)
        at = 100 if number == 1 else 0
        kind = page[at]
        if kind not in {_TABLE_INNER, _TABLE_LEAF, _INDEX_INNER, _INDEX_LEAF}:
            raise DamagedError
        (cells,) = struct.unpack_from(">H", page, at + 3)
        inner = kind in {_TABLE_INNER, _INDEX_INNER}
        starts: tuple[int, ...] = struct.unpack_from(f">{cells}H", page, at + (12 if inner else 8))
        children = [struct.unpack_from(">I", page, start)[0] for start in starts] if inner else []
        if inner:
            children.append(struct.unpack_from(">I", page, at + 8)[0])
        if kind == _TABLE_INNER:
            return children, []
        # The cells of an index's inner pages are rows too, of tables without rowid.
        skip = 4 if inner else 0
        return children, [self._record(page, start + skip, has_rowid=kind == _TABLE_LEAF) for start in starts]

    def _read(self, number: int) -> bytes:
        offset = (number - 1) * self.page_bytes
        if number < 1:
            raise DamagedError
        within = offset - self._block_at
        if self._block_at < 0 or not 0 <= within <= len(self._block) - self.page_bytes:
            self._block = self._source.read(offset, max(_BLOCK_BYTES, self.page_bytes))
            self._block_at, within = offset, 0
        page = self._block[within : within + self.page_bytes]
        if len(page) < self.page_bytes:
            raise DamagedError
        return page

    def _record(self, page: bytes, at: int, *, has_rowid: bool) -> Record:
        size, at = _varint(page, at)
        rowid = None
        if has_rowid:
            rowid, at = _varint(page, at)
            rowid = rowid - (1 << 64) if rowid >= 1 << 63 else rowid
        return Record(rowid, tuple(self._values(self._payload(page, at, size, is_table=has_rowid))))

    def _payload(self, page: bytes, at: int, size: int, *, is_table: bool) -> bytes:
        """All of a cell, also what overflows its page. Section 1.6, "Cell payload overflow pages"."""
        usable = self._usable
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return page[at : at + size]
        if size > _MOST_VALUE_BYTES:
            raise DamagedError
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        local = local if local <= most else least
        parts = [page[at : at + local]]
        left = size - local
        (following,) = struct.unpack_from(">I", page, at + local)
        while left > 0 and following:
            overflow = self._read(following)
            (following,) = struct.unpack_from(">I", overflow)
            parts.append(overflow[4 : 4 + min(left, usable - 4)])
            left -= len(parts[-1])
        return b"".join(parts)

    def _values(self, record: bytes) -> Iterator[Value]:
        header_bytes, at = _varint(record, 0)
        body = header_bytes
        while at < header_bytes:
            kind, at = _varint(record, at)
            size = _size(kind)
            data = record[body : body + size]
            body += size
            yield self._value(kind, data)

    def _value(self, kind: int, data: bytes) -> Value:
        if kind == 0:
            return None
        if kind in _INTEGERS:
            return int.from_bytes(data, "big", signed=True)
        if kind == 7:
            return struct.unpack(">d", data)[0]
        if kind in {8, 9}:
            return kind - 8
        return data.decode(self._encoding, "replace") if kind % 2 else data


def _size(kind: int) -> int:
    if kind in _INTEGERS:
        return _INTEGERS[kind]
    if kind == 7:
        return 8
    return (kind - 12) // 2 if kind >= 12 else 0


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for i in range(8):
        byte = data[at + i]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + i + 1
    return value << 8 | data[at + 8], at + 9
