"""Memory that a worker and a decoder both see, in which the worker lays what the decoder asks for of a film.

To hand a megabyte through their socket takes four milliseconds of CPU, most of it the kernel's for pages that are new
each time; to lay it here, and to take it out, half of one.
"""

import fcntl
import os
from typing import Final

from sightglass_worker.decode.source import LARGEST_READ_BYTES

# Of a window that can be of no other size, none can be made to take more memory.
_SEALS: Final = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


class Window:
    """Room for what is asked for at once, LARGEST_READ_BYTES. Only the parts that were used take memory.

    Raises OSError when there is no descriptor left.
    """

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("film", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, LARGEST_READ_BYTES)
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, _SEALS)

    def show(self, data: bytes) -> None:
        """Lay `data` at its beginning. Raises OSError when it is too large, or there is no memory for it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.pwrite(self.descriptor, rest, len(data) - len(rest)) :]

    def close(self) -> None:
        """Give it up; a decoder that has it keeps it to its own end."""
        os.close(self.descriptor)
