"""The decoder as a process: started, talked to, killed and reaped. Linux only."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, Final, Self, cast

from sightglass_common import errors
from sightglass_common.errors import DecoderCrashed, MemoryLimit, OutOfMemory, ProcessorLimit, SightglassError
from sightglass_worker.decode import wire
from sightglass_worker.decode.wire import Message

_CHILD: Final = "sightglass_worker.decode.child"
# Exit status of a decoder so short of memory that it could not even say so.
OUT_OF_MEMORY_STATUS: Final = 77
# What a decoder may say of a film. Any other code from it shows a broken decoder.
_ERRORS: Final = {
    error.code: error
    for error in (
        errors.NotAVideo,
        errors.EmptyFile,
        errors.NoVideoStream,
        errors.CorruptContainer,
        errors.CorruptStream,
        errors.UnsupportedCodec,
        errors.EncryptedMedia,
        errors.DimensionsTooLarge,
        errors.VideoTooLong,
        errors.ObjectTooLarge,
        errors.MemoryLimit,
    )
}


class Decoder:
    """A running decoder, seen from its parent."""

    def __init__(
        self,
        popen: subprocess.Popen[bytes],
        connection: socket.socket,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._popen = popen
        self._connection = connection
        # Names this very process, also when its number is given to another.
        self._pidfd = os.pidfd_open(popen.pid)
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, module: str = _CHILD, environment: Mapping[str, str] | None = None) -> Self:
        """Start a decoder, or another process that is talked to and ends as one: `python -m module PARENT_PID`."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                # Nothing of the worker's environment, so no credentials. A session of its own, so that a ctrl-C at the
                # terminal reaches only the worker.
                popen = subprocess.Popen(  # noqa: ASYNC220, S603 -- our own module; returns as soon as the process exists
                    [sys.executable, "-I", "-m", module, str(os.getpid())],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment or {},
                    start_new_session=True,
                )
        except BaseException:
            ours.close()
            raise
        try:
            return cls(popen, ours, *await asyncio.open_connection(sock=ours))
        except BaseException:
            ours.close()
            popen.kill()
            popen.wait()
            raise

    @property
    def pid(self) -> int:
        """The decoder's process id."""
        return self._popen.pid

    async def send(self, message: Message) -> None:
        """Send a message. A decoder that is gone is noticed when its answer is awaited."""
        with suppress(ConnectionError):  # messages() ends, and fate() tells why
            self._writer.write(wire.packed(message))
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

    async def messages(self) -> AsyncIterator[Message]:
        """What the decoder says, to its end; an error that it reports is raised."""
        while True:
            try:
                message = await _read(self._reader)
            except wire.GarbledError as error:
                raise DecoderCrashed("The decoder sent what is no message.") from error
            if message is None:
                return
            if message.kind == "error":
                raise _reported(message.fields)
            yield message

    async def fate(self) -> SightglassError:
        """Why the decoder ended without a result; waits for its end."""
        ended = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._pidfd, lambda: ended.done() or ended.set_result(None))
        try:
            await ended
        finally:
            loop.remove_reader(self._pidfd)
        status = self._popen.wait()
        if status == OUT_OF_MEMORY_STATUS:
            return MemoryLimit()
        if status == -signal.SIGKILL:
            # Nobody here has killed it yet, so the kernel did, for the machine's memory.
            return OutOfMemory()
        if status == -signal.SIGXCPU:
            return ProcessorLimit()
        return DecoderCrashed(status=status)

    def end(self) -> None:
        """Kill the decoder if it still runs, and reap it."""
        self._writer.close()
        if self._popen.returncode is None:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            self._popen.wait()  # it has no say: over within a millisecond
        os.close(self._pidfd)


async def _read(reader: asyncio.StreamReader) -> Message | None:
    """Wait for the next message; None at the end of the stream. Raises GarbledError."""
    try:
        text_size, blob_size = wire.sizes(await reader.readexactly(wire.HEADER.size))
        return wire.parsed(await reader.readexactly(text_size), await reader.readexactly(blob_size))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _reported(fields: dict[str, Any]) -> SightglassError:
    error = _ERRORS.get(str(fields.get("code")), DecoderCrashed)
    context: object = fields.get("context")
    named = cast("dict[str, object]", context) if isinstance(context, dict) else {}
    return error(str(fields.get("detail", ""))[:500], **{k: v for k, v in named.items() if k != "detail"})
