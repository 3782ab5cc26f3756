"""Collecting items into batches."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.batcher import Batcher


@given(st.lists(st.integers(), max_size=40), st.integers(1, 12))
def test_each_item_is_flushed_once_and_in_order(items: list[int], size: int) -> None:
    batches: list[list[int]] = []

    async def flush(batch: list[int]) -> None:
        batches.append(batch)

    async def run() -> None:
        batcher = Batcher(flush, size=size, linger_s=60)
        for item in items:
            batcher.add(item)
        await batcher.aclose()

    asyncio.run(run())
    assert [item for batch in batches for item in batch] == items
    assert all(1 <= len(batch) <= size for batch in batches)


async def test_a_few_items_do_not_wait_for_more_for_ever() -> None:
    flushed = asyncio.Event()

    async def flush(_batch: list[int]) -> None:
        flushed.set()

    batcher = Batcher(flush, linger_s=0.01)
    batcher.add(1)
    await flushed.wait()


async def test_closing_waits_for_the_flush_under_way() -> None:
    ended: list[int] = []

    async def flush(batch: list[int]) -> None:
        await asyncio.sleep(0)
        ended.extend(batch)

    batcher = Batcher(flush, size=1)
    batcher.add(1)
    await batcher.aclose()
    assert ended == [1]
