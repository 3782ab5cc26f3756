"""A process that has loaded what children need, and forks into a child whenever it is asked for one.

To load that takes a fifth of a second of CPU, a fork 5 ms. Started by forks.py as `python -m MODULE PARENT_PID`, where
MODULE calls `run`; standard input is a socket to the service. It never reads a foreign byte: only its forks do, each
for one object. It has no environment of the service's, and ends when the service closes the socket, as by dying; its
forks end when it does.
"""

import gc
import os
import select
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sightglass_common.sandbox.confine import die_with
from sightglass_common.sandbox.ended import Ended

# What the service is told of a fork, over a socket of its own: its process id, with a descriptor of it; or minus the
# errno of why there is none.
STARTED: Final = struct.Struct(">i")
# Then, once: exit status, microseconds of CPU, most bytes resident.
ENDED: Final = struct.Struct(">iqq")

Work = Callable[[socket.socket], int]


def run(work: Work) -> int:
    """Serve the service until it is gone. Returns there, and in each fork with the exit status of its `work`.

    An order is one byte with two descriptors: sockets, one for the fork to be talked to, one for what it comes to.
    """
    # What is imported stays. To look through it for garbage would copy the pages that the forks share.
    gc.freeze()
    fork = _Server(control=0).serve()
    if fork is None:
        return 0
    gc.enable()
    with fork:
        return work(fork)


class _Server:
    def __init__(self, control: int) -> None:
        self._control = socket.socket(fileno=control)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        # Process id and the socket for its fate, by the descriptor that tells of its end.
        self._forks: dict[int, tuple[int, int]] = {}

    def serve(self) -> socket.socket | None:
        """Serve to the end of the service. Returns in each fork, with the socket that it is talked to by; here None."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._forks:
                    self._bury(descriptor)
                    continue
                byte, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
                if not byte:
                    return None
                talk, fate = descriptors
                if self._forked(talk, fate):
                    return socket.socket(fileno=0)

    def _forked(self, talk: int, fate: int) -> bool:
        """Fork. Whether this is the fork."""
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:  # too many processes, or too little memory
            _tell(fate, STARTED.pack(-(error.errno or 0)))
            os.close(fate)
            os.close(talk)
            return False
        if pid == 0:
            self._control.detach()
            os.dup2(talk, 0)
            # The object's descriptor, and nothing of the server's or of another object's.
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            die_with(parent)
            return True
        os.close(talk)
        pidfd = os.pidfd_open(pid)
        self._forks[pidfd] = pid, fate
        self._poll.register(pidfd, select.POLLIN)
        _tell(fate, STARTED.pack(pid), pidfd)
        return False

    def _bury(self, pidfd: int) -> None:
        pid, fate = self._forks.pop(pidfd)
        self._poll.unregister(pidfd)
        ended = Ended.of(pid)
        _tell(fate, ENDED.pack(ended.status, ended.cpu_us, ended.peak_bytes))
        for descriptor in (pidfd, fate):
            os.close(descriptor)


def _tell(fate: int, what: bytes, *descriptors: int) -> None:
    connection = socket.socket(fileno=fate)
    with suppress(ConnectionError):  # nobody wants to know any more
        socket.send_fds(connection, [what], descriptors)
    connection.detach()
