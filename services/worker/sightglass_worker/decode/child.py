"""The decoder process: reads foreign bytes under limits and tells its parent what it sees.

Started by process.py as `python -m sightglass_worker.decode.child PARENT_PID`. Standard input is a
socket to the parent. It has no environment, opens no file and no connection, and ends when its
parent does. What it is asked for, and what it may ask back, is in service.py.
"""

import gc
import os
import socket
import sys
from typing import Final

from sightglass_common.errors import DecoderCrashed, MemoryLimit, SightglassError
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.sandbox import confine, die_with
from sightglass_worker.decode.wire import Message, packed, receive

# Exit status when memory is so short that not even the message could be sent; process.py knows it.
OUT_OF_MEMORY_STATUS: Final = 77


def main(arguments: list[str]) -> int:
    """Serve the parent until it has no more requests. Returns the exit status."""
    (parent_pid,) = arguments
    die_with(int(parent_pid))
    with socket.socket(fileno=0) as connection:
        greeting = receive(connection)
        if greeting is None:
            return 1
        limits = Limits(**greeting.fields["limits"])
        # All of it now, as the sandbox lets no file be opened; and after the environment is set.
        from sightglass_worker.decode.service import serve  # noqa: PLC0415 -- as above

        # What is imported stays. To look through it for garbage, then and now, is a tenth of the start.
        gc.freeze()
        gc.enable()
        confine(memory_bytes=limits.memory_bytes, cpu_s=limits.probe_cpu_s, cpu_most_s=limits.cpu_s)
        try:
            serve(connection, limits)
        except ConnectionError:
            return 1  # the parent has lost interest
        except MemoryError:
            return _tell(connection, MemoryLimit())
        except SightglassError as error:
            return _tell(connection, error)
        except Exception as error:  # noqa: BLE001 -- whatever a decoder raises, the parent is told
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
    gc.disable()
    # Threads of the linear algebra library would take address space for nothing.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    status = main(sys.argv[1:])
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)
