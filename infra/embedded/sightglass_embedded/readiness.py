"""Waiting until a child answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from sightglass_embedded.ports import LOOPBACK
from sightglass_embedded.process import Process

_POLL_S: Final = 0.03
_ANSWER_S: Final = 5.0  # one question; a child that takes longer is asked again

Check = Callable[[], Awaitable[bool]]


class NotReady(RuntimeError):
    """A child ended, or stayed silent, before it was ready."""


async def until_ready(name: str, process: Process, check: Check, *, timeout_s: float) -> None:
    """Ask `check` until it says yes. Raises NotReady when the process ends first or the time is up."""
    deadline = time.monotonic() + timeout_s
    while True:
        answered = await _asked(check)
        # First, as a stranger on its port may answer in its place.
        if process.exit_code is not None:
            raise NotReady(f"{name} ended with exit code {await process.wait()} before it was ready.")
        if answered:
            return
        if time.monotonic() > deadline:
            raise NotReady(f"{name} was not ready within {timeout_s:.0f} s.")
        await asyncio.sleep(_POLL_S)


async def _asked(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), _ANSWER_S)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):  # not listening yet, or hung up on us
        return False


async def http_status(
    port: int, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> int:
    """Ask 127.0.0.1 over HTTP/1.1 and return the answer's status; the body is not read.

    By hand, as importing an HTTP library takes longer than a service needs to start.
    Raises OSError when nobody listens, ValueError when what answers is not HTTP.
    """
    fields = {"Host": f"{LOOPBACK}:{port}", "Connection": "close", "Content-Length": str(len(body))}
    fields |= dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        status_line = await reader.readline()
    finally:
        writer.close()
        with suppress(OSError):  # the other side may have closed first
            await writer.wait_closed()
    if not status_line:
        raise ConnectionResetError("The connection closed without an answer.")
    return int(status_line.split(b" ", 2)[1])
