"""What a service does when it gets a signal."""

import asyncio
import os
import signal

from structlog.testing import capture_logs

from sightglass_common.signals import stop_event, waits_in


async def stands(still: asyncio.Event) -> None:
    await still.wait()


async def calls(still: asyncio.Event) -> None:
    await stands(still)


async def test_a_task_that_stands_is_told_with_every_call_down_to_what_it_waits_for() -> None:
    still = asyncio.Event()
    task = asyncio.create_task(calls(still))
    await asyncio.sleep(0)
    outer, inner, *rest = waits_in(task)
    still.set()
    await task
    assert outer.startswith(f"calls ({__name__}:")
    assert inner.startswith(f"stands ({__name__}:")
    assert rest[0].startswith("Event.wait (asyncio.locks:")
    assert rest[-1] == "FutureIter"


async def test_usr1_has_every_task_told_and_stops_nothing() -> None:
    stop = stop_event()
    task = asyncio.create_task(calls(stop), name="the one that stands")
    await asyncio.sleep(0)
    with capture_logs() as told:
        os.kill(os.getpid(), signal.SIGUSR1)
        for _ in range(3):
            await asyncio.sleep(0)
    assert "the one that stands" in {line["task"] for line in told if line["event"] == "task.waits"}
    assert not stop.is_set()
    os.kill(os.getpid(), signal.SIGTERM)
    await task
    assert stop.is_set()
