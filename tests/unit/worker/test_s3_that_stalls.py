"""An S3 that does not give or take all that was asked: it costs a part, asked for again, and never stands still."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from sightglass_common import aws
from sightglass_common import s3 as s3_module
from sightglass_common.errors import DependencyUnavailable
from sightglass_common.s3 import ObjectRef
from sightglass_worker import download as parts
from sightglass_worker.download import read_patiently

BODY = bytes(range(256)) * 4096
REF = ObjectRef(bucket="b", key="k", etag='"e"', size_bytes=len(BODY), version_id="")
# What S3 does in the middle of its first answer.
Fault = Callable[[asyncio.StreamWriter], None]
_RANGE = re.compile(rb"range: bytes=(\d+)-(\d+)", re.IGNORECASE)


def stop(_: asyncio.StreamWriter) -> None:
    """Say no more, and leave the connection as it is."""


def hang_up(writer: asyncio.StreamWriter) -> None:
    """End in order, before the end."""
    writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Be gone."""
    writer.transport.abort()


@asynccontextmanager
async def an_s3(fault: Fault) -> AsyncGenerator[tuple[str, list[int]]]:
    """Its address, and where each read that it was asked for begins."""
    asked: list[int] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while head := await reader.readuntil(b"\r\n\r\n"):
            found = _RANGE.search(head)
            assert found is not None
            first, last = map(int, found.groups())
            asked.append(first)
            data = BODY[first : last + 1]
            writer.write(b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n\r\n" % len(data))
            if len(asked) == 1:
                writer.write(data[: len(data) // 2])
                await writer.drain()
                fault(writer)
                return
            writer.write(data)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}", asked
    finally:
        for writer in writers:
            writer.close()
        server.close()


@pytest.mark.parametrize("fault", [stop, hang_up, reset])
async def test_a_read_that_comes_to_nothing_half_way_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(aws, "_STALL_S", 0.2)
    monkeypatch.setattr(parts, "_PAUSES_S", (0.0,))
    async with an_s3(fault) as (url, asked), aws.open_s3(url) as s3:
        assert await read_patiently(s3, REF, 7, 100_000) == BODY[7:100_007]
    assert asked == [7, 7]


async def test_a_read_that_drips_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    dripping: list[asyncio.Task[None]] = []

    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:  # well within what may lie between one byte and the next
            writer.write(b".")
            await asyncio.sleep(0.01)

    monkeypatch.setattr(aws, "_WALL_S", 1.5)  # enough for the read that goes well, on any machine
    monkeypatch.setattr(parts, "_PAUSES_S", (0.0,))
    async with an_s3(lambda writer: dripping.append(asyncio.create_task(drip(writer)))) as (url, asked):
        async with asyncio.timeout(20), aws.open_s3(url) as s3:
            assert await read_patiently(s3, REF, 7, 100_000) == BODY[7:100_007]
        dripping[0].cancel()
    assert asked == [7, 7]


async def test_an_s3_that_takes_no_object_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)  # what nobody reads is not taken

    monkeypatch.setattr(s3_module, "_CALL_WALL_S", 0.3)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with asyncio.timeout(20), aws.open_s3(f"http://{host}:{port}") as s3:
        with pytest.raises(DependencyUnavailable, match="too long"):
            await s3_module.put(s3, "b", "k", bytes(32 * 2**20))
    for writer in writers:
        writer.close()
    server.close()
