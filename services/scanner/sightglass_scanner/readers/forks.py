"""The children of this process that read, and their fork server: one is enough for all objects."""

import atexit
import socket
from typing import Final

from sightglass_common.sandbox.forks import Forked, ForkServer

# Nothing of the scanner's, so no credentials. Threads of Arrow would not be there in a fork.
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
# From the end of a conversation to that of the process.
_END_WALL_S: Final = 5.0

FORKS: Final = ForkServer("sightglass_scanner.readers.child", _ENVIRONMENT)
atexit.register(FORKS.close)


class Fork:
    """A child that reads. talk: the socket that messages are exchanged by."""

    def __init__(self) -> None:
        """Start it. Raises OSError when there can be none, TimeoutError among them."""
        self.talk, theirs = socket.socketpair()
        try:
            with theirs:
                self._forked: Forked = FORKS.fork(theirs)
        except BaseException:
            self.talk.close()
            raise

    def end(self) -> None:
        """Kill it if it still runs. Once, and not after fate()."""
        self.talk.close()
        self._forked.kill()
        self._forked.wait()

    def fate(self) -> int:
        """Its exit status, or minus the signal that ended it, once it has closed its socket. Once."""
        self.talk.close()
        try:
            return self._forked.wait(_END_WALL_S).status
        except TimeoutError:  # it has closed the socket and goes on: a parser that was taken over
            self._forked.kill()
            return self._forked.wait().status
