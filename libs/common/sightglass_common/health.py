"""A small HTTP server for services that have no other: /livez, /readyz and /metrics, by GET, and nothing else."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final, TypeAlias

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# Answers when all is well, and raises when not; what it raises is logged, not shown.
Check: TypeAlias = Callable[[], Awaitable[None]]

_HEAD_BYTES: Final = 8192
_HEAD_S: Final = 5.0
_CHECK_S: Final = 2.0
_CONNECTIONS: Final = 32  # probes and a scraper need two

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def serve_health(host: str, port: int, checks: Mapping[str, Check]) -> AsyncGenerator[int]:
    """Serve while the block runs; gives the port that it listens on, which is a free one for port 0.

    checks: by name of what the service needs; /readyz is 503 while one of them fails or takes over 2 s.
    """
    face = _Face(checks)
    server = await asyncio.start_server(face.connected, host, port, limit=_HEAD_BYTES)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await face.close()


class _Face:
    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._connections: set[asyncio.Task[None]] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= _CONNECTIONS:
            writer.close()
            return
        self._connections.add(task)
        try:
            with suppress(ConnectionError, TimeoutError):  # the caller went away, or reads too slowly
                async with asyncio.timeout(_HEAD_S + _CHECK_S + _HEAD_S):
                    writer.write(await self._answer(reader))
                    await writer.drain()
        finally:
            self._connections.discard(task)
            writer.close()

    async def close(self) -> None:
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(_HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return _problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except asyncio.IncompleteReadError:
            return _problem(HTTPStatus.BAD_REQUEST)
        except TimeoutError:
            return _problem(HTTPStatus.REQUEST_TIMEOUT)
        words = head.split(b"\r\n", 1)[0].split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return _problem(HTTPStatus.BAD_REQUEST)
        if words[0] != b"GET":
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, "Allow: GET\r\n")
        return await self._got(words[1].split(b"?", 1)[0])

    async def _got(self, path: bytes) -> bytes:
        match path:
            case b"/livez":
                return _json(HTTPStatus.OK, {"status": "ok"})
            case b"/readyz":
                return await self._ready()
            case b"/metrics":
                return _response(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest())
            case _:
                return _problem(HTTPStatus.NOT_FOUND)

    async def _ready(self) -> bytes:
        well = await asyncio.gather(*(_passes(name, check) for name, check in self._checks.items()))
        failed = [name for name, ok in zip(self._checks, well, strict=True) if not ok]
        if failed:
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail=f"No answer from: {', '.join(failed)}.")
        return _json(HTTPStatus.OK, {"status": "ok"})


async def _passes(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(_CHECK_S):
            await check()
    except Exception as error:  # noqa: BLE001  # whatever a check raises is its way to say no
        _log.warning("health.check_failed", check=name, error=f"{type(error).__name__}: {error}")
        return False
    return True


def _problem(status: HTTPStatus, headers: str = "", detail: str = "") -> bytes:
    codes = {503: "dependency_unavailable", 404: "route_not_found", 405: "method_not_allowed"}
    code = codes.get(status, "invalid_request")
    body = {"type": f"/docs/errors#{code}", "title": status.phrase, "status": int(status), "code": code}
    if detail:
        body["detail"] = detail
    return _json(status, body, "application/problem+json", headers)


def _json(status: HTTPStatus, body: Mapping[str, object], kind: str = "application/json", headers: str = "") -> bytes:
    return _response(status, kind, json.dumps(body).encode(), headers)


def _response(status: HTTPStatus, kind: str, body: bytes, headers: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"{headers}Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
