"""No object, however broken or made, ends the scanner, goes unreported, or costs more than it may."""

import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable

import pytest
from tests.unit.scanner.readers.documents import docx, pdf, xlsx
from tests.unit.scanner.readers.looking import Seen, look
from tests.unit.scanner.readers.packing import NEEDLE, tarred, zipped
from tests.unit.scanner.readers.samples import samples

from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reading import SkipReason

SAMPLES = samples()
# Formats whose list of contents is at the end, or that are one block at this size: of a part, nothing is left.
ALL_OR_NOTHING = frozenset(("7z", "xlsx", "ods", "xls", "parquet", "orc", "pdf", "bz2", "zst", "avro", "jpeg"))
TEXTS = frozenset(("text", "utf-16", "json", "jsonl", "csv", "html", "eml", "mbox"))
LIMITS = Limits(wall_s=10, entries=5_000)


def reported(found: Seen) -> bool:
    """Whether anything is known of the object."""
    return bool(found.stretches or found.skipped or found.handed)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_read_whole(name: str) -> None:
    found = look(SAMPLES[name], NEEDLE)
    assert found.places[NEEDLE]
    assert found.skipped == []


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_cut_off_anywhere_is_reported_and_read_up_to_there(name: str) -> None:
    data = SAMPLES[name]
    whole = len(look(data, NEEDLE).places[NEEDLE])
    for tenth in range(1, 10):
        found = look(data[: len(data) * tenth // 10], NEEDLE, limits=LIMITS)
        assert reported(found), tenth
        assert SkipReason.CRASHED not in [s.reason for s in found.skipped]
        if name not in TEXTS and not found.handed and len(found.places.get(NEEDLE, [])) < whole:
            assert found.skipped, tenth
        if name not in ALL_OR_NOTHING and tenth == 9:
            assert found.places.get(NEEDLE), "most of it is there"


@pytest.mark.parametrize("name", SAMPLES)
def test_bits_that_have_flipped_end_nothing(name: str) -> None:
    chance = random.Random(name)
    for _ in range(4):
        data = bytearray(SAMPLES[name])
        for _ in range(chance.choice((1, 8, 64))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        assert reported(look(bytes(data), NEEDLE, limits=LIMITS))


@pytest.mark.parametrize("name", SAMPLES)
def test_stretches_that_were_overwritten_end_nothing(name: str) -> None:
    chance = random.Random(name)
    for filler in (b"\0", b"\xff", b"A"):
        data = bytearray(SAMPLES[name])
        start = chance.randrange(16, len(data))
        data[start : start + 64] = filler * len(data[start : start + 64])
        assert reported(look(bytes(data), NEEDLE, limits=LIMITS))


def overlapping() -> bytes:
    """A ZIP whose members all are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"0" * 900_000)
        first = archive.infolist()[0]
        for n in range(1, 2000):
            info = zipfile.ZipInfo(str(n))
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(info, field, getattr(first, field))
            archive.filelist.append(info)
            archive.NameToInfo[info.filename] = info
    return out.getvalue()


def nested_gzip() -> bytes:
    data = b"0" * 10_000_000
    for _ in range(6):
        data = gzip.compress(data)
    return data


def cyclic_pdf() -> bytes:
    return pdf([[NEEDLE]]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")


def cyclic_database() -> bytes:
    data = bytearray(SAMPLES["sqlite"])
    page: int = struct.unpack_from(">H", data, 16)[0]
    data[page + 8 : page + 12] = struct.pack(">I", 2)  # the root's last child is the root
    return bytes(data)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a ZIP of zeros": lambda: zipped({"0": b"0" * 100_000_000}),
    "a ZIP whose members overlap": overlapping,
    "gzip in gzip in gzip": nested_gzip,
    "a TAR of many empty members": lambda: tarred({f"{n}": b"" for n in range(3000)}),
    "JSON without end": lambda: b'[{"a":' * 200_000,
    "one line of JSON": lambda: json.dumps({"k": "x" * 20_000_000}).encode(),
    "a CSV of one quote": lambda: b'a,b\n1,2\n3,"' + b"x,\n" * 3_000_000,
    "a CSV of a hundred thousand columns": lambda: (",".join(["c"] * 100_000) + "\n").encode() * 20,
    "a cell of ten million letters": lambda: xlsx({"S": {"A1": "".join(map(str, range(1_500_000)))}}),
    "a sheet with a cell at its far end": lambda: xlsx({"S": {"A1": "x", "XFD1048576": "y"}}),
    "a DOCX of ten million tags": lambda: docx([["x"]], {"word/footnotes.xml": b"<w:p xmlns:w='w'>" * 200_000}),
    "a PDF whose pages are their own child": cyclic_pdf,
    "a PDF that nests without end": lambda: b"%PDF-1.4\n1 0 obj\n" + b"[" * 500_000,
    "a database whose pages are a circle": cyclic_database,
    "a mail that nests without end": lambda: (
        b"From: a@example.net\nTo: b@example.net\n" + b"Content-Type: message/rfc822\n\nFrom: x\nTo: y\n" * 3000
    ),
    "a mail of many parts": lambda: (
        b'From: a@example.net\nTo: b@example.net\nContent-Type: multipart/mixed; boundary="q"\n\n'
        + b"--q\n\nx\n" * 5_001
    ),
    "a picture that claims to be huge": lambda: (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0) + bytes(4)
    ),
    "zeros": lambda: bytes(5_000_000),
}


def test_a_circle_of_pages_ends_where_it_closes() -> None:
    assert [s.reason for s in look(cyclic_database()).skipped] == [SkipReason.DAMAGED]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_made_to_harm_is_reported(name: str) -> None:
    found = look(HOSTILE[name](), limits=LIMITS)
    assert reported(found)
    assert SkipReason.CRASHED not in [s.reason for s in found.skipped]
    # The next object is read as if nothing had been.
    assert look(SAMPLES["zip"], NEEDLE).places[NEEDLE]
