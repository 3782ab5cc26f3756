"""Our GETs of S3 against a server that answers as a test wants."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiobotocore.credentials import AioCredentials
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, NoCredentialsError, ReadTimeoutError
from botocore.exceptions import ConnectionError as NoConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st
from types_aiobotocore_s3.client import S3Client

from sightglass_common import aws, s3_get
from sightglass_common.aws import open_s3
from sightglass_common.s3_get import gets_of

BODY = bytes(range(256)) * 64
SLOW = (503, b"<Error><Code>SlowDown</Code><Message>Slower.</Message></Error>")
DENIED = (403, b"<Error><Code>AccessDenied</Code></Error>")
FINE = (206, BODY)
HANG_UP = (0, b"")
HALF = (1, b"")
SILENCE = (2, b"")
CLOSED = (206, b"the last")  # after which the connection is closed
_KEYS = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/")


class AtOnce(random.Random):
    """Pauses of no length."""

    def random(self) -> float:
        return 0.0


@dataclass
class Server:
    """Gives its answers in their turn, the last one again and again; a status of 0 to 2 is a fault."""

    answers: list[tuple[int, bytes]]
    region: str = ""  # only in this one
    url: str = ""
    connections: int = 0
    seen: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                request, *lines = head.decode().split("\r\n")[:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                self.seen.append(headers | {"": request})
                status, body = self._next(headers)
                if status < 3:
                    if status == 1:
                        writer.write(b"HTTP/1.1 206 X\r\nContent-Length: 100\r\n\r\n" + bytes(50))
                        await writer.drain()
                    if status == 2:
                        continue
                    break
                length = b"Content-Length: %d\r\n" % len(body)
                more = b'ETag: "e"\r\nContent-Range: bytes 0-99/%d\r\n' % len(BODY)
                more += b"Connection: close\r\n" if body == CLOSED[1] else b""
                writer.write(b"HTTP/1.1 %d X\r\n%s%s\r\n%s" % (status, length, more, body))
                if body == CLOSED[1]:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    def _next(self, headers: dict[str, str]) -> tuple[int, bytes]:
        found = _KEYS.search(headers["authorization"])
        if self.region and found and found[2] != self.region:
            wrong = f"<Error><Code>AuthorizationHeaderMalformed</Code><Region>{self.region}</Region></Error>"
            return 400, wrong.encode()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def calling(
    *answers: tuple[int, bytes], attempts: int = 3, region: str = "", session: Any = None
) -> AsyncGenerator[tuple[S3Client, Server]]:
    server = Server(list(answers), region)
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        async with open_s3(server.url, attempts=attempts, session=session) as s3:
            gets_of(s3)._rng = AtOnce()
            yield s3, server
    finally:
        for writer in server.writers:
            writer.close()
        listening.close()


async def get(s3: S3Client, key: str = "k") -> s3_get.Got:
    return await gets_of(s3).get("bucket", key, 0, len(BODY), etag='"e"')


@pytest.mark.parametrize("passing", [SLOW, HANG_UP, HALF, (500, b""), (502, b"<html>"), (429, b"")])
async def test_what_passes_is_tried_again(passing: tuple[int, bytes]) -> None:
    async with calling(passing, passing, FINE) as (s3, server):
        assert (await get(s3)).body == BODY
        assert len(server.seen) == 3


async def test_a_code_that_passes_is_tried_again_whatever_its_status() -> None:
    async with calling((400, b"<Error><Code>RequestTimeout</Code></Error>"), FINE) as (s3, _):
        assert (await get(s3)).body == BODY


async def test_what_does_not_pass_is_raised_in_the_end() -> None:
    async with calling(SLOW) as (s3, server):
        with pytest.raises(ClientError, match="SlowDown"):
            await get(s3)
        assert len(server.seen) == 3
    async with calling(HALF, attempts=2) as (s3, server):
        with pytest.raises(ConnectionClosedError):
            await get(s3)
        assert len(server.seen) == 2


async def told_of(gets: s3_get.S3Gets, key: str) -> s3_get.Told:
    try:
        return await gets.get("bucket", key, 0, len(BODY))
    except (ClientError, BotoCoreError) as error:
        return error


@given(st.lists(st.sampled_from([FINE, (200, b"x"), SLOW, DENIED, HANG_UP, HALF, CLOSED]), max_size=8))
@settings(max_examples=10, deadline=None)
def test_many_come_to_what_each_comes_to_by_itself(faults: list[tuple[int, bytes]]) -> None:
    async def compared() -> None:
        keys = ["a", "b", "", "c", "d"]
        async with calling(*faults, FINE) as (s3, server):
            each = await gets_of(s3).get_each("bucket", keys, len(BODY), at_once=1)
        async with calling(*faults, FINE) as (s3, alone):
            alike = [await told_of(gets_of(s3), key) for key in keys]
        assert [repr(one) for one in each] == [repr(one).replace(alone.url, server.url) for one in alike]
        assert [seen[""] for seen in server.seen] == [seen[""] for seen in alone.seen]

    asyncio.run(compared())


async def test_many_at_once_are_told_in_their_order_over_few_connections() -> None:
    async with calling(FINE) as (s3, server):
        keys = [str(number) for number in range(100)]
        each = await gets_of(s3).get_each("bucket", keys, len(BODY), at_once=7)
        assert [one.body for one in each if isinstance(one, s3_get.Got)] == [BODY] * 100
        assert sorted(seen[""].split()[1] for seen in server.seen) == sorted(f"/bucket/{key}" for key in keys)
        assert server.connections == 7


async def test_a_run_goes_on_after_one_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_STALL_S", 0.3)
    async with calling(FINE, SILENCE, FINE) as (s3, server):
        each = await gets_of(s3).get_each("bucket", ["a", "b", "c"], len(BODY), at_once=1)
        assert [isinstance(one, s3_get.Got) for one in each] == [True] * 3
        assert (len(server.seen), server.connections) == (4, 2)


async def test_a_refusal_is_not_tried_again() -> None:
    async with calling(DENIED) as (s3, server):
        with pytest.raises(ClientError, match="AccessDenied") as caught:
            await get(s3)
        assert caught.value.operation_name == "GetObject"
        assert len(server.seen) == 1


async def test_a_read_that_stands_is_tried_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_STALL_S", 0.3)
    async with calling(SILENCE, FINE) as (s3, server):
        assert (await get(s3)).body == BODY
        assert (len(server.seen), server.connections) == (2, 2)
    async with calling(SILENCE, attempts=2) as (s3, server):
        with pytest.raises(ReadTimeoutError):
            await get(s3)


async def test_nobody_listening_is_an_outage() -> None:
    async with open_s3("http://127.0.0.1:1", attempts=2) as s3:
        gets_of(s3)._rng = AtOnce()
        with pytest.raises(NoConnectionError):
            await get(s3)


async def test_connections_are_kept_and_one_that_was_closed_meanwhile_costs_no_attempt() -> None:
    async with calling(FINE, FINE, HANG_UP, FINE, attempts=1) as (s3, server):
        for _ in range(3):
            await get(s3)
        assert (len(server.seen), server.connections) == (4, 2)
        assert {headers["connection"] for headers in server.seen} == {"keep-alive"}


async def test_a_bucket_of_another_region_is_found_by_the_sdk_once() -> None:
    async with calling(FINE, region="eu-west-1") as (s3, server):
        assert [(await get(s3)).body for _ in range(3)] == [BODY] * 3
        regions = [found[2] for headers in server.seen if (found := _KEYS.search(headers["authorization"]))]
        assert regions[-2:] == ["eu-west-1", "eu-west-1"]
        assert "amz-sdk-request" not in server.seen[-1]  # it is ours again
        assert "amz-sdk-request" not in server.seen[-2]


async def test_what_is_sent_is_one_signed_get() -> None:
    async with calling(FINE) as (s3, server):
        got = await gets_of(s3).get("bucket", "a b/ü+%.txt", 5, 10, version_id="v 1", etag='"e"')
        assert (got.etag, got.size_bytes, got.version_id) == ('"e"', len(BODY), "")
    (seen,) = server.seen
    assert seen[""] == "GET /bucket/a%20b/%C3%BC%2B%25.txt?versionId=v%201 HTTP/1.1"
    assert (seen["range"], seen["if-match"]) == ("bytes=5-14", '"e"')


async def test_credentials_are_those_of_now() -> None:
    session: Any = get_session()
    session._credentials = AioCredentials("FIRST", "secret", "token-1")
    async with calling(FINE, session=session) as (s3, server):
        await get(s3)
        session._credentials.access_key = "SECOND"
        session._credentials.token = "token-2"
        await get(s3)
    found = [_KEYS.search(headers["authorization"]) for headers in server.seen]
    assert [match[1] for match in found if match] == ["FIRST", "SECOND"]
    assert [headers["x-amz-security-token"] for headers in server.seen] == ["token-1", "token-2"]


async def test_without_credentials_nothing_is_sent() -> None:
    async with calling(FINE) as (s3, server):
        gets_of(s3)._credentials = None
        with pytest.raises(NoCredentialsError):
            await get(s3)
        assert not server.seen


@pytest.mark.parametrize(
    ("environment", "bucket", "address"),
    [
        ({"AWS_DEFAULT_REGION": "eu-central-1"}, "films", ("films.s3.eu-central-1.amazonaws.com", 443, True, "/")),
        (
            {"AWS_DEFAULT_REGION": "eu-central-1"},
            "with.dots",
            ("s3.eu-central-1.amazonaws.com", 443, True, "/with.dots/"),
        ),
        (
            {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
            "films",
            ("films.s3.dualstack.eu-central-1.amazonaws.com", 443, True, "/"),
        ),
        ({"AWS_ENDPOINT_URL": "https://s3.example.com:9000"}, "films", ("s3.example.com", 9000, True, "/films/")),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000"}, "films", ("127.0.0.1", 9000, False, "/films/")),
    ],
)
async def test_a_bucket_is_where_the_sdk_says(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], bucket: str, address: tuple[str, int, bool, str]
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with open_s3() as s3:
        learned = await gets_of(s3)._learned(bucket)
    assert learned is not None
    assert (learned.origin.host, learned.origin.port, learned.origin.tls, learned.base) == address
    standard = "" if learned.origin.port == 443 else f":{learned.origin.port}"
    assert learned.host == learned.origin.host + standard


async def test_behind_a_proxy_the_sdk_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.com")
    async with open_s3("http://s3.example.org") as s3:
        assert await gets_of(s3)._learned("bucket") is None
    async with open_s3("http://s3.example.com") as s3:
        assert await gets_of(s3)._learned("bucket") is not None
