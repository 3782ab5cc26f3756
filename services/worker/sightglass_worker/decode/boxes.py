"""The boxes of an MP4: where its index lies, whether there can be one, and what is of use of half an index.

Boxes and what is in them: ISO/IEC 14496-12; their sizes: 4.2.
"""

from collections.abc import Callable, Iterator
from typing import Final

# What is known of so many bytes at an offset.
BytesAt = Callable[[int, int], bytes]

# Length and name; another eight bytes where the length does not fit into four.
_SHORT, _LONG = 8, 16
_COPYRIGHT: Final = 0xA9  # QuickTime's names may begin with it
_SAMPLES: Final = b"stbl"
# What is of use without the others, if it is there whole: times, and how samples are coded.
_ALONE: Final = {b"stts", b"stsd"}
# The tables of where samples lie, of use together only: FFmpeg takes a track that lacks one for broken, and its times
# for those of another clock.
_PLACES: Final = {b"stsz", b"stz2", b"stsc", b"stco", b"co64", b"stss", b"ctts"}


class LostError(Exception):
    """The boxes end without an index, or lead to what is no box."""


def index_range(bytes_at: BytesAt, size_bytes: int) -> range | None:
    """Where the index (`moov`) of an MP4 lies; None where the boxes lead to what is not known. Raises LostError."""
    for at, end, name in _boxes(bytes_at, 0, size_bytes):
        if name is None:
            return None
        if name == b"moov":
            return range(at, end)
        if not _is_name(name):
            break
    raise LostError


def next_part(bytes_at: BytesAt, index: range, offset: int) -> int:
    """Where the first part of an index begins that is not before an offset; its end where that is not known."""
    body = index.start + (_LONG if bytes_at(index.start, 4) == b"\0\0\0\1" else _SHORT)
    starts = (at for at, _, _ in _boxes(bytes_at, body, index.stop))
    return next((at for at in starts if at >= offset), index.stop)


def without_half_tables(data: bytes) -> bytes:
    """Bytes of an index in which the tables are hidden of the track that they end in.

    Not so times that are there whole: of half of these a demuxer would conclude that the film is half as long.
    """
    stbl = data.rfind(_SAMPLES) - 4
    if stbl < 0 or stbl + int.from_bytes(data[stbl : stbl + 4], "big") <= len(data):
        return data
    hidden = bytearray(data)
    for at, end, name in _boxes(lambda offset, size: data[offset : offset + size], stbl + _SHORT, 1 << 63):
        if name in _PLACES or (name in _ALONE and end > len(data)):
            hidden[at + 4 : at + 8] = b"skip"
    return bytes(hidden)


def _boxes(bytes_at: BytesAt, start: int, stop: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Beginning, end and name of each box up to `stop`; the last has no name where it is not known."""
    at = start
    while at + _SHORT <= stop:
        header = bytes_at(at, _LONG)
        if len(header) < min(_LONG, stop - at):
            yield at, stop, None
            return
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:], "big")
        if size == 0:
            size = stop - at
        if size < _SHORT:
            yield at, at, b""
            return
        yield at, min(at + size, stop), header[4:8]
        at += size


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= letter < 0x7F or letter == _COPYRIGHT for letter in name)
