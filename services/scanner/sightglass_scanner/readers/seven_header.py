"""What a 7z archive says of itself: its folders, which are packed streams, and the files in them.

By 7zFormat.txt, version 4.59, of the LZMA SDK. Nothing is unpacked here.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class BadArchive(ValueError):
    """It is no 7z archive, or damaged."""


class _Id(IntEnum):
    END = 0x00
    HEADER = 0x01
    ARCHIVE_PROPERTIES = 0x02
    MAIN_STREAMS = 0x04
    FILES = 0x05
    PACK = 0x06
    FOLDERS = 0x07
    SUBSTREAMS = 0x08
    SIZE = 0x09
    CRC = 0x0A
    FOLDER = 0x0B
    UNPACK_SIZE = 0x0C
    NUMBERS = 0x0D
    EMPTY_STREAM = 0x0E
    EMPTY_FILE = 0x0F
    NAMES = 0x11
    ENCODED = 0x17


@dataclass(frozen=True, slots=True)
class Coder:
    """One step of unpacking. codec: its id."""

    codec: bytes
    properties: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """A packed stream, `packed_bytes` from `start` on, and what comes of it.

    coders: the last takes the packed bytes, the first gives the unpacked ones; None when they are no chain.
    sizes, crcs: of the streams in it, one after the other; a CRC may be unknown.
    """

    coders: Sequence[Coder] | None
    start: int
    packed_bytes: int
    unpacked_bytes: int
    sizes: Sequence[int]
    crcs: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Header:
    """Folders, and the names of the files whose bytes are their streams, in the same order. empty: of files of none."""

    folders: Sequence[Folder]
    names: Sequence[str]
    empty: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """A folder as it is described. packed: how many packed streams it takes."""

    coders: Sequence[Coder] | None
    outputs: int
    main: int
    packed: int


# Where packed streams begin, and so does what the numbers of this header count from.
DATA_AT: Final = 32
_START: Final = struct.Struct("<6sBBIQQI")
_MOST_CODERS: Final = 32
_COMPLEX, _WITH_PROPERTIES, _ID_BYTES = 0x10, 0x20, 0x0F


def place_of(start: bytes) -> tuple[int, int]:
    """Where the header is, and how long, by the first 32 bytes. Raises BadArchive."""
    try:
        magic, _, _, _, offset, size, _ = _START.unpack(start)
    except struct.error as error:
        raise BadArchive("too short") from error
    if magic != b"7z\xbc\xaf\x27\x1c":
        raise BadArchive("no mark")
    return DATA_AT + offset, size


def header_of(data: bytes) -> Header | Folder:
    """What the bytes of a header say; or the folder that the header itself is packed in. Raises BadArchive."""
    cursor = _Cursor(data)
    kind = cursor.byte()
    if kind == _Id.ENCODED:
        (folder, *_) = _streams(cursor) or [None]
        if folder is None:
            raise BadArchive("a packed header that is none")
        return folder
    if kind != _Id.HEADER:
        raise BadArchive("no header")
    folders: list[Folder] = []
    names: list[str] = []
    empty: list[str] = []
    while (kind := cursor.byte()) != _Id.END:
        if kind == _Id.ARCHIVE_PROPERTIES:
            while cursor.byte() != _Id.END:
                cursor.take(cursor.number())
        elif kind == _Id.MAIN_STREAMS:
            folders = _streams(cursor)
        elif kind == _Id.FILES:
            names, empty = _files(cursor)
            break  # what follows is padding
        else:
            raise BadArchive("something unknown in the header")
    return Header(folders, names, empty)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise BadArchive("the header ends too soon")
        self._at += size
        return piece

    def byte(self) -> int:
        return self.take(1)[0]

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def number(self) -> int:
        """The first byte begins with a one for each byte that follows; what is left of it is highest."""
        first, value, mask = self.byte(), 0, 0x80
        for place in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * place
            value |= self.byte() << 8 * place
            mask >>= 1
        return value

    def count(self) -> int:
        """How many things follow, none of which takes less than a bit."""
        count = self.number()
        if count > 8 * (len(self._data) - self._at):
            raise BadArchive("more things than there is room for")
        return count

    def bits(self, count: int) -> list[bool]:
        packed = self.take((count + 7) // 8)
        return [bool(packed[i // 8] & 0x80 >> i % 8) for i in range(count)]

    def crcs(self, count: int) -> list[int | None]:
        known = [True] * count if self.byte() else self.bits(count)
        return [int.from_bytes(self.take(4), "little") if one else None for one in known]


def _streams(cursor: _Cursor) -> list[Folder]:
    start, packed = DATA_AT, list[int]()
    shapes: list[_Shape] = []
    sizes: list[list[int]] = []
    crcs: list[int | None] = []
    streams: tuple[list[list[int]], list[list[int | None]]] | None = None
    while (kind := cursor.byte()) != _Id.END:
        if kind == _Id.PACK:
            start += cursor.number()
            packed = _packed(cursor)
        elif kind == _Id.FOLDERS:
            shapes, sizes, crcs = _folders(cursor)
        elif kind == _Id.SUBSTREAMS:
            streams = _substreams(cursor, [size[shape.main] for size, shape in zip(sizes, shapes, strict=True)], crcs)
        else:
            raise BadArchive("something unknown among the streams")
    inner, checks = streams or ([[size[s.main]] for size, s in zip(sizes, shapes, strict=True)], [[c] for c in crcs])
    found: list[Folder] = []
    for shape, size, within, sums in zip(shapes, sizes, inner, checks, strict=True):
        taken, packed = packed[: shape.packed], packed[shape.packed :]
        if len(taken) != shape.packed:
            raise BadArchive("a folder without packed bytes")
        found.append(Folder(shape.coders, start, sum(taken), size[shape.main], within, sums))
        start += sum(taken)
    return found


def _packed(cursor: _Cursor) -> list[int]:
    count, sizes = cursor.count(), list[int]()
    while (kind := cursor.byte()) != _Id.END:
        if kind == _Id.SIZE:
            sizes = [cursor.number() for _ in range(count)]
        elif kind == _Id.CRC:
            cursor.crcs(count)
        else:
            raise BadArchive("something unknown of packed streams")
    return sizes


def _folders(cursor: _Cursor) -> tuple[list[_Shape], list[list[int]], list[int | None]]:
    if cursor.byte() != _Id.FOLDER:
        raise BadArchive("no folders")
    count = cursor.count()
    if cursor.byte():
        raise BadArchive("folders that are described elsewhere")
    shapes = [_folder(cursor) for _ in range(count)]
    if cursor.byte() != _Id.UNPACK_SIZE:
        raise BadArchive("folders without sizes")
    sizes = [[cursor.number() for _ in range(shape.outputs)] for shape in shapes]
    crcs: list[int | None] = [None] * count
    while (kind := cursor.byte()) != _Id.END:
        if kind != _Id.CRC:
            raise BadArchive("something unknown of folders")
        crcs = cursor.crcs(count)
    return shapes, sizes, crcs


def _folder(cursor: _Cursor) -> _Shape:
    coders: list[Coder] = []
    inputs = outputs = 0
    count = cursor.number()
    if not 0 < count <= _MOST_CODERS:
        raise BadArchive("too many coders")
    for _ in range(count):
        flags = cursor.byte()
        codec = cursor.take(flags & _ID_BYTES)
        ins, outs = (cursor.number(), cursor.number()) if flags & _COMPLEX else (1, 1)
        coders.append(Coder(codec, cursor.take(cursor.number()) if flags & _WITH_PROPERTIES else b""))
        inputs, outputs = inputs + ins, outputs + outs
    if not outputs or max(inputs, outputs) > _MOST_CODERS:
        raise BadArchive("too many streams of coders")
    bound = {cursor.number(): cursor.number() for _ in range(outputs - 1)}
    packed = inputs - len(bound)
    if packed > 1:
        for _ in range(packed):
            cursor.number()
    main = next((n for n in range(outputs) if n not in bound.values()), 0)
    straight = inputs == outputs == count and packed == 1
    return _Shape(_chain(coders, bound, main) if straight else None, outputs, main, packed)


def _chain(coders: Sequence[Coder], bound: dict[int, int], last: int) -> list[Coder]:
    """From the coder that gives what is unpacked to the one that takes what is packed."""
    chain = [last]
    while (before := bound.get(chain[-1])) is not None:
        if before in chain or before >= len(coders):
            raise BadArchive("coders in a circle")
        chain.append(before)
    return [coders[n] for n in chain]


def _substreams(
    cursor: _Cursor, totals: Sequence[int], folder_crcs: Sequence[int | None]
) -> tuple[list[list[int]], list[list[int | None]]]:
    counts = [1] * len(totals)
    kind = cursor.byte()
    if kind == _Id.NUMBERS:
        counts = [cursor.count() for _ in totals]
        kind = cursor.byte()
    firsts: list[list[int]] = [[] for _ in totals]
    if kind == _Id.SIZE:
        firsts = [[cursor.number() for _ in range(count - 1)] for count in counts]
        kind = cursor.byte()
    sizes = [_sizes(first, total, count) for first, total, count in zip(firsts, totals, counts, strict=True)]
    # Of a folder with one stream the CRC may be known by now.
    known = [count == 1 and crc is not None for count, crc in zip(counts, folder_crcs, strict=True)]
    told: list[int | None] = [None] * sum(count for count, one in zip(counts, known, strict=True) if not one)
    while kind != _Id.END:
        if kind != _Id.CRC:
            raise BadArchive("something unknown of streams in folders")
        told = cursor.crcs(len(told))
        kind = cursor.byte()
    crcs: list[list[int | None]] = []
    for count, one, crc in zip(counts, known, folder_crcs, strict=True):
        crcs.append([crc] if one else told[:count])
        told = told if one else told[count:]
    return sizes, crcs


def _sizes(first: list[int], total: int, count: int) -> list[int]:
    """Of the last stream of a folder the size is what is left."""
    if not count:
        return []
    if len(first) != count - 1 or sum(first) > total:
        raise BadArchive("sizes that do not fit")
    return [*first, total - sum(first)]


def _files(cursor: _Cursor) -> tuple[list[str], list[str]]:
    """Names of files with bytes, and of those without. What has none and is no file is a folder."""
    count, names = cursor.count(), list[str]()
    empty, files = [False] * count, list[bool]()
    while (kind := cursor.byte()) != _Id.END:
        inner = _Cursor(cursor.take(cursor.number()))
        if kind == _Id.EMPTY_STREAM:
            empty = inner.bits(count)
        elif kind == _Id.EMPTY_FILE:
            files = inner.bits(sum(empty))
        elif kind == _Id.NAMES:
            names = _names(inner, count)
    if len(names) != count:
        raise BadArchive("files without names")
    full = [name for name, none in zip(names, empty, strict=True) if not none]
    without = [name for name, none in zip(names, empty, strict=True) if none]
    return full, [name for name, is_file in zip(without, files, strict=False) if is_file]


def _names(cursor: _Cursor, count: int) -> list[str]:
    if cursor.byte():
        raise BadArchive("names that are kept elsewhere")
    return cursor.rest().decode("utf-16-le", "replace").split("\0")[:count]
