"""Runs a stack in the foreground: one ctrl-C or SIGTERM stops it in order, a second ctrl-C at once."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from sightglass_embedded.stack import Stack

INTERRUPTED: Final = 130

Work = Callable[[Stack], Awaitable[int]]


async def in_foreground(stack: Stack, work: Work) -> int:
    """Start the stack, do `work` with it, stop it; the exit code of `work`, or 130 when interrupted."""
    interrupts = _Interrupts(stack)
    try:
        async with stack.running():
            return await work(stack)
    except asyncio.CancelledError:
        if not interrupts.seen:
            raise
        return INTERRUPTED


class _Interrupts:
    """Turns the first signal into a cancellation of the current task, the second into a kill."""

    def __init__(self, stack: Stack) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # made inside a coroutine
        self._task = task
        self._stack = stack
        self.seen = 0
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._take)

    def _take(self) -> None:
        self.seen += 1
        if self.seen == 1:
            sys.stderr.write("\nstopping (ctrl-C again: at once) ...\n")
            self._task.cancel()
        else:
            self._stack.kill()
