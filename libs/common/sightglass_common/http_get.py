"""GET by HTTP/1.1 over connections that are kept, with little between a request and the wire.

A request is bytes, an answer is held whole: a status, headers and a body of at most so many bytes.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from sightglass_common.http_answers import HEAD_BYTES, Answer, AnswerReader, NoAnswer

# Idle for so long, a connection is closed before the other side does it (S3: about 20 s, not documented).
_IDLE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go to."""

    host: str
    port: int
    tls: bool


class Broken(Exception):
    """The connection ended before the answer did, or what came was none."""


class Stood(Exception):
    """Nothing came for too long, or the whole took too long."""


class Asking(Protocol):
    """Requests, each of which is made as soon as the answer to the one before is there."""

    @property
    def request(self) -> bytes | None:
        """The one to be made; None when there is none left."""
        ...

    def take(self, answer: Answer) -> None:
        """Take the answer to it, and go on to the next."""
        ...


class Connection(asyncio.BufferedProtocol):
    """One connection, for one request at a time. stall_s: without a byte; wall_s: of a whole request."""

    def __init__(self, stall_s: float, wall_s: float) -> None:
        self.used = False  # whether it has brought an answer
        self.began = False  # whether a byte of the answer is there
        self._loop = asyncio.get_running_loop()
        self._stall_s, self._wall_s = stall_s, wall_s
        self._head = memoryview(bytearray(HEAD_BYTES))
        self._transport: asyncio.Transport | None = None
        self._asking: Asking | None = None
        self._most_bytes = 0
        self._reading: AnswerReader | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._started_at = self._moved_at = self._loop.time()

    @property
    def usable(self) -> bool:
        """Whether another request can be made."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, asking: Asking, most_bytes: int) -> None:
        """Make the requests, up to the last one that it takes. Many cost no more of the loop than their bytes do.

        Raises Broken, Stood and what `take` raises; after them, or when cancelled, the connection is of no use.
        """
        request = asking.request
        if request is None:
            return
        if not self.usable:
            raise Broken
        self._asking, self._most_bytes = asking, most_bytes
        self._waiter = self._loop.create_future()
        try:
            self._send(request)
            await self._waiter
        except BaseException:
            self.close()
            raise
        finally:
            self._waiter = self._reading = self._asking = None

    def _send(self, request: bytes) -> None:
        assert self._transport is not None  # noqa: S101  # as it is usable
        self.began = False
        self._reading = AnswerReader(self._head, self._most_bytes)
        self._started_at = self._moved_at = self._loop.time()
        if self._timer is None:
            self._look_at_the_clock()
        self._transport.write(request)

    def close(self) -> None:
        """Be done with it."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: it is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # of a stream, as we open no others
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Asyncio: where the next bytes go."""
        return self._reading.room() if self._reading and self._waits else self._head

    def buffer_updated(self, nbytes: int) -> None:
        """Asyncio: so many have come."""
        if not self._waits:
            self.close()  # nobody has asked for it
            return
        self._moved_at = self._loop.time()
        self.began = True
        self._settle(lambda reading: reading.took(nbytes))

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: it is gone."""
        if self._timer is not None:
            self._timer.cancel()
        self._transport = None
        if self._waits and exc is None:
            self._settle(lambda reading: reading.ended())
        if self._waiter is not None and self._waits:
            self._waiter.set_exception(Broken("the connection was closed"))

    @property
    def _waits(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _settle(self, step: "Callable[[AnswerReader], Answer | None]") -> None:
        assert self._reading is not None and self._waiter is not None  # noqa: S101, PT018  # both are set by ask()
        try:
            answer = step(self._reading)
            if answer is not None:
                self._go_on(answer)
        except NoAnswer as error:
            self._waiter.set_exception(Broken(str(error)))
        except Exception as error:  # noqa: BLE001  # the loop would only log it
            self._waiter.set_exception(error)

    def _go_on(self, answer: Answer) -> None:
        assert self._asking is not None and self._waiter is not None  # noqa: S101, PT018  # both are set by ask()
        self.used = True
        self._asking.take(answer)
        if not answer.keeps:
            self.close()
        elif (request := self._asking.request) is not None and self.usable:
            self._send(request)
            return
        self._waiter.set_result(None)

    def _look_at_the_clock(self) -> None:
        """One timer for as long as the connection lives: most requests are over before it runs."""
        now = self._loop.time()
        due = min(self._moved_at + self._stall_s, self._started_at + self._wall_s)
        if not self._waits:
            due = self._moved_at + _IDLE_S
        if now < due:
            self._timer = self._loop.call_at(min(due, now + min(self._stall_s, self._wall_s)), self._look_at_the_clock)
            return
        if self._waiter is not None and self._waits:
            self._waiter.set_exception(Stood)
        self.close()


class Connections:
    """Connections to some origins, as many at once as `most`, kept for the next request."""

    def __init__(
        self, trust: Callable[[], ssl.SSLContext], *, connect_s: float, stall_s: float, wall_s: float, most: int
    ) -> None:
        """trust: makes what certificates are checked by, at the first need."""
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        self._connect_s, self._stall_s, self._wall_s = connect_s, stall_s, wall_s
        self._slots = asyncio.Semaphore(most)
        self._idle: dict[Origin, list[Connection]] = {}

    async def ask(self, origin: Origin, asking: Asking, most_bytes: int) -> None:
        """Make some requests over as few connections as take them.

        Raises Broken, Stood, OSError (TimeoutError, SSLError) without a connection, and what `take` raises.
        """
        async with self._slots:
            idle = self._idle.setdefault(origin, [])
            while asking.request is not None:
                connection = self._kept(idle) or await self._open(origin)
                try:
                    await connection.ask(asking, most_bytes)
                except Broken:
                    if connection.began or not connection.used:
                        raise
                    continue  # the other side had closed it meanwhile, as it may
                if connection.usable:
                    idle.append(connection)

    def close(self) -> None:
        """Close those that are idle; each other one is closed by whoever uses it."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    @staticmethod
    def _kept(idle: list[Connection]) -> Connection | None:
        while idle:
            connection = idle.pop()
            if connection.usable:
                return connection
        return None

    async def _open(self, origin: Origin) -> Connection:
        if origin.tls and self._context is None:
            self._context = self._trust()
        async with asyncio.timeout(self._connect_s):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self._stall_s, self._wall_s),
                origin.host,
                origin.port,
                ssl=self._context if origin.tls else None,
            )
        return connection
