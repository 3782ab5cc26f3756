"""The decoder process: reads foreign bytes under limits and tells its parent what it sees.

Started by run.py as `python -m sightglass_worker.decode.child MODE PARENT_PID`. Standard input is a
socket to the parent; for MODE `analyze`, standard output is the film's descriptor, opened for reading.
It has no environment, opens no other file and no connection, and ends when its parent does.
"""

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from sightglass_common.errors import CorruptContainer, DecoderCrashed, OutOfMemory, SightglassError
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.sandbox import confine, die_with
from sightglass_worker.decode.wire import Message, packed, receive

# Exit status when memory is so short that not even the message could be sent; process.py knows it.
OUT_OF_MEMORY_STATUS: Final = 77
# A header that needs more than this is scattered over the whole file; reading it would be a download.
_MAX_PROBE_BYTES: Final = 64 * 1024 * 1024


def main(arguments: list[str]) -> int:
    """Serve one request. Returns the exit status."""
    mode, parent_pid = arguments
    die_with(int(parent_pid))
    with socket.socket(fileno=0) as connection:
        request = receive(connection)
        if request is None:
            return 1
        limits = Limits(**request.fields["limits"])
        try:
            for message in _probed(connection, request, limits) if mode == "probe" else _analyzed(limits):
                connection.sendall(packed(message))
        except ConnectionError:
            return 1  # the parent has lost interest
        except MemoryError:
            return _tell(connection, OutOfMemory())
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


def _probed(connection: socket.socket, request: Message, limits: Limits) -> Iterator[Message]:
    from sightglass_worker.decode.probe import probe  # noqa: PLC0415 -- each mode imports its own
    from sightglass_worker.decode.source import RangedFile  # noqa: PLC0415 -- as above

    left = _MAX_PROBE_BYTES

    def fetch(offset: int, size: int) -> bytes:
        nonlocal left
        left -= size
        if left < 0:
            raise CorruptContainer("The header is scattered over more than 64 MiB.")
        connection.sendall(packed(Message("read", {"offset": offset, "size": size})))
        answer = receive(connection)
        if answer is None:
            raise ConnectionResetError
        return answer.blob

    confine(memory_bytes=limits.memory_bytes, cpu_s=limits.probe_cpu_s)
    source = RangedFile(fetch, int(request.fields["size_bytes"]))
    yield Message("probe", asdict(probe(source, limits)))


def _analyzed(limits: Limits) -> Iterator[Message]:
    from sightglass_worker.decode.analysis import analyze_film  # noqa: PLC0415 -- each mode imports its own
    from sightglass_worker.decode.report import message  # noqa: PLC0415 -- as above
    from sightglass_worker.decode.source import DescriptorFile  # noqa: PLC0415 -- as above

    confine(memory_bytes=limits.memory_bytes, cpu_s=limits.cpu_s)
    for result in analyze_film(DescriptorFile(1), limits):
        yield message(result)


if __name__ == "__main__":
    # Threads of the linear algebra library would take address space for nothing.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    status = main(sys.argv[1:])
    # Nothing is left to flush or close; tearing the libraries down could only go wrong.
    os._exit(status)
