"""The fork server seen from its parent: started once, and asked for processes."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Final

from sightglass_embedded.fork_server import Order
from sightglass_embedded.output import Sink
from sightglass_embedded.process import Command, Process

_READ_BYTES: Final = 65_536


class ForkServerGone(OSError):
    """The fork server ended before it had started the process."""


class Forking:
    """A fork server that is started at the first need, and again should it end.

    libraries: what it loads. env: its own environment. sink: where its own output goes, and what is wrong with it.
    """

    def __init__(self, libraries: Sequence[str], env: Mapping[str, str], sink: Sink) -> None:
        # One thread: what a library starts beside us would not be there in a fork.
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._env = {**env, **one_thread, "PYTHONUNBUFFERED": "1"}
        self._libraries = libraries
        self._sink = sink
        self._server: _Server | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Let it load the libraries, unless it runs. Raises OSError if it cannot be run."""
        async with self._starting:
            if self._server is not None and self._server.gone:
                await self.close()
            if self._server is None:
                self._server = await _Server.started(self._libraries, self._env, self._sink)

    async def fork(self, order: Order, sink: Sink) -> Process:
        """A process that carries out `order`, with its output in `sink`. Raises OSError."""
        await self.start()
        assert self._server is not None  # noqa: S101  # start() has seen to it
        server = self._server
        return await Process.with_output(sink, lambda output: server.fork(order, output))

    async def close(self) -> None:
        """End it, and what is left of its children."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()


class _Forked:
    """A child of the fork server: what asyncio's own process offers, as far as we need it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def ended(self, status: int) -> None:
        self.returncode = status
        self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None  # noqa: S101  # set together
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)


class _Server:
    def __init__(self, process: Process, orders: socket.socket) -> None:
        self._process = process
        self._orders = orders
        self._asked: deque[asyncio.Future[_Forked]] = deque()
        self._children: dict[int, _Forked] = {}
        self.gone = False
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def started(cls, libraries: Sequence[str], env: Mapping[str, str], sink: Sink) -> "_Server":
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003  # it has no other form
        argv = (sys.executable, "-m", "sightglass_embedded.fork_server", ",".join(libraries))
        try:
            with theirs:
                return cls(await Process.start(Command(argv=argv, env=env, stdin=theirs.fileno()), sink), ours)
        except BaseException:
            ours.close()
            raise

    async def fork(self, order: Order, output: int) -> _Forked:
        if self.gone:
            raise ForkServerGone("The fork server has ended.")
        started: asyncio.Future[_Forked] = asyncio.get_running_loop().create_future()
        # In a file of no name, so that the one byte with the descriptors never has to wait, however long the order is.
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(asdict(order)).encode())
            file.flush()
            socket.send_fds(self._orders, [b"o"], [file.fileno(), output])
        self._asked.append(started)
        return await started

    async def close(self) -> None:
        if not self.gone:
            self._orders.shutdown(socket.SHUT_WR)
        await self._process.stop(((signal.SIGTERM, 1.0),))
        await self._listening

    async def _listen(self) -> None:
        rest = b""
        with self._orders, suppress(ConnectionResetError):  # the same as an end
            while chunk := await asyncio.get_running_loop().sock_recv(self._orders, _READ_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
        self.gone = True
        # The kernel ends them with it.
        for child in self._children.values():
            child.ended(-signal.SIGKILL)
        for asked in self._asked:
            if not asked.done():
                asked.set_exception(ForkServerGone("The fork server has ended."))

    def _take(self, answer: Mapping[str, int]) -> None:
        if "ended" in answer:
            self._children.pop(answer["ended"]).ended(answer["status"])
            return
        asked = self._asked.popleft()
        if "refused" in answer:
            if not asked.cancelled():
                asked.set_exception(OSError(answer["refused"], os.strerror(answer["refused"])))
            return
        child = self._children[answer["started"]] = _Forked(answer["started"])
        if asked.cancelled():  # nobody waits for it any more
            child.send_signal(signal.SIGKILL)
        else:
            asked.set_result(child)
