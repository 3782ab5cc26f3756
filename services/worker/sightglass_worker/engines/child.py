"""An engine's process, from inside: answers what its parent asks, under limits.

A module that is started as `python -m MODULE PARENT_PID` calls `run`. Standard input is a socket to the parent, which
sends `engine {name, memory_bytes, call_cpu_s, ...}`. Who wants a model asks back `model {}`, to which the answer is one
byte with the model's descriptor. Then the parent is told `ready {...}` or `missing {detail}`, and makes its calls, each
answered by `found {found}`. The process ends when its parent does.
"""

import os
import resource
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sightglass_common.sandbox.confine import confine, die_with
from sightglass_common.sandbox.wire import Message
from sightglass_worker.decode.wire import WIRE
from sightglass_worker.engines.errors import EngineMissing

# The process lives for as long as the worker; what one call may take is set for each call.
_CPU_MOST_S: Final = 10 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that is ready. answer: to a call. about: what the parent is to know of it."""

    answer: Callable[[Message], object]
    about: dict[str, object] = field(default_factory=dict[str, object])


Opener = Callable[[socket.socket, dict[str, Any]], Engine]


def run(opened: Opener) -> None:
    """Serve the parent until it has no more calls, and end the process.

    opened: makes the engine by the parent's greeting, and shuts this process in. May raise EngineMissing.
    """
    (parent_pid,) = sys.argv[1:]
    die_with(int(parent_pid))
    with socket.socket(fileno=0) as connection:
        status = _served(connection, opened)
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)


def shut_in(memory_bytes: int) -> None:
    """Confine this process for good. Everything that the engine needs must be loaded by now."""
    confine(memory_bytes=memory_bytes, cpu_s=_CPU_MOST_S, cpu_most_s=_CPU_MOST_S)


def _served(connection: socket.socket, opened: Opener) -> int:
    greeting = WIRE.receive(connection)
    if greeting is None:
        return 1
    try:
        engine = opened(connection, greeting.fields)
    except EngineMissing as error:
        WIRE.send(connection, Message("missing", {"detail": str(error)}))
        return 0
    WIRE.send(connection, Message("ready", engine.about))
    while request := WIRE.receive(connection):
        _allow(int(greeting.fields["call_cpu_s"]))
        WIRE.send(connection, Message("found", {"found": engine.answer(request)}))
    return 0


def _allow(call_cpu_s: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + 1 + call_cpu_s, hard))
