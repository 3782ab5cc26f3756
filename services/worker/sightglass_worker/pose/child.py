"""The pose engine's process: looks for persons in pictures that its parent sends, under limits. Started by process.py.

It is told of its engine `manifest`, tells the key points' `names`, and each call is `picture {width, height, first}`
with RGB as its blob.
"""

import mmap
import os
import socket
from typing import Any

import numpy as np

from sightglass_common.sandbox.wire import Message
from sightglass_worker.decode.wire import WIRE
from sightglass_worker.domain.pose.people import Person
from sightglass_worker.engines.child import Engine, run, shut_in
from sightglass_worker.pose.engine import Picture, PoseEngine


def opened(connection: socket.socket, wanted: dict[str, Any]) -> Engine:
    """The engine, and this process confined. Raises EngineMissing."""
    engine = _engine(connection, wanted)
    return Engine(lambda request: [_told(person) for person in engine.find(_picture(request))], {"names": engine.names})


def _engine(connection: socket.socket, wanted: dict[str, Any]) -> PoseEngine:
    memory_bytes = int(wanted["memory_bytes"])
    if wanted["name"] == "mediapipe":
        from sightglass_worker.pose.mediapipe_engine import MediaPipeEngine  # noqa: PLC0415 -- only what is used is loaded

        engine = MediaPipeEngine()
        # All of it is loaded now, as the sandbox lets no file be opened.
        shut_in(memory_bytes)
        return engine
    from sightglass_worker.pose.manifest import Manifest  # noqa: PLC0415 -- as above
    from sightglass_worker.pose.onnx_engine import OnnxEngine  # noqa: PLC0415 -- as above

    model = _model(connection)
    # The model too is foreign: it can name files that are to be loaded with it.
    shut_in(memory_bytes)
    return OnnxEngine(Manifest.model_validate(wanted["manifest"]), model)


def _model(connection: socket.socket) -> bytes:
    WIRE.send(connection, Message("model", {}))
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
    (descriptor,) = descriptors
    try:
        # By mapping, as the place in the file is shared with all who have it open.
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as model:
            return bytes(model)
    finally:
        os.close(descriptor)


def _picture(request: Message) -> Picture:
    shape = (int(request.fields["height"]), int(request.fields["width"]), 3)
    return Picture(np.frombuffer(request.blob, np.uint8).reshape(shape), bool(request.fields["first"]))


def _told(person: Person) -> dict[str, Any]:
    return {"box": person.box, "weight": person.weight, "points": list(person.keypoints)}


if __name__ == "__main__":
    run(opened)
