"""MP4 files whose boxes lie: sizes, counts, times, and what they refer to."""

import math
import struct
import zlib
from collections.abc import Callable
from typing import Final

from tests.films import film
from tests.unit.worker.boxes import Box, film_of, parsed

SOUND: Final = film("codecs/bikes1s_h264.mp4")
_TABLES: Final = "trak/mdia/minf/stbl"
_FTYP: Final = SOUND[:32]


def edited(change: Callable[[Box], None]) -> bytes:
    """The sound film after a change to its moov box."""
    root = parsed(SOUND)
    change(root.at("moov"))
    return film_of(root)


def table(kind: str, *numbers: int) -> bytes:
    """With another sample table: version and flags 0, then these numbers of 32 bits."""

    def change(moov: Box) -> None:
        moov.at(f"{_TABLES}/{kind}").body = _numbers(0, *numbers)

    return edited(change)


def box_size(kind: bytes, size: int) -> bytes:
    """With another size in the header of a box; beyond 32 bits in the long form."""
    at = SOUND.index(kind) - 4
    if size < 1 << 32:
        return SOUND[:at] + _numbers(size) + SOUND[at + 4 :]
    return SOUND[:at] + _numbers(1) + kind + size.to_bytes(8, "big") + SOUND[at + 8 :]


def samples(count: int) -> bytes:
    """Of so many samples of one byte, by tables of a few bytes that agree with each other."""

    def change(moov: Box) -> None:
        tables = moov.at(_TABLES)
        tables.inner = [box for box in tables.inner if box.kind not in {b"ctts", b"stss"}]
        tables.at("stsz").body = _numbers(0, 1, count)
        tables.at("stsc").body = _numbers(0, 1, 1, count, 1)
        tables.at("stts").body = _numbers(0, 1, count, 1)

    return edited(change)


def sample_at(offset: int) -> bytes:
    """Whose samples lie at this offset, of 64 bits."""

    def change(moov: Box) -> None:
        box = moov.at(f"{_TABLES}/stco")
        box.kind, box.body = b"co64", _numbers(0, 1) + offset.to_bytes(8, "big")

    return edited(change)


def edits(count: int) -> bytes:
    """Whose edit list plays it so many times."""

    def change(moov: Box) -> None:
        moov.at("trak/edts/elst").body = _numbers(0, count) + count * _numbers(1000, 0, 0x10000)

    return edited(change)


def tracks(count: int) -> bytes:
    """With so many more tracks."""

    def change(moov: Box) -> None:
        track = Box(b"trak", moov.at("trak").packed()[8:])  # packed once, not box by box for each
        moov.inner += [track] * count

    return edited(change)


def nested(kind: bytes, depth: int) -> bytes:
    """With boxes in boxes before the samples."""
    boxes = b""
    for _ in range(depth):
        boxes = Box(kind, boxes).packed()
    return _FTYP + boxes + SOUND[40:]


def repeated_moov(count: int) -> bytes:
    """With so many indexes."""
    root = parsed(SOUND)
    root.inner += [root.at("moov")] * count
    return film_of(root)


def compressed_moov(megabytes: int) -> bytes:
    """Whose compressed index grows to so much when it is opened."""
    packed = _zlib_of_zeros(megabytes)
    index = Box(b"cmov", inner=[Box(b"dcom", b"zlib"), Box(b"cmvd", _numbers(megabytes << 20) + packed)])
    return _FTYP + SOUND[40 : SOUND.index(b"moov") - 4] + Box(b"moov", inner=[index]).packed()


def turned(degrees: float) -> bytes:
    """Turned by any angle."""
    cosine, sine = round(65536 * math.cos(math.radians(degrees))), round(65536 * math.sin(math.radians(degrees)))

    def change(moov: Box) -> None:
        box = moov.at("trak/tkhd")
        matrix = struct.pack(">9i", cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30)
        box.body = box.body[:40] + matrix + box.body[76:]

    return edited(change)


def titled(title: bytes) -> bytes:
    """With a title of these bytes, which should be UTF-8."""
    name = Box(b"\xa9nam", inner=[Box(b"data", _numbers(1, 0) + title)])
    items = Box(b"hdlr", _numbers(0, 0) + b"mdirappl" + bytes(9)).packed() + Box(b"ilst", inner=[name]).packed()

    def change(moov: Box) -> None:
        moov.at("udta").body = Box(b"meta", _numbers(0) + items).packed()

    return edited(change)


def elsewhere(address: str) -> bytes:
    """Whose samples are said to lie at an address."""

    def change(moov: Box) -> None:
        url = Box(b"url ", _numbers(0) + address.encode() + b"\0")
        moov.at("trak/mdia/minf/dinf/dref").body = _numbers(0, 1) + url.packed()

    return edited(change)


def _zlib_of_zeros(megabytes: int) -> bytes:
    """A megabyte compressed once and repeated: deflate (RFC 1951) between the ends that RFC 1950 asks for."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    # Adler-32 of zeros: the sum of the bytes is 1, that of the sums is their number.
    checksum = (megabytes << 20) % 65521 << 16 | 1
    return b"\x78\xda" + megabytes * megabyte + packer.flush() + _numbers(checksum)


def _numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)
