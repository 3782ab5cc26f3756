"""What the supervisor has to know about a child."""

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sightglass_embedded.process import Start, StopSteps
from sightglass_embedded.readiness import Check

# A service drains: it finishes, or hands back, what it has begun (shutdown_grace_s is 25 by default).
DRAIN: Final[StopSteps] = ((signal.SIGTERM, 30.0),)


async def nothing() -> None:
    """The hook of a child that needs none."""


@dataclass(frozen=True)
class Child:
    """A program that is to run. Its hooks are called again each time that it is started again.

    start: called at each start, after `prepare`.
    ready: asked again and again after a start; OSError means not yet.
    after: names of the children that must be ready first.
    settle: what must happen between its readiness and the start of those that need it.
    leave: last thing before it is stopped in order, when those that need it have ended.
    stop: how it is stopped in order.
    port: where it listens, for the run file.
    quiet: its output goes to its log file only.
    """

    name: str
    start: Start
    ready: Check
    after: tuple[str, ...] = ()
    prepare: Callable[[], Awaitable[None]] = nothing
    settle: Callable[[], Awaitable[None]] = nothing
    leave: Callable[[], Awaitable[None]] = nothing
    stop: StopSteps = DRAIN
    ready_s: float = 60.0
    port: int = 0
    quiet: bool = False
