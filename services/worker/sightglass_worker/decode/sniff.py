"""What a file claims to be by its first bytes, before any parser is let at it."""

import re
from typing import Final

from sightglass_common.errors import SightglassError
from sightglass_common.video_errors import CorruptContainer, DimensionsTooLarge, NotAVideo

# The bytes at the start of each container that is taken; ISO base media has its mark at byte 4, and
# AVI at byte 8, since RIFF alone may also be sound or a picture.
_MAGIC: Final = (
    b"\x1aE\xdf\xa3",  # EBML: Matroska, WebM
    b"FLV\x01",
    b"0&\xb2u\x8ef\xcf\x11",  # ASF
    b"OggS",
    b"\x06\x0e+4\x02\x05\x01\x01",  # MXF
    b"YUV4MPEG2",
    b"GIF8",
    b"DKIF",  # IVF
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
)
BOXES: Final = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof", b"pnot")
# Of these, and of transport streams, no header tells the length.
_UNMEASURED: Final = (b"OggS", b"\x06\x0e+4\x02\x05\x01\x01", b"GIF8", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")
_TS_PACKETS: Final = (188, 192, 204)
_TS_SYNC: Final = b"\x47"
_Y4M_SIZE: Final = re.compile(rb"YUV4MPEG2[^\n]*? W(\d{1,9}) H(\d{1,9})[ \n]")
HEAD_BYTES: Final = 64 * 1024


def looks_like_video(head: bytes) -> bool:
    """Whether the first bytes (up to 64 KiB) carry the mark of a container that is taken."""
    return head.startswith(_MAGIC) or head[4:8] in BOXES or _is_avi(head) or _is_transport_stream(head)


def says_length(head: bytes) -> bool:
    """Whether a file with these first bytes is of a container that has the film's length in its header."""
    return looks_like_video(head) and not head.startswith(_UNMEASURED) and not _is_transport_stream(head)


def _is_avi(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"AVI "


def _is_transport_stream(head: bytes) -> bool:
    # A sync byte at the start of five packets in a row, wherever in a packet the file begins: recordings are cut
    # anywhere, and M2TS has a time code of 4 bytes before each.
    return any(
        head[offset : offset + 5 * size : size] == _TS_SYNC * 5 for size in _TS_PACKETS for offset in range(size)
    )


def check_raw_size(head: bytes, max_pixels: int) -> None:
    """Refuse a YUV4MPEG header with absurd dimensions: its demuxer reads a whole frame to open. And one of GIF, whose
    demuxer would call them none.

    Raises DimensionsTooLarge.
    """
    match = _Y4M_SIZE.match(head)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if head.startswith(b"GIF8"):
        width, height = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    if width * height > max_pixels:
        raise DimensionsTooLarge(f"Frames of {width}x{height} are not decoded.", width=width, height=height)


def unreadable(head: bytes) -> SightglassError:
    """The error for a file that no demuxer opens: damaged if it began as a video, else no video."""
    if looks_like_video(head):
        return CorruptContainer("The file begins as a video, but its structure cannot be read.")
    return NotAVideo("The first bytes are not those of a video container.")
