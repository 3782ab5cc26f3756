"""Runs the children: in the order of their needs, until told to stop, and then in reverse."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sightglass_embedded.child import Child
from sightglass_embedded.keeper import Keeper
from sightglass_embedded.output import LogFile, Tee, Terminal
from sightglass_embedded.run_file import ChildRecord, RunFile

_TRIES: Final = 3  # that a child has at its first start, before the whole start is given up


class StartFailed(RuntimeError):
    """A child did not get ready. The message ends with what it said last."""


class Supervisor:
    """Children of one state folder. They end with this process, however it ends.

    logs: folder for <name>.log. terminal: where their output also goes, if anywhere.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        logs: Path,
        run_file: RunFile,
        terminal: Terminal | None,
    ) -> None:
        self._run_file = run_file
        self._own = Tee("sightglass", LogFile(logs / "sightglass.log"), terminal)
        self._keepers = {
            child.name: Keeper(
                child,
                Tee(child.name, LogFile(logs / f"{child.name}.log"), None if child.quiet else terminal),
                tell=self.tell,
                changed=self._record,
            )
            for child in children
        }
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start all; returns when all are ready. Raises StartFailed, with all of them stopped."""
        self._record()
        self._tasks = [asyncio.create_task(self._run(keeper)) for keeper in self._keepers.values()]
        try:
            while not all(keeper.ready.is_set() for keeper in self._keepers.values()):
                self._look_for_failures()
                await asyncio.sleep(0.02)
        except BaseException:
            await self.stop()
            raise

    async def restart(self, names: Sequence[str]) -> None:
        """Restart the named children, all at once."""
        await asyncio.gather(*(self._keepers[name].restart() for name in names))

    async def stop(self) -> None:
        """Stop all: each when those that need it have ended."""
        ended = {name: asyncio.Event() for name in self._keepers}

        async def stop(name: str) -> None:
            for other in self._keepers.values():
                if name in other.child.after:
                    await ended[other.child.name].wait()
            try:
                await self._keepers[name].stop()
            finally:
                ended[name].set()

        await asyncio.gather(*(stop(name) for name in self._keepers))
        for task in self._tasks:
            task.cancel()  # those that still wait for what they need
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._record()

    def kill(self) -> None:
        """End all at once, without any order."""
        for keeper in self._keepers.values():
            keeper.kill()

    def tell(self, text: str) -> None:
        """A line of our own among those of the children."""
        self._own.line(text)

    async def ready(self, name: str) -> None:
        """Wait until the named child is ready."""
        await self._keepers[name].ready.wait()

    async def _run(self, keeper: Keeper) -> None:
        for name in keeper.child.after:
            await self._keepers[name].ready.wait()
        await keeper.run()

    def _look_for_failures(self) -> None:
        for keeper in self._keepers.values():
            if keeper.failures >= _TRIES:
                raise StartFailed(f"{keeper.child.name} did not start.\n{keeper.output.log.tail()}")

    def _record(self) -> None:
        try:
            self._run_file.write(
                ChildRecord.of(keeper.child.name, keeper.process.pid, keeper.child.port)
                for keeper in self._keepers.values()
                if keeper.process is not None
            )
        except OSError as error:  # a full disk must not end what runs; only a clean-up after a kill needs it
            self.tell(f"run.json could not be written: {error}")
