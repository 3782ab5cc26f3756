"""Collects single items into batches: ten, or what came within a tenth of a second."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Batcher(Generic[T]):
    """Hands items to `flush` in lists of at most `size`, none later than `linger_s` after it came.

    flush: deals with its own failures; batches may be flushed at the same time.
    """

    def __init__(
        self, flush: Callable[[list[T]], Coroutine[Any, Any, None]], *, size: int = 10, linger_s: float = 0.1
    ) -> None:
        self._flush = flush
        self._size = size
        self._linger_s = linger_s
        self._items: list[T] = []
        self._timer: asyncio.TimerHandle | None = None
        self._flushes: set[asyncio.Task[None]] = set()

    def add(self, item: T) -> None:
        """Take an item; returns at once."""
        self._items.append(item)
        if len(self._items) >= self._size:
            self._start()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._linger_s, self._start)

    async def aclose(self) -> None:
        """Flush what is there, and wait until every flush has ended."""
        self._start()
        await asyncio.gather(*self._flushes)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._items:
            items, self._items = self._items, []
            task = asyncio.create_task(self._flush(items))
            self._flushes.add(task)
            task.add_done_callback(self._flushes.discard)
