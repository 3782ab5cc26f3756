"""Our client of SQS against a server that answers as a test wants."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiobotocore.credentials import AioCredentials
from aiobotocore.httpsession import AIOHTTPSession
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as NoConnectionError

from sightglass_common.sqs import Sqs

FINE = (200, '{"QueueUrl": "https://example.com/1/q"}')
THROTTLED = (400, '{"__type": "com.amazonaws.sqs#RequestThrottled", "message": "Slower."}')
NO_QUEUE = (400, '{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "None."}')
HANG_UP = (0, "")


class AtOnce(random.Random):
    """Pauses of no length."""

    def random(self) -> float:
        return 0.0


@dataclass
class Server:
    """Gives its answers in their turn, the last one again and again. A status of 0 closes the connection."""

    answers: list[tuple[int, str]]
    url: str = ""
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                self.seen.append((headers, await reader.readexactly(int(headers["content-length"]))))
                status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not status:
                    break
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}".encode())
        except asyncio.IncompleteReadError:
            pass
        writer.close()


@asynccontextmanager
async def calling(
    *answers: tuple[int, str], attempts: int = 3, credentials: AioCredentials | None = None, keyless: bool = False
) -> AsyncGenerator[tuple[Sqs, Server]]:
    server = Server(list(answers))
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    keys = None if keyless else credentials or AioCredentials("AKID", "secret", "the-token")
    async with listening, AIOHTTPSession() as http:
        yield Sqs(http, keys, url=server.url, region="eu-central-1", attempts=attempts, rng=AtOnce()), server


@pytest.mark.parametrize("passing", [THROTTLED, HANG_UP, (503, "<html>"), (500, ""), (429, "")])
async def test_what_passes_is_tried_again(passing: tuple[int, str]) -> None:
    async with calling(passing, passing, FINE) as (sqs, server):
        assert (await sqs.get_queue_url(QueueName="q"))["QueueUrl"] == "https://example.com/1/q"
        assert len(server.seen) == 3
        assert {body for _, body in server.seen} == {b'{"QueueName": "q"}'}


async def test_what_does_not_pass_is_raised_in_the_end() -> None:
    async with calling(THROTTLED) as (sqs, server):
        with pytest.raises(ClientError, match="RequestThrottled"):
            await sqs.get_queue_url(QueueName="q")
        assert len(server.seen) == 3
    async with calling(HANG_UP, attempts=2) as (sqs, server):
        with pytest.raises(ConnectionClosedError):
            await sqs.get_queue_url(QueueName="q")
        assert len(server.seen) == 2


async def test_a_refusal_is_not_tried_again() -> None:
    async with calling(NO_QUEUE) as (sqs, server):
        with pytest.raises(ClientError, match="QueueDoesNotExist") as caught:
            await sqs.get_queue_url(QueueName="q")
        assert len(server.seen) == 1
        assert caught.value.operation_name == "GetQueueUrl"


async def test_nobody_listening_is_an_outage() -> None:
    async with AIOHTTPSession() as http:
        keys = AioCredentials("AKID", "secret")
        away = Sqs(http, keys, url="http://127.0.0.1:1/", region="x", attempts=2, rng=AtOnce())
        with pytest.raises(NoConnectionError):
            await away.get_queue_url(QueueName="q")


@pytest.mark.parametrize("page", ["<html>Welcome</html>", "[]", '"fine"', "\x00"])
async def test_what_is_no_answer_of_sqs_is_no_empty_queue(page: str) -> None:
    async with calling((200, page), attempts=1) as (sqs, _):
        with pytest.raises(HTTPClientError):
            await sqs.receive_message(QueueUrl="q")


async def test_an_error_page_of_a_proxy_is_an_error_of_its_status() -> None:
    async with calling((403, "<html>Blocked</html>")) as (sqs, _):
        with pytest.raises(ClientError, match="403"):
            await sqs.receive_message(QueueUrl="q")


async def test_without_credentials_nothing_is_sent() -> None:
    async with calling(FINE, keyless=True) as (sqs, server):
        with pytest.raises(NoCredentialsError):
            await sqs.get_queue_url(QueueName="q")
        assert not server.seen


async def test_the_signature_is_of_the_whole_request() -> None:
    """Recomputed from the wire, by the steps of AWS's Signature Version 4."""
    async with calling(FINE) as (sqs, server):
        await sqs.send_message(QueueUrl="u", MessageBody="Grüße")
        headers, body = server.seen[0]
    assert json.loads(body) == {"QueueUrl": "u", "MessageBody": "Grüße"}
    assert headers["x-amz-target"] == "AmazonSQS.SendMessage"
    assert headers["x-amz-security-token"] == "the-token"
    fields = dict(part.split("=", 1) for part in headers["authorization"].removeprefix("AWS4-HMAC-SHA256 ").split(", "))
    signed = fields["SignedHeaders"].split(";")
    assert set(signed) == {"content-type", "host", "x-amz-date", "x-amz-target", "x-amz-security-token"}
    canonical = "\n".join(
        ["POST", "/", "", *(f"{name}:{headers[name]}" for name in signed), "", ";".join(signed), _sha256(body)]
    )
    key_id, *scope = fields["Credential"].split("/")
    assert (key_id, scope[1:]) == ("AKID", ["eu-central-1", "sqs", "aws4_request"])
    key = b"AWS4secret"
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], "/".join(scope), _sha256(canonical.encode())])
    assert fields["Signature"] == hmac.new(key, text.encode(), "sha256").hexdigest()


async def test_connections_are_kept() -> None:
    async with calling(FINE) as (sqs, server):
        await sqs.get_queue_url(QueueName="q")
        assert server.seen[0][0]["connection"] == "keep-alive"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
