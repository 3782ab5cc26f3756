"""A fork server seen from the service: started at the first need, and again should it end."""

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final

from sightglass_common.sandbox.ended import Ended
from sightglass_common.sandbox.fork_server import ENDED, STARTED
from sightglass_common.sandbox.launch import Executed

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

    def wait(self, within_s: float | None = None) -> Ended:
        """Wait for its end, and give up its descriptors. Once; again after a TimeoutError, when it still runs."""
        self._fate.settimeout(within_s)
        told = self._fate.recv(ENDED.size)
        self._fate.close()
        os.close(self._pidfd)
        # A server that was killed has taken it along.
        return Ended(*ENDED.unpack(told)) if told else Ended(-signal.SIGKILL, 0, 0)


@dataclass(frozen=True, slots=True)
class _Running:
    """A server. control: the socket that orders go by."""

    process: Executed
    control: socket.socket

    @classmethod
    def started(cls, module: str, environment: Mapping[str, str]) -> "_Running":
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return cls(Executed(module, environment, theirs.fileno()), ours)
        except BaseException:
            ours.close()
            raise

    def end(self) -> None:
        self.control.close()
        self.process.kill()
        self.process.wait()


class ForkServer:
    """Forks children that run what `module` has given to fork_server.run. For any thread.

    environment: all that they have of one.
    """

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._module = module
        self._environment = environment
        self._lock = Lock()
        self._running: _Running | None = None

    @property
    def pid(self) -> int | None:
        """The server's process, if there is one."""
        running = self._running
        return running.process.pid if running else None

    def fork(self, talk: socket.socket) -> Forked:
        """A child with its end of a conversation; `talk` may be closed afterwards. Waits in this thread.

        Raises OSError when there can be none, TimeoutError among them.
        """
        try:
            return self._fork(talk)
        except ConnectionError:  # the server was killed: the next is another
            return self._fork(talk)

    async def forked(self, talk: socket.socket) -> Forked:
        """As fork, while the event loop goes on."""
        try:
            return await self._forked(talk)
        except ConnectionError:  # as in fork()
            return await self._forked(talk)

    def close(self) -> None:
        """End the server, and all its forks. Nothing if there is none."""
        self._end(self._running)

    def _fork(self, talk: socket.socket) -> Forked:
        with self._ordered(talk) as fate:
            fate.settimeout(_START_WALL_S)
            return _born(fate)

    async def _forked(self, talk: socket.socket) -> Forked:
        with self._ordered(talk) as fate:
            async with asyncio.timeout(_START_WALL_S):
                await readable(fate.fileno())
            return _born(fate)

    @contextmanager
    def _ordered(self, talk: socket.socket) -> Generator[socket.socket]:
        """Order a fork, and give the socket that tells of it. A server that ends, or stands still, is ended."""
        fate, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        running = None
        try:
            with theirs, self._lock:
                running = self._started()
                socket.send_fds(running.control, [b"f"], [talk.fileno(), theirs.fileno()])
            yield fate
        except (ConnectionError, TimeoutError):
            fate.close()
            self._end(running)
            raise
        except BaseException:
            fate.close()  # the fork finds its conversation over
            raise

    def _started(self) -> _Running:
        if self._running is None:
            self._running = _Running.started(self._module, self._environment)
        return self._running

    def _end(self, running: _Running | None) -> None:
        """End that server, if nobody has done so. Another one may run by now, with forks that have done nothing."""
        with self._lock:
            if running is not None and running is self._running:
                self._running = None
                running.end()


async def readable(descriptor: int) -> None:
    """Wait until something can be read there, or its other end is gone."""
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(descriptor)


def _born(fate: socket.socket) -> Forked:
    told, descriptors, _, _ = socket.recv_fds(fate, STARTED.size, 1)
    if not told:
        raise ConnectionResetError("The fork server ended before it had forked.")
    (pid,) = STARTED.unpack(told)
    if descriptors:
        return Forked(pid, descriptors[0], fate)
    reason = -pid if pid < 0 else errno.EMFILE  # here was no room for the descriptor: the fork finds itself alone
    raise OSError(reason, os.strerror(reason))
