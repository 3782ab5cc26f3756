"""A value that is made beside the start of the service, and awaited where it is first needed."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """The result of `making`, which starts at once; whoever needs it waits for it.

    An error in making it is raised at every use. A user who gives up does not stop the making.
    """

    def __init__(self, making: Coroutine[Any, Any, T]) -> None:
        self._task = asyncio.create_task(making)
        # Where nobody asks, the error must not be reported as never retrieved.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    @property
    def failed(self) -> bool:
        """Whether the making has ended in an error."""
        return self._task.done() and (self._task.cancelled() or self._task.exception() is not None)

    async def get(self) -> T:
        """The value, once it is there."""
        return await asyncio.shield(self._task)


def ready(value: T) -> Lazy[T]:
    """A value that is there already."""

    async def give() -> T:
        return value

    return Lazy(give())
