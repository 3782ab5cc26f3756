"""What a service does when it gets a signal: SIGTERM and SIGINT stop it, SIGUSR1 has it say what it waits for."""

import asyncio
import signal
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any, Final

import structlog

# What suspended coroutines, generators and asynchronous generators call their frame, and what they wait for.
_FRAMES: Final = ("cr_frame", "gi_frame", "ag_frame")
_AWAITED: Final = ("cr_await", "gi_yieldfrom", "ag_await")

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def stop_event() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set. The running loop hears these from now on, and SIGUSR1."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tell_tasks_when_asked()
    return stop


def tell_tasks_when_asked() -> None:
    """On SIGUSR1, log a line for each task of the running loop, with the calls that it waits in. It goes on as before.

    For a process that stands still, and for one that is busy: nothing of what it works on is told.
    """
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, _tell_tasks, loop)


def waits_in(task: "asyncio.Task[Any]") -> list[str]:
    """The calls that a task waits in, the outermost first: `function (module:line)`, and at last what it waits for."""
    return list(_calls(task.get_coro()))


def _tell_tasks(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        _log.warning("task.waits", task=task.get_name(), calls=waits_in(task))


def _calls(awaited: object) -> Iterator[str]:
    while awaited is not None:
        frame = _first(awaited, _FRAMES)
        if not isinstance(frame, FrameType):
            yield type(awaited).__qualname__  # a future, or what is written in C
            return
        yield _place(frame.f_code, frame)
        awaited = _first(awaited, _AWAITED)


def _place(code: CodeType, frame: FrameType) -> str:
    return f"{code.co_qualname} ({frame.f_globals.get('__name__')}:{frame.f_lineno})"


def _first(thing: object, names: tuple[str, ...]) -> object:
    return next((getattr(thing, name) for name in names if hasattr(thing, name)), None)
