"""A file of which little may be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.worker.forged_long import long_film

from sightglass_worker.decode.boxes import LostError, index_range, without_half_tables
from sightglass_worker.decode.glance_file import MOST_BYTES, MOST_REQUESTS, GlanceFile

DATA = bytes(i * 7 % 251 for i in range(4096)) * 600
FILM = long_film(4 * 3600)
INDEX = range(FILM.index(b"moov") - 4, len(FILM))


def glanced(data: bytes, asked: list[tuple[int, int]]) -> GlanceFile:
    def fetch(offset: int, size: int) -> bytes:
        asked.append((offset, size))
        return data[offset : offset + size]

    return GlanceFile(fetch, len(data))


def read_at(source: GlanceFile, offset: int, size: int) -> bytes:
    source.seek(offset)
    parts = b""
    while len(parts) < size and (part := source.read(size - len(parts))):
        parts += part
    return parts


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 600_000)), max_size=12))
def test_all_that_is_given_is_the_files_and_no_more_is_read_than_may_be(reads: list[tuple[int, int]]) -> None:
    asked: list[tuple[int, int]] = []
    source = glanced(DATA, asked)
    for offset, size in reads:
        given = read_at(source, offset, size)
        whole = DATA[offset : offset + size]
        assert whole.startswith(given)
        assert given == whole or source.is_cut
    assert len(asked) <= MOST_REQUESTS
    assert sum(size for _, size in asked) <= MOST_BYTES


def test_of_an_index_that_is_too_large_zeros_are_given_and_its_next_part_is_read() -> None:
    asked: list[tuple[int, int]] = []
    source = glanced(FILM, asked)
    head = read_at(source, 0, 16)
    given = read_at(source, INDEX.start, len(INDEX))
    known = FILM[INDEX.start : 250_000]
    last = FILM.rindex(b"udta") - 4
    assert asked == [(0, 250_000), (last, len(FILM) - last)]
    assert head == FILM[:16]
    assert given == without_half_tables(known).ljust(last - INDEX.start, b"\0") + FILM[last:]
    assert source.is_cut


def test_an_index_that_can_be_read_is_given_as_it_is() -> None:
    data = long_film(1800)
    source = glanced(data, [])
    assert read_at(source, 0, len(data)) == data
    assert not source.is_cut


def test_an_index_is_not_read_on_if_too_much_was_read_elsewhere() -> None:
    asked: list[tuple[int, int]] = []
    source = glanced(long_film(2700, in_front=True) + bytes(2_000_000), asked)
    for offset in (0, 1_500_000, 250_000):
        read_at(source, offset, 1000)
    assert asked == [(0, 250_000), (1_500_000, 250_000)]
    assert source.is_cut


def test_the_end_can_be_read_after_much_was_read_in_a_row() -> None:
    source = glanced(DATA, [])
    assert len(read_at(source, 0, len(DATA))) == 750_000
    assert source.is_cut
    assert read_at(source, len(DATA) - 1000, 1000) == DATA[-1000:]


def test_too_few_bytes_are_an_error() -> None:
    with pytest.raises(OSError, match="asked for"):
        GlanceFile(lambda _offset, _size: b"short", 1000).read(10)


def index_of(data: bytes, known: int | None = None) -> range | None:
    return index_range(lambda offset, size: data[:known][offset : offset + size], len(data))


@pytest.mark.parametrize("size", [8 + 92, 0, 1])
def test_an_index_is_found_behind_other_boxes(size: int) -> None:
    moov = size.to_bytes(4, "big") + b"moov" + (100).to_bytes(8, "big") + bytes(84)
    data = b"\0\0\0\x10\xa9abc" + bytes(8) + b"\0\0\0\1mdat" + (24).to_bytes(8, "big") + bytes(8) + moov
    assert index_of(data) == range(40, 140)
    assert index_of(data, known=40) is None


@pytest.mark.parametrize("box", [b"", b"\0\0\0\x07free", b"\0\0\0\x10\1\2\3\4" + bytes(8), b"\0\0\0\0mdat" + bytes(20)])
def test_boxes_that_end_or_are_none_have_no_index(box: bytes) -> None:
    with pytest.raises(LostError):
        index_of(b"\0\0\0\x10ftyp" + bytes(8) + box + bytes(4))


def test_tables_that_say_where_samples_lie_are_hidden_where_one_is_cut_off() -> None:
    data = long_film(60)
    seen = without_half_tables(data[data.index(b"moov") - 4 : data.index(b"stco") + 100])
    assert not any(name in seen for name in (b"stsz", b"stsc", b"stco", b"stss", b"ctts"))
    assert seen.count(b"skip") == 5


def test_times_are_hidden_only_where_they_are_cut_off() -> None:
    for uneven, name in ((False, b"stts"), (True, b"skip")):
        data = long_film(4 * 3600, uneven=uneven)
        index = data[data.index(b"moov") - 4 :]
        at = index.index(b"stts")
        assert without_half_tables(index[:250_000])[at : at + 4] == name
        assert without_half_tables(index) == index
