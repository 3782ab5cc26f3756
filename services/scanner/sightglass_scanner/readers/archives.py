"""Members of ZIP and TAR archives, and what single files are compressed as."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Self, cast

import zstandard

from sightglass_scanner.readers.limits import Budget, Refused
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.sniff import Format
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.unpacked import Unpacked

# RFC 8878, 3.1.1.1.2, recommends to support 8 MiB at least; the command line tool takes 128 MiB.
_ZSTD_WINDOW_BYTES: Final = 128 * 1024 * 1024
# Four of them may be 128 KiB of one byte, and all that comes of a step is held.
_ZSTD_STEP_BYTES: Final = 512
_MEDIA_TYPE_BYTES: Final = 256
# APPNOTE.TXT 6.3.10: 4.3.7 local file header, 4.4.4 flags, 4.4.5 methods.
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED: Final = 0x1
_SIZES_LATER: Final = 0x8
_STORED: Final = 0
_DEFLATED: Final = 8
_SUFFIXES: Final = {
    Format.GZIP: (".gz", ".tgz", ".gzip"),
    Format.BZIP2: (".bz2", ".tbz2", ".tbz"),
    Format.XZ: (".xz", ".txz"),
    Format.ZSTD: (".zst", ".tzst", ".zstd"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive: its name there, and its bytes, or why there are none."""

    name: str
    content: Unpacked | Refused


def zip_members(source: Source, budget: Budget) -> Iterator[Member]:
    """Files in a ZIP; of one whose directory is lost, as by being cut off, those whose own headers tell their sizes.

    Raises Refused, zipfile.BadZipFile, OSError.
    """
    try:
        archive = zipfile.ZipFile(opened(source))
    except zipfile.BadZipFile:
        yield from _without_directory(source, budget)
        raise
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            budget.entry()
            if info.flag_bits & _ENCRYPTED:
                yield Member(info.filename, Refused(SkipReason.ENCRYPTED))
                continue
            try:
                with cast("zipfile.ZipExtFile", archive.open(info)) as stream:
                    yield Member(info.filename, Unpacked(stream.read1, lambda size=info.compress_size: size, budget))
            except NotImplementedError:
                yield Member(info.filename, Refused(SkipReason.UNSUPPORTED, "its compression is not known"))
            except (zipfile.BadZipFile, OSError, EOFError) as error:
                yield Member(info.filename, Refused(SkipReason.DAMAGED, type(error).__name__))


def zip_names(source: Source) -> tuple[frozenset[str], bytes]:
    """Names of all members of a ZIP, none if its directory is lost; and the media type that OpenDocument puts in it."""
    try:
        with zipfile.ZipFile(opened(source)) as archive:
            names = frozenset(archive.namelist())
            if "mimetype" not in names:
                return names, b""
            with archive.open("mimetype") as stream:
                return names, stream.read(_MEDIA_TYPE_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):  # the last: encrypted
        return frozenset(), b""


def check_zip(source: Source, budget: Budget) -> None:
    """Count all of a ZIP that a library is to unpack by itself. Raises Refused, zipfile.BadZipFile.

    By the sizes in its directory: what unpacks to more, the memory of the child ends.
    """
    with zipfile.ZipFile(opened(source)) as archive:
        for info in archive.infolist():
            budget.entry()
            budget.unpacked(info.file_size)
            budget.ratio(info.compress_size, info.file_size)


def _without_directory(source: Source, budget: Budget) -> Iterator[Member]:
    at = 0
    while len(header := source.read(at, _LOCAL.size)) == _LOCAL.size:
        magic, _, flags, method, *_, packed, _, name_size, extra_size = _LOCAL.unpack(header)
        if magic != b"PK\3\4" or flags & (_ENCRYPTED | _SIZES_LATER) or method not in {_STORED, _DEFLATED}:
            return
        budget.entry()
        name = source.read(at + _LOCAL.size, name_size).decode("utf-8", "replace")
        start = at + _LOCAL.size + name_size + extra_size
        at = start + packed
        raw = _Range(source, start, packed)
        read = raw.read if method == _STORED else _Inflated(raw).read
        if not name.endswith("/"):
            yield Member(name, Unpacked(read, lambda size=packed: size, budget))


