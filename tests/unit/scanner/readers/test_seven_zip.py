"""7z archives: their members are read as those of other archives, and what is not is reported."""

import random
from base64 import b64decode

import pytest
from tests.unit.scanner.readers.looking import look
from tests.unit.scanner.readers.packing import NEEDLE, zipped
from tests.unit.scanner.readers.seven import seven_zipped

from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.seven_header import BadArchive, header_of

TEXT = b"first line\nmail " + NEEDLE.encode() + b"\n"
MEMBERS = {"a/b.txt": TEXT, "empty": b"", "noise": random.Random(1).randbytes(300_000), "ü.csv": TEXT}
# As another program has written it: people.csv, an empty file, and a text; LZMA2 before a filter, the header packed.
FOREIGN = b64decode(
    "N3q8ryccAARq8P4rtwAAAAAAAAAWAAAAAAAAAO0baevgADIAJV0ANJkBhdqGPGuObSMWg3h82nlUacAscXEwVyIG//0ZvuEs5k1g"
    "AADgAKQAgl0AAIEzB64P0NNtfJ85EJxs6lYajuHOQhv34I3mAuYdYza6tuZ+yME9X+I0+7XMxspxU1FPL1tEdILJEQt5XNHkIEUt"
    "a3VYvYvPZB5jf+9RXrH/vN9/wgoQl1H8V9OLvoEnHIeV+7vctvZIa7D2VhAl0h5nXbGJXFY5M9g18zRg0X0AAAAXBi0BCYCKAAcL"
    "AQABISEBGAyApQAA"
)


@pytest.mark.parametrize("packed_header", [False, True])
@pytest.mark.parametrize("method", ["copy", "lzma", "lzma2", "bzip2", "deflate", "x86", "delta"])
def test_members_are_read_whatever_packs_them(method: str, packed_header: bool) -> None:
    found = look(seven_zipped(MEMBERS, method, packed_header=packed_header), NEEDLE)
    assert [(p.member, p.line, p.column) for p in found.places[NEEDLE]] == [("a/b.txt", 2, 6), ("ü.csv", 2, 6)]
    skipped = [(s.reason, s.place and s.place.member) for s in found.skipped]
    assert skipped == [(SkipReason.UNSUPPORTED, "noise"), (SkipReason.EMPTY, "empty")]


def test_what_another_program_has_written_is_read() -> None:
    found = look(FOREIGN, "536-90-4399", "Käse")
    assert (found.only("536-90-4399").member, found.only("536-90-4399").cell) == ("people.csv", "B2")
    assert {place.member for place in found.places["Käse"]} == {"dir/ümlaut.txt"}
    assert [(s.reason, s.place and s.place.member) for s in found.skipped] == [(SkipReason.EMPTY, "empty")]


@pytest.mark.parametrize(("method", "reason"), [("aes", SkipReason.ENCRYPTED), ("ppmd", SkipReason.UNSUPPORTED)])
def test_what_is_encrypted_or_packed_otherwise_is_reported(method: str, reason: SkipReason) -> None:
    found = look(seven_zipped({"a.txt": TEXT}, method), NEEDLE)
    assert [(s.reason, s.place and s.place.member) for s in found.skipped] == [(reason, "a.txt")]
    assert not found.stretches


def test_an_archive_in_archives_counts_as_one_of_them() -> None:
    inner = seven_zipped({"c.txt": TEXT})
    twice = zipped({"b.7z": seven_zipped({"a.7z": inner})})
    assert look(twice, NEEDLE).only(NEEDLE).member == "b.7z!/a.7z!/c.txt"
    (skipped,) = look(zipped({"d.zip": twice}), NEEDLE).skipped
    assert skipped.reason is SkipReason.TOO_DEEP


def test_a_bomb_is_left_when_too_much_has_come_of_it() -> None:
    found = look(seven_zipped({"a.txt": TEXT, "zeros": b"0" * 20_000_000, "z.txt": TEXT}), NEEDLE)
    assert found.only(NEEDLE).member == "a.txt"
    assert {s.reason for s in found.skipped} == {SkipReason.RATIO}
    found = look(seven_zipped({f"{n}": b"x" for n in range(30)}), limits=Limits(entries=20))
    assert [s.reason for s in found.skipped] == [SkipReason.TOO_MANY_ENTRIES]


def test_what_is_not_as_it_was_packed_is_reported() -> None:
    data = bytearray(seven_zipped({"a.txt": TEXT}, "copy"))
    data[32] ^= 1
    found = look(bytes(data), NEEDLE)
    assert found.only(NEEDLE).member == "a.txt"
    assert [s.reason for s in found.skipped] == [SkipReason.DAMAGED]


@pytest.mark.parametrize("method", ["lzma2", "bzip2", "deflate"])
def test_a_stream_that_ends_before_its_size_is_damaged(method: str) -> None:
    rest = random.Random(2).randbytes(300).hex().encode()
    small = seven_zipped({"a.txt": TEXT, "b.txt": rest}, method)
    large = seven_zipped({"a.txt": TEXT, "b.txt": rest + random.Random(3).randbytes(90)}, method)
    # The stream of one, and behind it bytes of nothing, in place of the other's.
    begin, size = 32, int.from_bytes(large[12:20], "little")
    stream = small[begin : begin + int.from_bytes(small[12:20], "little")]
    found = look(large[:begin] + stream.ljust(size, b"\0")[:size] + large[begin + size :], NEEDLE)
    assert found.only(NEEDLE).member == "a.txt"
    assert [s.reason for s in found.skipped] == [SkipReason.DAMAGED]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\x01\x04\x06\x00\x01\x09" + b"\xff" * 9,
        b"\x01\x05\xff" + b"\xff" * 8,
        b"\x01\x04\x07\x0b\x01\x00\x7f",
        b"\x01\x04\x07\x0b\x01\x00\x02\x01\x00\x01\x00\x00\x00\x0c",
        b"\x17\x00",
    ],
    ids=["nothing", "a size without end", "files without end", "many coders", "coders in a circle", "a header of none"],
)
def test_a_header_that_cannot_be_is_told_at_once(header: bytes) -> None:
    with pytest.raises(BadArchive):
        header_of(header)


def test_no_bytes_are_stumbled_over_in_a_header() -> None:
    chance = random.Random(7)
    whole = seven_zipped(MEMBERS, "copy")
    size = len(whole) - 32 - sum(map(len, MEMBERS.values()))
    header = whole[-size:]
    for _ in range(3000):
        data = bytearray(header)
        for _ in range(chance.choice((1, 2, 8))):
            data[chance.randrange(size)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        try:
            header_of(bytes(data))
        except BadArchive:
            continue
