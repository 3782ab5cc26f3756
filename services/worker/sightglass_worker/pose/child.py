"""The pose engine's process: looks for persons in pictures that its parent sends, under limits.

Started by process.py as `python -m sightglass_worker.pose.child PARENT_PID`. Standard input is a socket to the
parent, which sends `engine {name, memory_bytes, call_cpu_s, manifest}`. An engine with a model asks back `model {}`,
to which the answer is one byte with the model's descriptor. Then the parent is told `ready {names}` or
`missing {detail}`, and sends `picture {width, height, first}` with RGB as its blob, each answered by
`people {people}`. It ends when its parent does.
"""

import mmap
import os
import resource
import socket
import sys
from typing import Any, Final

import numpy as np

from sightglass_worker.decode.sandbox import confine, die_with
from sightglass_worker.decode.wire import Message, packed, receive
from sightglass_worker.domain.pose.people import Person
from sightglass_worker.pose.engine import Picture, PoseEngine, PoseEngineMissing

# The process lives for as long as the worker; what one call may take is set for each call.
_CPU_MOST_S: Final = 10 * 365 * 24 * 3600


def main(arguments: list[str]) -> int:
    """Serve the parent until it has no more pictures. Returns the exit status."""
    (parent_pid,) = arguments
    die_with(int(parent_pid))
    with socket.socket(fileno=0) as connection:
        greeting = receive(connection)
        if greeting is None:
            return 1
        try:
            engine = _opened(connection, greeting.fields)
        except PoseEngineMissing as error:
            connection.sendall(packed(Message("missing", {"detail": str(error)})))
            return 0
        connection.sendall(packed(Message("ready", {"names": engine.names})))
        _serve(connection, engine, int(greeting.fields["call_cpu_s"]))
    return 0


def _opened(connection: socket.socket, wanted: dict[str, Any]) -> PoseEngine:
    """The engine, and this process confined."""
    memory_bytes = int(wanted["memory_bytes"])
    if wanted["name"] == "mediapipe":
        from sightglass_worker.pose.mediapipe_engine import MediaPipeEngine  # noqa: PLC0415 -- only what is used is loaded

        engine = MediaPipeEngine()
        # All of it is loaded now, as the sandbox lets no file be opened.
        _confine(memory_bytes)
        return engine
    from sightglass_worker.pose.manifest import Manifest  # noqa: PLC0415 -- as above
    from sightglass_worker.pose.onnx_engine import OnnxEngine  # noqa: PLC0415 -- as above

    model = _model(connection)
    # The model too is foreign: it can name files that are to be loaded with it.
    _confine(memory_bytes)
    return OnnxEngine(Manifest.model_validate(wanted["manifest"]), model)


def _confine(memory_bytes: int) -> None:
    confine(memory_bytes=memory_bytes, cpu_s=_CPU_MOST_S, cpu_most_s=_CPU_MOST_S)


def _model(connection: socket.socket) -> bytes:
    connection.sendall(packed(Message("model", {})))
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
    (descriptor,) = descriptors
    try:
        # By mapping, as the place in the file is shared with all who have it open.
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as model:
            return bytes(model)
    finally:
        os.close(descriptor)


def _serve(connection: socket.socket, engine: PoseEngine, call_cpu_s: int) -> None:
    while request := receive(connection):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        spent = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + 1 + call_cpu_s, hard))
        people = [_told(person) for person in engine.find(_picture(request))]
        connection.sendall(packed(Message("people", {"people": people})))


def _picture(request: Message) -> Picture:
    shape = (int(request.fields["height"]), int(request.fields["width"]), 3)
    return Picture(np.frombuffer(request.blob, np.uint8).reshape(shape), bool(request.fields["first"]))


def _told(person: Person) -> dict[str, Any]:
    return {"box": person.box, "weight": person.weight, "points": list(person.keypoints)}


if __name__ == "__main__":
    status = main(sys.argv[1:])
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)
