"""The engine's process: reads pages that its parent sends, under limits.

Started by process.py as `python -m sightglass_worker.ocr.child PARENT_PID`. Standard input is a socket
to the parent, which sends `engine {name, program, memory_bytes, call_cpu_s}`, is answered `ready {}` or
`missing {detail}`, and then sends `page {width, height, picture_side, wanted}` with the luma as its blob,
each answered by `lines {found}`, or `find` with the same, answered by `boxes {found}`. It ends when its parent does.
"""

import os
import resource
import socket
import sys
from typing import Any, Final, cast

import numpy as np

from sightglass_worker.decode.sandbox import confine, die_with
from sightglass_worker.decode.wire import Message, packed, receive
from sightglass_worker.domain.box import Box
from sightglass_worker.ocr.engine import EngineMissing, Page, TextEngine

# The process lives for as long as the worker; what one call may take is set for each call.
_CPU_MOST_S: Final = 10 * 365 * 24 * 3600


def main(arguments: list[str]) -> int:
    """Serve the parent until it has no more pages. Returns the exit status."""
    (parent_pid,) = arguments
    die_with(int(parent_pid))
    with socket.socket(fileno=0) as connection:
        greeting = receive(connection)
        if greeting is None:
            return 1
        try:
            engine = _opened(greeting.fields)
        except EngineMissing as error:
            connection.sendall(packed(Message("missing", {"detail": str(error)})))
            return 0
        connection.sendall(packed(Message("ready", {})))
        _serve(connection, engine, int(greeting.fields["call_cpu_s"]))
    return 0


def _opened(wanted: dict[str, Any]) -> TextEngine:
    """The engine, and this process confined as far as the engine lets it be."""
    memory_bytes = int(wanted["memory_bytes"])
    if wanted["name"] == "tesseract":
        from sightglass_worker.ocr.tesseract import TesseractEngine  # noqa: PLC0415 -- only what is used is loaded

        _restrain(memory_bytes)
        return TesseractEngine(str(wanted["program"]), int(wanted["call_cpu_s"]))
    from sightglass_worker.ocr.rapid import RapidEngine  # noqa: PLC0415 -- as above

    engine = RapidEngine()
    # All of it is loaded now, as the sandbox lets no file be opened.
    confine(memory_bytes=memory_bytes, cpu_s=_CPU_MOST_S, cpu_most_s=_CPU_MOST_S)
    return engine


def _restrain(memory_bytes: int) -> None:
    """Limit this process and the programs that it starts, so it cannot be shut in any further."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _serve(connection: socket.socket, engine: TextEngine, call_cpu_s: int) -> None:
    while request := receive(connection):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        spent = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + 1 + call_cpu_s, hard))
        page = _page(request)
        if request.kind == "find":
            connection.sendall(packed(Message("boxes", {"found": engine.find(page)})))
        else:
            connection.sendall(packed(Message("lines", {"found": engine.read(page)})))


def _page(request: Message) -> Page:
    shape = (int(request.fields["height"]), int(request.fields["width"]))
    wanted = cast("list[list[float]]", request.fields["wanted"])
    luma = np.frombuffer(request.blob, np.uint8).reshape(shape)
    return Page(luma, int(request.fields["picture_side"]), [Box(*box) for box in wanted])


if __name__ == "__main__":
    status = main(sys.argv[1:])
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)
