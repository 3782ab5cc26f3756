"""Members of 7z archives: what LZMA, LZMA2, BZip2 and Deflate pack, with the filters that liblzma has.

What is encrypted, and what PPMd or BCJ2 packs, is reported and not read. Runs in the child.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sightglass_scanner.readers.archives import Member
from sightglass_scanner.readers.limits import Budget, Refused
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.seven_header import DATA_AT, BadArchive, Coder, Folder, Header, header_of, place_of
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.unpacked import Unpacked

_STEP_BYTES: Final = 64 * 1024
# What liblzma takes for it at once: more than any level of 7-Zip's asks for, and less than the child may have.
_MOST_WINDOW_BYTES: Final = 128 * 1024 * 1024
# Headers may be packed in one another without end.
_MOST_HEADERS: Final = 4
# Methods.txt of the LZMA SDK.
_COPY, _LZMA, _LZMA2 = b"\x00", b"\x03\x01\x01", b"\x21"
_DEFLATE, _BZIP2 = b"\x04\x01\x08", b"\x04\x02\x02"
_AES: Final = b"\x06\xf1\x07"
_DELTA: Final = b"\x03"
_FILTERS: Final[Mapping[bytes, int]] = {
    b"\x03\x03\x01\x03": lzma.FILTER_X86, b"\x04": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC, b"\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x04\x01": lzma.FILTER_IA64, b"\x06": lzma.FILTER_IA64,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM, b"\x07": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB, b"\x08": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC, b"\x09": lzma.FILTER_SPARC,
}  # fmt: skip


def members(source: Source, budget: Budget) -> Iterator[Member]:
    """The files of an archive, in their order. Raises Refused, BadArchive, lzma.LZMAError."""
    header = _header(source, budget)
    names = iter(header.names)
    for folder in header.folders:
        yield from _in_folder(source, folder, names, budget)
    for name in header.empty:
        budget.entry()
        yield Member(name, Refused(SkipReason.EMPTY))


def _header(source: Source, budget: Budget) -> Header:
    start, size = place_of(source.read(0, DATA_AT))
    if not size:
        return Header((), ())
    budget.held(size)
    data = source.read(start, size)
    if len(data) != size:
        raise BadArchive("it is cut off")
    for _ in range(_MOST_HEADERS):
        found = header_of(data)
        if isinstance(found, Header):
            return found
        budget.held(found.unpacked_bytes)
        data = b"".join(iter(_Stream(source, found, budget).read_some, b""))
    raise BadArchive("headers in headers")


def _in_folder(source: Source, folder: Folder, names: Iterator[str], budget: Budget) -> Iterator[Member]:
    """What one folder holds. After what cannot be unpacked, nothing behind it can."""
    stream: _Stream | Refused
    try:
        stream = _Stream(source, folder, budget)
    except Refused as refused:
        stream = refused
    start = 0
    for size, crc in zip(folder.sizes, folder.crcs, strict=True):
        name = next(names, None)
        if name is None:
            raise BadArchive("bytes of no file")
        budget.entry()
        if isinstance(stream, _Stream):
            stream = _at(stream, start)
        start += size
        if isinstance(stream, _Stream):
            yield Member(name, Unpacked(_Part(stream, start, crc).read, stream.consumed, budget))
        else:
            yield Member(name, stream)


def _at(stream: "_Stream", place: int) -> "_Stream | Refused":
    """The stream there, past what was not read before; or why it does not get there. Raises what ends all."""
    try:
        stream.go_to(place)
    except Refused as refused:
        if refused.ends_all:
            raise
        return refused
    except (lzma.LZMAError, zlib.error, OSError, EOFError, ValueError) as error:
        return Refused(SkipReason.DAMAGED, type(error).__name__)
    return stream


class _Stream:
    """What a folder was, once from its beginning to its end."""

    def __init__(self, source: Source, folder: Folder, budget: Budget) -> None:
        """Raises Refused for what cannot be unpacked here."""
        self._source = source
        self._at = self._start = folder.start
        self._packed_end = folder.start + folder.packed_bytes
        self._left = folder.unpacked_bytes
        self._budget = budget
        self._given = 0
        self._unpack, self._wants = _unpacker(folder.coders)

    def consumed(self) -> int:
        """Packed bytes that were taken so far."""
        return self._at - self._start

    def read_some(self, most: int = _STEP_BYTES) -> bytes:
        """Up to so many next bytes, none at the end. Raises Refused, EOFError, and what libraries raise."""
        while self._left:
            packed = b""
            if self._wants():
                packed = self._source.read(self._at, min(_STEP_BYTES, self._packed_end - self._at))
                if not packed:
                    raise EOFError
                self._at += len(packed)
            data = self._unpack(packed, min(most, self._left))
            if data:
                self._left -= len(data)
                self._given += len(data)
                self._budget.ratio(self.consumed(), self._given)
                return data
            if not self._wants():
                raise EOFError  # it is at its end, with packed bytes behind that
        return b""

    def go_to(self, place: int) -> None:
        """Leave out what comes before a place. Raises what `read_some` raises."""
        while self._given < place:
            data = self.read_some(min(_STEP_BYTES, place - self._given))
            if not data:
                raise EOFError
            self._budget.unpacked(len(data))

    @property
    def given(self) -> int:
        """Where it is now."""
        return self._given


class _Part:
    """One file of a folder."""

    def __init__(self, stream: _Stream, end: int, crc: int | None) -> None:
        self._stream = stream
        self._end = end
        self._crc = crc
        self._seen = 0

    def read(self, size: int) -> bytes:
        """Up to so many next bytes. Raises what the stream raises, and BadArchive for what is not as it was packed."""
        wanted = min(size, self._end - self._stream.given)
        data = self._stream.read_some(wanted) if wanted > 0 else b""
        if not data:
            if self._stream.given < self._end:
                raise EOFError
            if self._crc is not None and self._seen != self._crc:
                raise BadArchive("not what was packed")
        self._seen = zlib.crc32(data, self._seen)
        return data


def _unpacker(coders: Sequence[Coder] | None) -> tuple[Callable[[bytes, int], bytes], Callable[[], bool]]:
    """What unpacks: called with more packed bytes when the second of these says that it wants some."""
    if any(coder.codec.startswith(_AES) for coder in coders or ()):
        raise Refused(SkipReason.ENCRYPTED)
    if not coders:
        raise Refused(SkipReason.UNSUPPORTED, "its compression is not known")
    *filters, last = coders
    if last.codec in {_LZMA, _LZMA2}:
        chain = [*(_filter(coder) for coder in filters), _lzma(last)]
        if last.codec == _LZMA and any(one["id"] != lzma.FILTER_DELTA for one in chain[:-1]):
            # Without a mark of the end, liblzma's filters keep the last bytes back.
            raise Refused(SkipReason.UNSUPPORTED, "a filter before LZMA")
        unlzma = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
        return unlzma.decompress, lambda: unlzma.needs_input and not unlzma.eof
    if filters:
        raise Refused(SkipReason.UNSUPPORTED, "its compression is not known")
    if last.codec == _BZIP2:
        unbzip = bz2.BZ2Decompressor()
        return unbzip.decompress, lambda: unbzip.needs_input
    held = _Held(last.codec)
    return held.unpack, held.wants


def _filter(coder: Coder) -> dict[str, Any]:
    if coder.codec == _DELTA and len(coder.properties) == 1:
        return {"id": lzma.FILTER_DELTA, "dist": coder.properties[0] + 1}
    if coder.codec not in _FILTERS:
        raise Refused(SkipReason.UNSUPPORTED, "its compression is not known")
    return {"id": _FILTERS[coder.codec]}


def _lzma(coder: Coder) -> dict[str, Any]:
    """By lzma-specification.txt of the SDK, and for LZMA2 by 5.3.1 of xz-file-format.txt."""
    told = coder.properties
    if coder.codec == _LZMA2:
        if len(told) != 1 or told[0] > 40:
            raise BadArchive("LZMA2 without its window")
        window = (2 | told[0] & 1) << told[0] // 2 + 11
        return {"id": lzma.FILTER_LZMA2, "dict_size": _held(window)}
    if len(told) != 5 or told[0] >= 9 * 5 * 5:
        raise BadArchive("LZMA without its properties")
    rest, lc = divmod(told[0], 9)
    pb, lp = divmod(rest, 5)
    window = max(4096, int.from_bytes(told[1:], "little"))
    return {"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": _held(window)}


def _held(window_bytes: int) -> int:
    if window_bytes > _MOST_WINDOW_BYTES:
        raise Refused(SkipReason.MEMORY, "its window is too large")
    return window_bytes


class _Held:
    """Copies or inflates; what is packed and more than is wanted at once is kept."""

    def __init__(self, codec: bytes) -> None:
        if codec not in {_COPY, _DEFLATE}:
            raise Refused(SkipReason.UNSUPPORTED, "its compression is not known")
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if codec == _DEFLATE else None
        self._held = b""
        self._more = False

    def wants(self) -> bool:
        """Whether nothing is left of what was packed."""
        return not self._held and not self._more

    def unpack(self, packed: bytes, most: int) -> bytes:
        """Up to so many next bytes. Raises zlib.error."""
        held = self._held + packed
        if self._inflate is None:
            self._held = held[most:]
            return held[:most]
        data = self._inflate.decompress(held, most)
        # It may hold some that it has taken in by now.
        self._held, self._more = self._inflate.unconsumed_tail, len(data) == most
        return data
