"""What a decoder process asks of its parent: the film as an open file, or ranges of its bytes."""

import os
import socket
from collections.abc import Callable
from typing import Final

from sightglass_common.sandbox.wire import GarbledError, Message
from sightglass_worker.decode.wire import WIRE

# Standard output, which nobody reads: given up for what the parent hands over, as the sandbox allows no fourth
# descriptor.
_SPARE: Final = 1


class Parent:
    """The worker at the other end of a connection. It hands over one descriptor at a time: the film, or a window.

    Raises GarbledError for an answer to something else, and ConnectionError when the worker has lost interest.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._has_window = False

    def film(self) -> int:
        """A descriptor of the film, which is a file at the worker's. The one before it is no more."""
        self._has_window = False
        return self._handed_over("film")

    def ranges(self, most_bytes: int | None, refuse: Callable[[], Exception]) -> Callable[[int, int], bytes]:
        """What fetches `size` bytes from `offset`; after most_bytes in all it raises what `refuse` makes."""
        left = most_bytes

        def fetch(offset: int, size: int) -> bytes:
            nonlocal left
            if left is not None:
                left -= size
                if left < 0:
                    raise refuse()
            return self._bytes(offset, size)

        return fetch

    def next(self, kind: str) -> Message:
        """The worker's next message, of that kind."""
        message = WIRE.receive(self._connection)
        if message is None:
            raise ConnectionResetError
        if message.kind != kind:
            raise GarbledError(message.kind)
        return message

    def _bytes(self, offset: int, size: int) -> bytes:
        """They lie in the window when the worker says so."""
        if not self._has_window:
            self._handed_over("window")
            self._has_window = True
        WIRE.send(self._connection, Message("read", {"offset": offset, "size": size}))
        return os.pread(_SPARE, int(self.next("bytes").fields["size"]), 0)

    def _handed_over(self, what: str) -> int:
        os.close(_SPARE)
        WIRE.send(self._connection, Message(what, {}))
        data, descriptors, _, _ = socket.recv_fds(self._connection, 1, 1)
        if not data:
            raise ConnectionResetError
        (descriptor,) = descriptors  # the lowest that is free
        return descriptor
