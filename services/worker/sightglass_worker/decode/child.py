"""The decoder process: reads foreign bytes under limits and tells its parent what it sees.

A fork of the fork server, which this module is started as. Standard input is a socket to the worker. It has no
environment of the worker's, opens no file and no connection, and ends when the server does. What it is asked for, and
what it may ask back, is in service.py.
"""

import os
import socket
from typing import Final

from sightglass_common.errors import SightglassError
from sightglass_common.video_errors import DecoderCrashed, MemoryLimit
from sightglass_worker.decode.fork_server import run
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.sandbox import confine
from sightglass_worker.decode.service import serve  # all of it now, as the sandbox lets no file be opened
from sightglass_worker.decode.wire import Message, packed, receive

# Exit status when memory is so short that not even the message could be sent; process.py knows it.
OUT_OF_MEMORY_STATUS: Final = 77


def decode(connection: socket.socket) -> int:
    """Serve the worker until it has no more requests. Returns the exit status."""
    greeting = receive(connection)
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
        connection.sendall(packed(Message("error", fields)))
    except ConnectionError:
        return 1
    except MemoryError:
        return OUT_OF_MEMORY_STATUS
    return 0


if __name__ == "__main__":
    status = run(decode)
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)