class _Range:
    """A part of a source, once from its beginning to its end."""

    def __init__(self, source: Source, start: int, size: int) -> None:
        self._source = source
        self._at = start
        self._end = start + size

    def read(self, size: int) -> bytes:
        """Up to so many next bytes. Raises EOFError when the source ends too soon."""
        wanted = min(size, self._end - self._at)
        data = self._source.read(self._at, wanted)
        if wanted and not data:
            raise EOFError
        self._at += len(data)
        return data


class _Inflated:
    """What deflated bytes were."""

    def __init__(self, raw: _Range) -> None:
        self._raw = raw
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def read(self, size: int) -> bytes:
        """Up to so many next bytes. Raises zlib.error, EOFError."""
        while not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._raw.read(size)
            if data := self._inflate.decompress(packed, size):
                return data
            if not packed:
                raise EOFError
        return b""


def tar_members(source: Source, budget: Budget) -> Iterator[Member]:
    """Files in a TAR, in one pass. Raises Refused, tarfile.TarError, OSError."""
    ended = False

    class Info(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal ended
            ended = len(buf) == tarfile.BLOCKSIZE and not buf.strip(b"\0")
            return super().frombuf(buf, encoding, errors)

    with tarfile.open(fileobj=opened(source), mode="r|", tarinfo=Info) as archive:
        for info in archive:
            budget.entry()
            stream = archive.extractfile(info) if info.isreg() else None
            if stream is not None:
                yield Member(info.name, Unpacked(stream.read, lambda size=info.size: size, budget))
    if not ended:  # tarfile takes a header that is broken or missing for the end
        msg = "it has no end"
        raise tarfile.ReadError(msg)


def decompressed(source: Source, found: Format, name: str, budget: Budget) -> Member:
    """What a single file was before it was compressed."""
    raw = opened(source)
    return Member(_bare_name(name, found), Unpacked(_decompressor(raw, found), raw.tell, budget))


def _decompressor(raw: io.BufferedReader, found: Format) -> Callable[[int], bytes]:
    if found is Format.GZIP:
        return gzip.GzipFile(fileobj=raw).read1
    if found is Format.BZIP2:
        return bz2.BZ2File(raw).read1
    if found is Format.XZ:
        return lzma.LZMAFile(raw).read1
    return _Unzstd(raw).read


class _Unzstd:
    """What bytes in frames of Zstandard were."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self._held = b""
        self._at = 0
        self._unused = b""
        self._frame = self._new_frame()
        self._begun = False

    def read(self, size: int) -> bytes:
        """Up to so many next bytes. Raises zstandard.ZstdError, EOFError."""
        while self._at >= len(self._held):
            packed = self._unused or self._raw.read(_ZSTD_STEP_BYTES)
            if not packed:
                if self._begun:
                    raise EOFError
                return b""
            self._begun, self._at = True, 0
            self._held, self._unused = self._frame.decompress(packed), b""
            if self._frame.eof:
                self._unused, self._begun, self._frame = self._frame.unused_data, False, self._new_frame()
        self._at += size
        return self._held[self._at - size : self._at]

    @staticmethod
    def _new_frame() -> "zstandard.ZstdDecompressionObj":
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).decompressobj()


def _bare_name(name: str, found: Format) -> str:
    base = PurePosixPath(name).name
    for suffix in _SUFFIXES[found]:
        if base.lower().endswith(suffix) and len(base) > len(suffix):
            bare = base[: -len(suffix)]
            return bare + ".tar" if suffix.startswith(".t") else bare
    return base or "content"
