"""The fork server of this process, seen from it: started at the first need, and again should it end."""

import asyncio
import atexit
import os
import signal
import socket
from contextlib import suppress
from typing import Final

from sightglass_worker.decode.fork_server import ENDED, STARTED
from sightglass_worker.decode.launch import Ended, Executed

_SERVER: Final = "sightglass_worker.decode.child"
# Nothing of the worker's, so no credentials. Threads of the linear algebra library would not be there in a fork.
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1"}
# Until a fork is there, the server's own start included. Only a server that was stopped takes so long.
_START_WALL_S: Final = 60.0


class Forked:
    """A fork of the fork server: not our child, so that the server reaps it and tells us of its end."""

    def __init__(self, pid: int, pidfd: int, fate: socket.socket) -> None:
        self.pid = pid
        self._pidfd = pidfd
        self._fate = fate

    @property
    def ends(self) -> int:
        """Readable once it has ended."""
        return self._fate.fileno()

    def kill(self) -> None:
        """End it at once. Nothing if it is over."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def wait(self) -> Ended:
        """Wait for its end, and give up its descriptors."""
        with self._fate:
            told = self._fate.recv(ENDED.size)
        os.close(self._pidfd)
        # A server that was killed has taken it along.
        return Ended(*ENDED.unpack(told)) if told else Ended(-signal.SIGKILL, 0, 0)


class ForkServer:
    """Forks decoders. Not for threads."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: Executed | None = None

    @property
    def pid(self) -> int | None:
        """The server's process, if there is one."""
        return self._process.pid if self._process else None

    async def fork(self, talk: socket.socket) -> Forked:
        """A process that runs child.py with its end of a conversation; `talk` may be closed afterwards.

        Raises OSError when there can be none, and TimeoutError.
        """
        try:
            return await self._forked(talk)
        except ConnectionError:  # the server was killed: the next is another
            self.close()
            return await self._forked(talk)

    def close(self) -> None:
        """End the server, and all its forks. Nothing if there is none."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    async def _forked(self, talk: socket.socket) -> Forked:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                socket.send_fds(self._started(), [b"f"], [talk.fileno(), theirs.fileno()])
            async with asyncio.timeout(_START_WALL_S):
                await readable(ours.fileno())
            told, descriptors, _, _ = socket.recv_fds(ours, STARTED.size, 1)
        except TimeoutError:
            ours.close()
            self.close()
            raise
        except BaseException:
            ours.close()  # the fork finds its conversation over
            raise
        if descriptors:
            (pid,) = STARTED.unpack(told)
            return Forked(pid, descriptors[0], ours)
        ours.close()
        if not told:
            raise ConnectionResetError("The fork server ended before it had forked.")
        (minus_errno,) = STARTED.unpack(told)
        raise OSError(-minus_errno, os.strerror(-minus_errno))

    def _started(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    self._process = Executed(_SERVER, _ENVIRONMENT, theirs.fileno())
            except BaseException:
                ours.close()
                raise
            self._control = ours
        return self._control


async def readable(descriptor: int) -> None:
    """Wait until something can be read there, or its other end is gone."""
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(descriptor)


# One is enough for all films of a process.
FORKS: Final = ForkServer()
atexit.register(FORKS.close)
