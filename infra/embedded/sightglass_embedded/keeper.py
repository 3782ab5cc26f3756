"""Keeps one child running: starts it, sees that it gets ready, starts it again when it ends."""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sightglass_embedded.backoff import Backoff
from sightglass_embedded.child import Child
from sightglass_embedded.output import Tee
from sightglass_embedded.process import Process, StopSteps
from sightglass_embedded.readiness import until_ready

# For a child whose code has just changed: what it does not finish at once is delivered again.
_QUICKLY: Final[StopSteps] = ((signal.SIGTERM, 0.5),)


class Keeper:
    """One child and its life. `tell` gets what a person should know, `changed` is called at each start and end."""

    def __init__(
        self,
        child: Child,
        output: Tee,
        *,
        tell: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self.child = child
        self.output = output
        self.ready = asyncio.Event()
        self.failures = 0  # before it was ready for the first time
        self.process: Process | None = None
        self._tell = tell
        self._changed = changed
        self._wake = asyncio.Event()
        self._leaving = False

    async def run(self) -> None:
        """Keep it running until `stop`."""
        backoff = Backoff()
        while not self._leaving:
            self._wake.clear()
            began = time.monotonic()
            reason = await self._live()
            if self._leaving or self._wake.is_set():
                continue
            pause_s = backoff.pause_s(time.monotonic() - began)
            self._tell(f"{self.child.name} {reason}; next start in {pause_s:g} s")
            with suppress(TimeoutError):  # the usual case: nobody woke us before the pause was over
                await asyncio.wait_for(self._wake.wait(), pause_s)

    async def restart(self) -> None:
        """End it now, and start it again without a pause."""
        self._wake.set()
        if self.process is not None:
            await self.process.stop(_QUICKLY)

    async def stop(self) -> None:
        """End it in order."""
        if self.process is not None and self.ready.is_set():
            try:
                await self.child.leave()
            except Exception as error:  # noqa: BLE001  # whatever it is, the processes must still end
                self._tell(f"{self.child.name} could not be left in order: {error!r}")
        self._leave()
        if self.process is not None:
            await self.process.stop(self.child.stop)

    def kill(self) -> None:
        """End it at once."""
        self._leave()
        if self.process is not None:
            self.process.kill()

    def _leave(self) -> None:
        self._leaving = True
        self._wake.set()

    async def _live(self) -> str:
        """One life, from start to end; how it ended."""
        try:
            await self.child.prepare()
            self.process = await self.child.start(self.output)
            self._changed()
            await until_ready(self.child.name, self.process, self.child.ready, timeout_s=self.child.ready_s)
            await self.child.settle()
            self.ready.set()
            code = await self.process.wait()
        except Exception as error:  # noqa: BLE001  # any failure to start is told, and tried again
            self.failures += 0 if self._leaving or self._wake.is_set() else 1
            self.output.log.line(f"[supervisor] {error}")
            return f"did not start: {error}"
        else:
            return f"ended with exit code {code}"
        finally:
            await self._bury()

    async def _bury(self) -> None:
        self.ready.clear()
        if self.process is not None:
            await self.process.stop(self.child.stop)
            self.process = None
            self._changed()
