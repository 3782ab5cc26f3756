"""Films of other containers that lie, and what is no film but is given out for one."""

import io
import struct
import zipfile
from itertools import pairwise
from typing import Final

from tests.films import film

WEBM: Final = film("codecs/bikes1s_vp9.webm")
AVI: Final = film("codecs/bikes1s_mpeg4.avi")
_SEGMENT, _CLUSTER = (bytes.fromhex(mark) for mark in ("18538067", "1f43b675"))
_VP9_SYNC: Final = bytes.fromhex("498342")


def element(mark: str, body: bytes, size: int | None = None) -> bytes:
    """An EBML element, which may lie about its size."""
    return bytes.fromhex(mark) + ((1 << 56) | (len(body) if size is None else size)).to_bytes(8, "big") + body


def endless_segment() -> bytes:
    """A WebM film whose segment claims 2^56 - 2 bytes."""
    at = WEBM.index(_SEGMENT) + 4
    return WEBM[:at] + b"\x01" + b"\xff" * 6 + b"\xfe" + WEBM[at + 8 :]


def nested_tags(depth: int) -> bytes:
    """A WebM film with tags in tags."""
    tags = b""
    for _ in range(depth):
        tags = element("67c8", tags)
    return _before_cluster(element("1254c367", element("7373", tags)))


def attachment_of(size: int) -> bytes:
    """A WebM film with an attachment that claims a size."""
    return _before_cluster(element("1941a469", element("61a7", element("465c", b"x", size))))


def last_block_lasts(milliseconds: int) -> bytes:
    """A WebM film whose last frame claims to be shown so long. It ends with the cluster, without cues."""
    start = WEBM.index(_CLUSTER)
    *parts, (_, block) = _elements(WEBM, start + len(_CLUSTER))
    group = element("a1", block) + element("9b", milliseconds.to_bytes(8, "big"))
    cluster = b"".join(element(mark.hex(), body) for mark, body in parts) + element("a0", group)
    at = WEBM.index(_SEGMENT) + len(_SEGMENT)
    return WEBM[:at] + b"\x01" + b"\xff" * 7 + WEBM[at + 8 : start] + element("1f43b675", cluster)


def vp9_of_size(width: int, height: int) -> bytes:
    """A WebM film whose key frames, not its header, claim a size."""
    first, *others = WEBM.split(_VP9_SYNC)
    sizes = (width - 1) << 20 | (height - 1) << 4

    def claiming(part: bytes) -> bytes:
        kept = int.from_bytes(part[:5], "big") & (0xF << 36 | 0xF)
        return _VP9_SYNC + (kept | sizes).to_bytes(5, "big") + part[5:]

    return first + b"".join(claiming(part) for part in others)


def avi_number(chunk: bytes, offset: int, value: bytes) -> bytes:
    """An AVI film with other bytes at an offset into a chunk."""
    at = AVI.index(chunk) + 8 + offset
    return AVI[:at] + value + AVI[at + len(value) :]


def avi_index(count: int) -> bytes:
    """An AVI film whose index names one frame so many times."""
    at = AVI.index(b"idx1")
    return AVI[:at] + b"idx1" + struct.pack("<I", 16 * count) + count * AVI[at + 8 : at + 24]


def avi_lists(depth: int) -> bytes:
    """An AVI film with lists in lists."""
    lists = b""
    for _ in range(depth):
        lists = b"LIST" + struct.pack("<I", 4 + len(lists)) + b"hdrl" + lists
    return AVI[:12] + lists + AVI[12:]


def avi_titled(title: bytes) -> bytes:
    """An AVI film with a title of these bytes."""
    info = b"INFOINAM" + struct.pack("<I", len(title)) + title
    return AVI[:12] + b"LIST" + struct.pack("<I", len(info)) + info + AVI[12:]


def gif(width: int, height: int, frames: int) -> bytes:
    """A GIF of a size, each of whose frames changes one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    shown = b"\x21\xf9\x04\0\x04\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + frames * shown + b";"


def raw(header: str, frame_bytes: int) -> bytes:
    """Five frames of YUV4MPEG with any header."""
    return f"YUV4MPEG2 {header}\n".encode() + 5 * (b"FRAME\n" + bytes(frame_bytes))


def zipped() -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("film.mp4", bytes(1_000_000))
    return out.getvalue()


def playlists(address: str) -> dict[str, bytes]:
    """Files that name another, which players would open; each also behind the mark of an MP4 file and of a TS."""
    plain = {
        "HLS": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n",
        "DASH": f'<?xml version="1.0"?><MPD><BaseURL>{address}</BaseURL></MPD>',
        "concat": f"ffconcat version 1.0\nfile '{address}'\n",
        "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=s\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        "ASX": f'<asx version="3.0"><entry><ref href="{address}"/></entry></asx>',
        "lavfi": f"movie=filename={address}",
        "image2": "img%05d.png",
        "subtitles": "1\n00:00:00,000 --> 00:00:01,000\nHello\n",
    }
    found = {name: text.encode() for name, text in plain.items()}
    found |= {f"{name} behind ftyp": b"\0\0\0\x10ftypisom\0\0\0\0" + text.encode() for name, text in plain.items()}
    padded = bytearray(plain["HLS"].encode() + b"#" + b" " * 2000)
    padded[4:1000:188] = b"\x47" * len(range(4, 1000, 188))
    return found | {"HLS with the marks of TS": bytes(padded)}


def joined(*parts: bytes) -> bytes:
    """Transport streams in a row, as a recorder leaves them; none alike its neighbour."""
    assert all(a != b for a, b in pairwise(parts))
    return b"".join(parts)


def _before_cluster(elements: bytes) -> bytes:
    at = WEBM.index(_CLUSTER)
    return WEBM[:at] + elements + WEBM[at:]


def _elements(data: bytes, at: int) -> list[tuple[bytes, bytes]]:
    """Marks of one byte, and bodies, of the elements in one whose size stands at an offset."""
    size, at = _number(data, at)
    end, found = at + size, list[tuple[bytes, bytes]]()
    while at < end:
        mark = data[at : at + 1]
        size, at = _number(data, at + 1)
        found.append((mark, data[at : at + size]))
        at += size
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    length = 9 - data[at].bit_length()
    return int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1), at + length
