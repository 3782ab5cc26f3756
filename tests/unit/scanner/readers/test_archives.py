"""What is packed is read, to a depth and within limits, and each member that is not is reported."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest
import zstandard
from tests.unit.scanner.readers.looking import look, texts_of
from tests.unit.scanner.readers.packing import NEEDLE, tarred, zipped

from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Handed, MediaKind, SkipReason, Text

TEXT = b"first line\nmail " + NEEDLE.encode() + b"\n"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


def noise(size: int) -> bytes:
    """Text that does not compress well."""
    return random.Random(1).randbytes(size // 2).hex().encode()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_of_a_zip_is_read(compression: int) -> None:
    place = look(zipped({"a/b.txt": TEXT}, compression=compression), NEEDLE).only(NEEDLE)
    assert (place.member, place.line, place.column, place.offset) == ("a/b.txt", 2, 6, 16)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_what_is_compressed_is_read_under_its_bare_name(suffix: str) -> None:
    place = look(COMPRESS[suffix](TEXT), NEEDLE, name="logs/x.log." + suffix).only(NEEDLE)
    assert (place.member, place.line) == ("x.log", 2)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_compressed_tar_is_one_archive(suffix: str) -> None:
    inner = COMPRESS[suffix](tarred({"c.txt": TEXT}))
    found = look(zipped({"b.tar." + suffix: zipped({"d.tar." + suffix: inner})}), NEEDLE)
    assert found.only(NEEDLE).member == f"b.tar.{suffix}!/d.tar.{suffix}!/d.tar!/c.txt"


def test_a_second_stream_of_a_gzip_is_read() -> None:
    assert look(gzip.compress(b"one\n") + gzip.compress(TEXT), NEEDLE).only(NEEDLE).line == 3


def test_a_tar_without_a_mark_is_told_by_its_checksum() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo("c.txt")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    old = bytearray(out.getvalue())
    old[257:265] = bytes(8)
    old[148:156] = b" " * 8
    old[148:156] = f"{sum(old[:512]):06o}\0 ".encode()
    assert look(bytes(old), NEEDLE).only(NEEDLE).member == "c.txt"


def test_archives_are_read_to_the_depth_that_is_allowed() -> None:
    data = TEXT
    for level in range(4):
        data = zipped({f"{level}.zip" if level else "0.txt": data})
    found = look(data, NEEDLE)
    assert NEEDLE not in found.places
    (skipped,) = found.skipped
    assert skipped.reason is SkipReason.TOO_DEEP
    assert skipped.place is not None
    assert skipped.place.member == "3.zip!/2.zip!/1.zip"
    assert look(data, NEEDLE, limits=Limits(depth=4)).only(NEEDLE).member == "3.zip!/2.zip!/1.zip!/0.txt"


def test_a_bomb_is_stopped_and_the_members_behind_it_are_read() -> None:
    found = look(zipped({"zeros": bytes(50_000_000), "c.txt": TEXT}), NEEDLE)
    assert [(s.reason, s.place.member) for s in found.skipped if s.place] == [(SkipReason.UNSUPPORTED, "zeros")]
    text = zipped({"zeros": b"0" * 50_000_000, "c.txt": TEXT})
    found = look(text, NEEDLE)
    assert [(s.reason, s.place.member) for s in found.skipped if s.place] == [(SkipReason.RATIO, "zeros")]
    assert sum(map(len, found.stretches)) < 100 * len(text) + 1024**2
    assert found.only(NEEDLE).member == "c.txt"


def test_all_that_is_unpacked_is_limited() -> None:
    members = {f"{n}.txt": noise(400_000) for n in range(8)}
    found = look(zipped(members), NEEDLE, limits=Limits(output_bytes=2_000_000))
    assert found.skipped[-1].reason is SkipReason.TOO_LARGE
    assert 1_500_000 < sum(map(len, found.stretches)) <= 2_000_000


def test_members_are_counted_over_all_archives() -> None:
    inner = zipped({f"{n}.txt": b"x" for n in range(10)})
    found = look(zipped({f"{n}.zip": inner for n in range(10)}), limits=Limits(entries=35))
    assert found.skipped[-1].reason is SkipReason.TOO_MANY_ENTRIES
    assert len(found.stretches) == 35 - 4  # four of the entries are archives


def test_an_encrypted_member_is_reported_and_the_others_are_read() -> None:
    data = bytearray(zipped({"secret.txt": b"x", "c.txt": TEXT}))
    data[6] |= 1  # the flag in the first local header, and in its entry in the directory
    data[data.index(b"PK\1\2") + 8] |= 1
    found = look(bytes(data), NEEDLE)
    assert [(s.reason, s.place.member) for s in found.skipped if s.place] == [(SkipReason.ENCRYPTED, "secret.txt")]
    assert found.only(NEEDLE).member == "c.txt"


def test_a_zip_that_was_cut_off_is_read_up_to_there() -> None:
    data = zipped({"c.txt": TEXT, "long.txt": noise(100_000)})
    found = look(data[:40_000], NEEDLE)
    assert found.only(NEEDLE).member == "c.txt"
    assert len(found.stretches[-1]) > 50_000
    assert {s.reason for s in found.skipped} == {SkipReason.DAMAGED}


@pytest.mark.parametrize("suffix", COMPRESS)
def test_what_was_cut_off_is_read_up_to_there(suffix: str) -> None:
    data = COMPRESS[suffix](TEXT + noise(3_000_000))
    found = look(data[: len(data) // 2], NEEDLE)
    assert found.only(NEEDLE).line == 2
    assert len(found.stretches[0]) > 400_000
    assert [s.reason for s in found.skipped] == [SkipReason.DAMAGED]


def test_a_large_member_is_read_as_a_stream() -> None:
    data = zipped({"big.log": noise(12_000_000) + b"\n" + TEXT})
    place = look(data, NEEDLE).only(NEEDLE)
    assert (place.line, place.column, place.offset) == (3, 6, 12_000_017)


def test_a_place_in_the_piece_before_is_still_known() -> None:
    data = zipped({"big.log": b"x" * 69 + b"\n", "c": noise(3_000_000)})
    ends: list[int] = []
    previous = Text(b"", lambda start, end: Locator(PlaceKind.TEXT, start, end))
    for text in texts_of(data):
        if text.offset:
            place = text.locate(text.offset - 100, text.offset)
            assert (place.member, place.offset, place.line) == ("c", text.offset - 100, 1)
            ends.append(text.offset)
            assert previous.locate(text.offset - 100, text.offset) == place
        previous = text
    assert len(ends) == 2


def test_an_archive_that_must_be_held_has_a_limit() -> None:
    data = tarred({"in.zip": zipped({"c.txt": TEXT, "n": noise(100_000)}), "c.txt": TEXT})
    found = look(data, NEEDLE, limits=Limits(held_bytes=10_000))
    assert [(s.reason, s.place.member) for s in found.skipped if s.place] == [(SkipReason.TOO_LARGE, "in.zip")]
    assert found.only(NEEDLE).member == "c.txt"


def test_formats_are_told_by_content_not_by_name() -> None:
    found = look(zipped({"photo.jpg": TEXT, "notes.txt": zipped({"c.txt": TEXT})}), NEEDLE, name="x.txt")
    assert [place.member for place in found.places[NEEDLE]] == ["photo.jpg", "notes.txt!/c.txt"]


def test_pictures_and_films_are_handed_on() -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 0, b"IEND") + bytes(4)
    found = look(zipped({"a.png": png, "b.mp4": b"\0\0\0\x18ftypisom" + bytes(12)}))
    assert found.handed == [Handed(MediaKind.IMAGE, "a.png"), Handed(MediaKind.VIDEO, "b.mp4")]


def test_a_table_in_an_archive_has_cells_and_columns() -> None:
    data = zipped({"t.csv": b"name,mail\nAnn," + NEEDLE.encode() + b"\nBob,x\n"})
    for text in texts_of(data):
        assert text.columns is not None
        name, mail = text.columns()
        assert (mail.name, list(mail.values)) == (b"mail", [NEEDLE.encode(), b"x"])
        place = name.locate(1)
        assert (place.member, place.cell, place.field) == ("t.csv", "A3", "name")


def test_an_empty_member_is_reported() -> None:
    found = look(zipped({"empty": b"", "c.txt": TEXT}), NEEDLE)
    assert [(s.reason, s.place.member) for s in found.skipped if s.place] == [(SkipReason.EMPTY, "empty")]
