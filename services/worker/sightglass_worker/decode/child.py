"""The decoder process: reads foreign bytes under limits and tells its parent what it sees.

A fork of the fork server, which this module is started as. Standard input is a socket to the worker. It has no
environment of the worker's, opens no file and no connection, and ends when the server does. What it is asked for, and
what it may ask back, is in service.py.
"""

import os
import socket
import sys

from sightglass_common.errors import SightglassError
from sightglass_common.sandbox.confine import confine, die_with
from sightglass_common.sandbox.ended import OUT_OF_MEMORY_STATUS
from sightglass_common.sandbox.fork_server import run
from sightglass_common.sandbox.wire import Message
from sightglass_common.video_errors import DecoderCrashed, MemoryLimit
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.service import serve  # all of it now, as the sandbox lets no file be opened
from sightglass_worker.decode.wire import WIRE


def decode(connection: socket.socket) -> int:
    """Serve the worker until it has no more requests. Returns the exit status."""
    greeting = WIRE.receive(connection)
    if greeting is None:
        return 1
    limits = Limits(**greeting.fields["limits"])
    confine(memory_bytes=limits.memory_bytes, cpu_s=limits.probe_cpu_s, cpu_most_s=limits.cpu_s)
    try:
        serve(connection, limits)
    except ConnectionError:
        return 1  # the worker has lost interest
    except MemoryError:
        return _tell(connection, MemoryLimit())
    except SightglassError as error:
        return _tell(connection, error)
    except Exception as error:  # noqa: BLE001 -- whatever a decoder raises, the worker is told
        return _tell(connection, DecoderCrashed(f"{type(error).__name__}: {error}"[:300]))
    return 0


def _tell(connection: socket.socket, error: SightglassError) -> int:
    fields = {"code": error.code, "detail": error.detail, "context": error.context}
    try:
        WIRE.send(connection, Message("error", fields))
    except ConnectionError:
        return 1
    except MemoryError:
        return OUT_OF_MEMORY_STATUS
    return 0


if __name__ == "__main__":
    # The worker's event loop has started it, and is in the thread that ends with the worker.
    die_with(int(sys.argv[1]))
    status = run(decode)
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)
