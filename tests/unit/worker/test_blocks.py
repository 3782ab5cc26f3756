"""An object is read in order, each block once, the next one ahead, and few are held."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from sightglass_common.s3 import ObjectRef
from sightglass_worker.ranges import blocks
from sightglass_worker.ranges.blocks import BLOCK_BYTES, BlockReader

MIB = 1024 * 1024
SIZE = 5 * BLOCK_BYTES + 7
REF = ObjectRef(bucket="b", key="k", etag="e", size_bytes=SIZE, version_id="")


class Store:
    """Serves bytes that tell where they are from; counts how often each block was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[int] = Counter()

    async def read(self, _s3: object, _ref: ObjectRef, start: int, length: int) -> bytes:
        self.asked[start // BLOCK_BYTES] += 1
        await asyncio.sleep(0)
        return content(start, length)


def content(start: int, length: int) -> bytes:
    return b"".join(b"%08d" % number for number in range(start // 8, (start + length) // 8 + 1))[start % 8 :][:length]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    monkeypatch.setattr(blocks, "read_patiently", made.read)
    return made


def reader() -> BlockReader:
    s3: Any = None
    return BlockReader(s3, REF)


async def test_what_is_read_in_order_is_fetched_once_and_is_right(store: Store) -> None:
    async with reader() as film:
        for start in range(0, SIZE, MIB):
            length = min(MIB, SIZE - start)
            assert await film.read(start, length) == content(start, length)
    assert store.asked == Counter(range(6))


async def test_a_read_may_go_over_the_end_of_a_block(store: Store) -> None:
    async with reader() as film:
        assert await film.read(BLOCK_BYTES - 5, 11) == content(BLOCK_BYTES - 5, 11)
    assert set(store.asked) == {0, 1}


async def test_the_next_block_is_under_way_before_it_is_asked_for(store: Store) -> None:
    async with reader() as film:
        await film.read(0, 1)
        await asyncio.sleep(0)
        assert set(store.asked) == {0, 1}


async def test_going_back_into_the_block_before_fetches_nothing_again(store: Store) -> None:
    async with reader() as film:
        for start in (0, BLOCK_BYTES, 2 * BLOCK_BYTES, 2 * BLOCK_BYTES - 9, 2 * BLOCK_BYTES, 3 * BLOCK_BYTES):
            await film.read(start, 9)
    assert max(store.asked.values()) == 1


async def test_what_lies_farther_back_is_not_held(store: Store) -> None:
    async with reader() as film:
        for start in (0, BLOCK_BYTES, 2 * BLOCK_BYTES, 0):
            await film.read(start, 9)
    assert store.asked[0] == 2
