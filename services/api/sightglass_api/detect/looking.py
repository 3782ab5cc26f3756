"""Looks through texts in threads of its own, so that the service answers others meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar
from uuid import UUID

from sightglass_common.errors import RateLimited

T = TypeVar("T")

# The engine lets go of the interpreter while it matches, and takes it for what it confirms.
_THREADS: Final = 2
# Of one tenant, under way and waiting: the others' texts are not behind many of its own.
_MOST_OF_A_TENANT: Final = 8
_RETRY_AFTER_S: Final = 1


class Looking:
    """Runs what takes a processor, a few at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="detect")
        self._under_way = Counter[UUID]()

    async def run(self, tenant_id: UUID, work: Callable[[], T]) -> T:
        """The result of `work`. Raises RateLimited when the tenant has many under way, and what `work` raises."""
        if self._under_way[tenant_id] >= _MOST_OF_A_TENANT:
            raise RateLimited(
                f"{_MOST_OF_A_TENANT} texts of this tenant are being looked through.", retry_after_s=_RETRY_AFTER_S
            )
        self._under_way[tenant_id] += 1
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # Not when the caller leaves: a thread cannot be stopped.
        running.add_done_callback(lambda _: self._over(tenant_id))
        return await asyncio.shield(running)

    def _over(self, tenant_id: UUID) -> None:
        self._under_way[tenant_id] -= 1
        if not self._under_way[tenant_id]:
            del self._under_way[tenant_id]
