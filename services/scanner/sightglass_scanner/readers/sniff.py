"""What an object is, by its content."""

import re
from enum import StrEnum
from itertools import islice
from typing import Final

from sightglass_scanner.readers import charset

# What is looked at: a tar's mark is the farthest, and a table wants some rows.
HEAD_BYTES: Final = 64 * 1024


class Format(StrEnum):
    """What an object is, as far as its first bytes tell."""

    TEXT = "text"
    PDF = "pdf"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    SEVEN_ZIP = "7z"
    OLE = "ole"
    SQLITE = "sqlite"
    PARQUET = "parquet"
    ORC = "orc"
    AVRO = "avro"
    EMAIL = "email"
    MBOX = "mbox"
    IMAGE = "image"
    VIDEO = "video"


_MAGIC: Final = (
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),  # an empty one
    (b"PK\x07\x08PK\x03\x04", Format.ZIP),  # the first of several volumes
    (b"\x1f\x8b\x08", Format.GZIP),
    (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
    (b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.OLE),
    (b"SQLite format 3\x00", Format.SQLITE),
    (b"PAR1", Format.PARQUET),
    (b"ORC", Format.ORC),
    (b"Obj\x01", Format.AVRO),
    (b"\xff\xd8\xff", Format.IMAGE),
    (b"\x89PNG\r\n\x1a\n", Format.IMAGE),
    (b"GIF87a", Format.IMAGE),
    (b"GIF89a", Format.IMAGE),
    (b"II*\x00", Format.IMAGE),
    (b"MM\x00*", Format.IMAGE),
    (b"\x1aE\xdf\xa3", Format.VIDEO),
    (b"FLV\x01", Format.VIDEO),
    (b"0&\xb2u\x8ef\xcf\x11", Format.VIDEO),
    (b"\x06\x0e+4\x02\x05\x01\x01", Format.VIDEO),
    (b"\x00\x00\x01\xba", Format.VIDEO),
    (b"\x00\x00\x01\xb3", Format.VIDEO),
)
_MARKS: Final = tuple(magic for magic, _ in _MAGIC)
# What such a short mark alone could also begin a text with.
_MARKED_MORE: Final = {
    Format.BZIP2: re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    Format.ORC: re.compile(rb"ORC.{0,64}?[\x00-\x08]", re.DOTALL),
    Format.PARQUET: re.compile(rb"PAR1[\x00-\x1f\x80-\xff]"),
}
# A bitmap: its reserved bytes, where its pixels begin, and the size of its header. "BM" alone begins words.
_BITMAP: Final = re.compile(rb"BM.{4}\0{4}.{2}\0\0[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL)
# Boxes of ISO base media that a film begins with; brands of ISO base media that are pictures.
_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"styp", b"moof")
_PICTURES: Final = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"heim", b"heis")
_HEADER: Final = re.compile(rb"(?:>?From [^\r\n]*\r?\n)?((?:[!-9;-~]{1,76}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,})", re.DOTALL)
_MAIL_FIELDS: Final = frozenset(
    b"from to cc date subject message-id received return-path delivered-to mime-version content-type reply-to".split()
)
# What is quick to look for before a header is taken apart: how it begins, and two lines that it holds. Most lines are
# none by their first letter.
_HEADER_BEGINS: Final = re.compile(rb"(?:>?From [^\r\n]*\r?\n)?[!-9;-~]{1,76}:")
_MAIL_LINE: Final = re.compile(rb"\n(?=[C-Tc-t])(?i:%s):" % b"|".join(sorted(_MAIL_FIELDS)))
_MBOX: Final = re.compile(rb"From [^\n]{3,200}\d{4}[^\n]{0,20}\n")
_TAR_SUM: Final = slice(148, 156)


def sniff(head: bytes) -> Format | None:
    """What begins with these bytes (up to HEAD_BYTES). None if it is neither known nor, as it seems, text."""
    for magic, found in _MAGIC if head.startswith(_MARKS) else ():
        more = _MARKED_MORE.get(found)
        if head.startswith(magic) and (more is None or more.match(head)):
            return found
    if head[4:8] in _BOXES:
        return Format.IMAGE if head[8:12] in _PICTURES else Format.VIDEO
    if _BITMAP.match(head):
        return Format.IMAGE
    return _riff(head) or _tar(head) or _pdf(head) or _mail(head) or _text(head)


def _pdf(head: bytes) -> Format | None:
    # PDF 1.7, annex H.3, 13: readers want the mark anywhere in the first 1024 bytes.
    return Format.PDF if head.find(b"%PDF-", 0, 1024) >= 0 else None


def _riff(head: bytes) -> Format | None:
    if not head.startswith(b"RIFF"):
        return None
    return {b"WEBP": Format.IMAGE, b"AVI ": Format.VIDEO}.get(head[8:12])


def _tar(head: bytes) -> Format | None:
    """By its checksum, as the oldest have no mark. POSIX.1-2017, pax, "ustar Interchange Format"."""
    block = head[:512]
    if len(block) < 512 or not block[0]:
        return None
    digits = block[_TAR_SUM].strip(b" \0")
    if not digits.isdigit() or digits.translate(None, b"01234567"):
        return None
    return Format.TAR if sum(block) - sum(block[_TAR_SUM]) + 8 * 0x20 == int(digits, 8) else None


def _mail(head: bytes) -> Format | None:
    if not _HEADER_BEGINS.match(head) or sum(1 for _ in islice(_MAIL_LINE.finditer(b"\n" + head), 2)) < 2:
        return None
    found = _HEADER.match(head)
    if found is None:
        return None
    # A log may look like a header too: its lines begin with a time.
    named = {line.partition(b":")[0].lower() for line in found[1].split(b"\n")}
    if len(named & _MAIL_FIELDS) < 2:
        return None
    return Format.MBOX if _MBOX.match(head) else Format.EMAIL


def _text(head: bytes) -> Format | None:
    is_text = charset.marked(head) or charset.evident(head) or not charset.is_binary(head)
    return Format.TEXT if is_text else None
