"""A decoder or an engine as a process: started, talked to, killed and reaped. Linux only."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Self, cast

from sightglass_common import video_errors
from sightglass_common.errors import ObjectTooLarge, SightglassError
from sightglass_common.sandbox.ended import OUT_OF_MEMORY_STATUS, Ended
from sightglass_common.sandbox.forks import readable
from sightglass_common.sandbox.launch import Executed, Launched
from sightglass_common.sandbox.wire import HEADER, GarbledError, Message, parsed
from sightglass_common.video_errors import DecoderCrashed, MemoryLimit, OutOfMemory, ProcessorLimit
from sightglass_worker.decode.forking import FORKS
from sightglass_worker.decode.window import Window
from sightglass_worker.decode.wire import WIRE

# What a decoder may say of a film. Any other code from it shows a broken decoder.
_ERRORS: Final = {
    error.code: error
    for error in (
        video_errors.NotAVideo,
        video_errors.EmptyFile,
        video_errors.NoVideoStream,
        video_errors.CorruptContainer,
        video_errors.CorruptStream,
        video_errors.UnsupportedCodec,
        video_errors.EncryptedMedia,
        video_errors.DimensionsTooLarge,
        video_errors.VideoTooLong,
        ObjectTooLarge,
        video_errors.MemoryLimit,
    )
}


class Child:
    """A running process that messages are exchanged with, seen from its parent: a decoder, or an engine."""

    def __init__(
        self,
        launched: Launched,
        connection: socket.socket,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._launched = launched
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._window: Window | None = None
        self._ended: Ended | None = None

    @classmethod
    async def decoder(cls) -> Self:
        """Start a decoder. Raises OSError and TimeoutError."""
        return await cls._started(FORKS.forked)

    @classmethod
    async def executed(cls, module: str, environment: Mapping[str, str]) -> Self:
        """Start `python -m module PARENT_PID`. Raises OSError."""

        async def launch(talk: socket.socket) -> Launched:
            return Executed(module, environment, talk.fileno())

        return await cls._started(launch)

    @classmethod
    async def _started(cls, launch: Callable[[socket.socket], Awaitable[Launched]]) -> Self:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                launched = await launch(theirs)
        except BaseException:
            ours.close()
            raise
        try:
            return cls(launched, ours, *await asyncio.open_connection(sock=ours))
        except BaseException:
            ours.close()
            launched.kill()
            launched.wait()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._launched.pid

    @property
    def ended(self) -> Ended | None:
        """What it came to, once it has been reaped."""
        return self._ended

    async def send(self, message: Message) -> None:
        """Send a message. A decoder that is gone is noticed when its answer is awaited."""
        with suppress(ConnectionError):  # messages() ends, and fate() tells why
            self._writer.write(WIRE.packed(message))
            await self._writer.drain()

    def hand_over(self, descriptor: int) -> None:
        """Give the decoder a descriptor of its own for an open file. Only while it waits for one.

        Raises DecoderCrashed when it does not, so that its socket is full.
        """
        try:
            with suppress(ConnectionError):  # as in send()
                socket.send_fds(self._connection, [b"\0"], [descriptor])
        except OSError as error:
            raise DecoderCrashed("The decoder could not be given the film.") from error

    @property
    def window(self) -> Window:
        """Where it finds what it asks for of a film, once it has been handed over. Raises OSError."""
        self._window = self._window or Window()
        return self._window

    async def messages(self) -> AsyncIterator[Message]:
        """What the decoder says, to its end; an error that it reports is raised."""
        while True:
            try:
                message = await _read(self._reader)
            except GarbledError as error:
                raise DecoderCrashed("The decoder sent what is no message.") from error
            if message is None:
                return
            if message.kind == "error":
                raise _reported(message.fields)
            yield message

    async def fate(self) -> SightglassError:
        """Why the decoder ended without a result; waits for its end."""
        await readable(self._launched.ends)
        status = self._reaped().status
        if status == OUT_OF_MEMORY_STATUS:
            return MemoryLimit()
        if status == -signal.SIGKILL:
            # Nobody here has killed it yet, so the kernel did, for the machine's memory.
            return OutOfMemory()
        if status == -signal.SIGXCPU:
            return ProcessorLimit()
        return DecoderCrashed(status=status)

    def end(self) -> None:
        """Kill it if it still runs, and reap it."""
        self._writer.close()
        if self._window is not None:
            self._window.close()
            self._window = None
        if self._ended is None:
            self._launched.kill()
            self._reaped()  # it has no say: over within a millisecond

    def _reaped(self) -> Ended:
        if self._ended is None:
            self._ended = self._launched.wait()
        return self._ended


async def _read(reader: asyncio.StreamReader) -> Message | None:
    """Wait for the next message; None at the end of the stream. Raises GarbledError."""
    try:
        text_size, blob_size = WIRE.sizes(await reader.readexactly(HEADER.size))
        return parsed(await reader.readexactly(text_size), await reader.readexactly(blob_size))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _reported(fields: dict[str, Any]) -> SightglassError:
    error = _ERRORS.get(str(fields.get("code")), DecoderCrashed)
    context: object = fields.get("context")
    named = cast("dict[str, object]", context) if isinstance(context, dict) else {}
    return error(str(fields.get("detail", ""))[:500], **{k: v for k, v in named.items() if k != "detail"})
