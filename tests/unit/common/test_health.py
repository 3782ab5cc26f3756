"""The small HTTP server, asked over a real socket."""

import asyncio
import json

import pytest

from sightglass_common.health import Check, serve_health
from sightglass_common.metrics import FENCED


async def ask(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    return int(status.split(" ")[1]), dict(field.split(": ", 1) for field in fields), body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def well() -> None:
    return None


async def ill() -> None:
    raise ConnectionError("password=hunter2")


async def hanging() -> None:
    await asyncio.Event().wait()


async def test_alive_and_ready() -> None:
    async with serve_health("127.0.0.1", 0, {"postgres": well, "sqs": well}) as port:
        for path in ("/livez", "/readyz", "/readyz?verbose=1"):
            status, fields, body = await ask(port, get(path))
            assert (status, fields["Content-Type"], json.loads(body)) == (200, "application/json", {"status": "ok"})
            assert int(fields["Content-Length"]) == len(body)


@pytest.mark.parametrize("failing", [ill, hanging])
async def test_alive_but_not_ready_names_what_does_not_answer_and_no_more(failing: Check) -> None:
    async with serve_health("127.0.0.1", 0, {"postgres": failing, "sqs": well}) as port:
        status, fields, body = await ask(port, get("/readyz"))
        assert (status, fields["Content-Type"]) == (503, "application/problem+json")
        assert json.loads(body)["detail"] == "No answer from: postgres."
        assert (await ask(port, get("/livez")))[0] == 200


async def test_metrics_are_in_prometheus_own_format() -> None:
    FENCED.labels("a-queue").inc()
    async with serve_health("127.0.0.1", 0, {}) as port:
        status, fields, body = await ask(port, get("/metrics"))
    assert (status, fields["Content-Type"].split(";")[0]) == (200, "text/plain")
    assert b'sightglass_fenced_total{queue="a-queue"} 1.0' in body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /livez HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 405),
        (b"GET /../etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /livez\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: cut off", 400),
        (b"GET /livez HTTP/1.1\r\nX: " + b"x" * 100_000, 431),
        (b"", 400),
    ],
)
async def test_anything_else_is_refused_and_the_server_lives(request_bytes: bytes, status: int) -> None:
    async with serve_health("127.0.0.1", 0, {}) as port:
        assert (await ask(port, request_bytes))[0] == status
        assert (await ask(port, get("/livez")))[0] == 200


async def test_callers_that_say_nothing_do_not_keep_it_from_ending() -> None:
    async with serve_health("127.0.0.1", 0, {}) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
    for _, writer in silent:
        writer.close()
