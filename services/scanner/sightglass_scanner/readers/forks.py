"""The fork server of this process, seen from it: started at the first need, and again should it end."""

import atexit
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Lock
from typing import Final

from sightglass_scanner.readers.fork_server import TOLD

_SERVER: Final = "sightglass_scanner.readers.child"
# Nothing of the scanner's, so no credentials. Threads of Arrow would not be there in a fork.
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
# Until a fork is there, the server's own start included. Only a server that was stopped takes so long.
_START_WALL_S: Final = 60.0
# From the end of a conversation to that of the process.
_END_WALL_S: Final = 5.0


class Fork:
    """A fork of the fork server: not our child, so that the server reaps it and tells us of its end."""

    def __init__(self, talk: socket.socket, fate: socket.socket, pidfd: int) -> None:
        """talk: the socket that messages are exchanged by."""
        self.talk = talk
        self._fate = fate
        self._pidfd = pidfd

    def end(self) -> None:
        """Kill it if it still runs. Once, and not after fate()."""
        self.talk.close()
        self._kill()
        self._reaped()

    def fate(self) -> int:
        """Its exit status, or minus the signal that ended it, once it has closed its socket. Once."""
        self.talk.close()
        self._fate.settimeout(_END_WALL_S)
        try:
            return self._reaped()
        except TimeoutError:  # it has closed the socket and goes on: a parser that was taken over
            self._kill()
            self._fate.settimeout(None)
            return self._reaped()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _reaped(self) -> int:
        told = self._fate.recv(TOLD.size)
        self._fate.close()
        os.close(self._pidfd)
        # A server that was killed has taken it along.
        return TOLD.unpack(told)[0] if told else -signal.SIGKILL


class ForkServer:
    """Forks readers, for any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process, if there is one."""
        return self._process.pid if self._process else None

    def fork(self) -> Fork:
        """A process that runs child.py. Raises OSError when there can be none, TimeoutError among them."""
        with self._lock:
            try:
                return self._forked()
            except ConnectionError:  # the server was killed: the next is another
                self._close()
                return self._forked()

    def close(self) -> None:
        """End the server, and all its forks. Nothing if there is none."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    def _forked(self) -> Fork:
        talk, child_talk = socket.socketpair()
        fate, child_fate = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with child_talk, child_fate:
                socket.send_fds(self._started(), [b"f"], [child_talk.fileno(), child_fate.fileno()])
            fate.settimeout(_START_WALL_S)
            told, descriptors, _, _ = socket.recv_fds(fate, TOLD.size, 1)
            fate.settimeout(None)
            if not descriptors:
                raise _no_fork(told)  # noqa: TRY301 -- the sockets are closed below
            return Fork(talk, fate, descriptors[0])
        except BaseException:
            talk.close()
            fate.close()
            raise

    def _started(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    self._process = subprocess.Popen(  # noqa: S603 -- our own module
                        [sys.executable, "-I", "-m", _SERVER],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        env=_ENVIRONMENT,
                        start_new_session=True,  # a ctrl-C at the terminal does not reach it
                    )
            except BaseException:
                ours.close()
                raise
            self._control = ours
        return self._control


def _no_fork(told: bytes) -> OSError:
    if not told:
        return ConnectionResetError("The fork server ended before it had forked.")
    (minus_errno,) = TOLD.unpack(told)
    return OSError(-minus_errno, os.strerror(-minus_errno))


# One is enough for all objects of a process.
FORKS: Final = ForkServer()
atexit.register(FORKS.close)
