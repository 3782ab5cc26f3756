"""Files over byte ranges and descriptors."""

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.decode.source import BLOCK_BYTES, DescriptorFile, RangedFile

DATA = bytes(i * 7 % 251 for i in range(4096)) * 300


def ranged(asked: list[tuple[int, int]]) -> RangedFile:
    def fetch(offset: int, size: int) -> bytes:
        asked.append((offset, size))
        return DATA[offset : offset + size]

    return RangedFile(fetch, len(DATA))


def read_at(source: RangedFile | DescriptorFile, offset: int, size: int) -> bytes:
    source.seek(offset)
    parts = b""
    while len(parts) < size and (part := source.read(size - len(parts))):
        parts += part
    return parts


@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 600_000)), max_size=8))
def test_ranges_give_the_bytes_of_the_whole(reads: list[tuple[int, int]]) -> None:
    source = ranged([])
    for offset, size in reads:
        assert read_at(source, offset, size) == DATA[offset : offset + size]


def test_a_block_is_fetched_once() -> None:
    asked: list[tuple[int, int]] = []
    source = ranged(asked)
    for offset in (0, 10, 1000, 0):
        read_at(source, offset, 100)
    assert asked == [(0, BLOCK_BYTES)]


def test_reading_straight_on_takes_fewer_and_larger_requests() -> None:
    asked: list[tuple[int, int]] = []
    assert read_at(ranged(asked), 0, len(DATA)) == DATA
    assert [size // BLOCK_BYTES for _, size in asked][:2] == [1, 2]
    assert sum(size for _, size in asked) == len(DATA)


def test_a_reader_that_may_hold_little_asks_for_little_and_gets_the_same() -> None:
    asked: list[tuple[int, int]] = []

    def fetch(offset: int, size: int) -> bytes:
        asked.append((offset, size))
        return DATA[offset : offset + size]

    source = RangedFile(fetch, len(DATA), held_blocks=8)
    assert read_at(source, 0, len(DATA)) == DATA
    assert max(size for _, size in asked) == 2 * BLOCK_BYTES
    assert sum(size for _, size in asked) == len(DATA)


def test_too_few_bytes_are_an_error() -> None:
    with pytest.raises(OSError, match="asked for"):
        RangedFile(lambda _offset, _size: b"short", 1000).read(10)


def test_a_descriptor_is_read_without_moving_it(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(DATA)
    descriptor = os.open(tmp_path / "film", os.O_RDONLY)
    try:
        source = DescriptorFile(descriptor)
        assert read_at(source, 1000, 5000) == DATA[1000:6000]
        assert source.seek(-3, io.SEEK_END) == len(DATA) - 3
        assert source.read() == DATA[-3:]
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 0
    finally:
        os.close(descriptor)


def test_seeking_before_the_start_is_an_error() -> None:
    with pytest.raises(ValueError, match="before the start"):
        ranged([]).seek(-1)
