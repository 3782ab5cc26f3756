"""The turnstile: never more at once than it lets through, the earliest due first, and nobody lost by a cancel."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from sightglass_chat.turnstile import Turnstile


@given(st.integers(1, 4), st.lists(st.tuples(st.floats(0, 9), st.booleans()), max_size=30))
def test_all_that_are_not_cancelled_come_through_and_never_too_many_at_once(
    at_once: int, people: list[tuple[float, bool]]
) -> None:
    inside, most, through = 0, 0, 0

    async def go(turnstile: Turnstile, due: float) -> None:
        nonlocal inside, most, through
        async with turnstile.through(due):
            inside += 1
            most = max(most, inside)
            try:
                await asyncio.sleep(0)
            finally:
                inside -= 1
            through += 1

    async def all_go() -> None:
        turnstile = Turnstile(at_once)
        tasks = [(asyncio.create_task(go(turnstile, due)), gone) for due, gone in people]
        await asyncio.sleep(0)
        for task, gone in tasks:
            if gone:
                task.cancel()
        await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        async with asyncio.timeout(5):  # all places are free again
            for _ in range(at_once):
                await turnstile.through(0).__aenter__()

    asyncio.run(all_go())
    assert most <= at_once
    assert through >= sum(not gone for _, gone in people)


def test_of_those_that_wait_the_first_due_is_next() -> None:
    order: list[float] = []

    async def go(turnstile: Turnstile, due: float) -> None:
        async with turnstile.through(due):
            await asyncio.sleep(0)
            order.append(due)

    async def all_go() -> None:
        turnstile = Turnstile(1)
        await asyncio.gather(*(go(turnstile, due) for due in (5, 3, 4, 1, 2)))

    asyncio.run(all_go())
    assert order == [5, 1, 2, 3, 4]
