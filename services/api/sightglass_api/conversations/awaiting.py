"""Who follows a turn is woken when there is something new of it."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from sightglass_common.announcing_queries import TURNS, listen
from sightglass_common.db import Pool


class Awaiting:
    """The turns that this process follows for its clients."""

    def __init__(self) -> None:
        self._followers: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def following(self, turn_id: UUID) -> Generator[asyncio.Event]:
        """An event that is set whenever there is something new of the turn, for whoever has it to clear.

        It is set to begin with: nobody tells what was announced before.
        """
        news = asyncio.Event()
        news.set()
        followers = self._followers.setdefault(str(turn_id), set())
        followers.add(news)
        try:
            yield news
        finally:
            followers.discard(news)
            if not followers:
                self._followers.pop(str(turn_id), None)

    def wake(self, turn_id: str) -> None:
        """Tell all followers of a turn."""
        for news in self._followers.get(turn_id, ()):
            news.set()

    async def run(self, pool: Pool, stop: asyncio.Event) -> None:
        """Wake followers as turns are announced, until `stop`; then all of them, as their streams are to end."""
        listener = asyncio.create_task(listen(pool, TURNS, self.wake, stop))
        try:
            await stop.wait()
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            for turn_id in tuple(self._followers):
                self.wake(turn_id)
