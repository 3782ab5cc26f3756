"""The outermost layer: request id, trace, log line, metrics, and an answer to whatever the application raises."""

import re
import time
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightglass_api.problems import as_error, problem
from sightglass_common.errors import Kind
from sightglass_common.ids import new_id
from sightglass_common.logs import bound
from sightglass_common.metrics import REQUEST_SECONDS, REQUESTS
from sightglass_common.tracing import Trace

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Probes come every few seconds: they are counted, but not logged.
_PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Requests:
    """Gives each request an id and a trace, answers what was raised, and writes one log line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = _Answer(send, _request_id(headers.get("x-request-id")))
        trace = Trace.parse(headers.get("traceparent")).child()
        scope.setdefault("state", {}).update(request_id=answer.request_id, trace=trace)
        structlog.contextvars.clear_contextvars()
        with bound(trace=trace, request_id=answer.request_id):
            await self._served(scope, receive, answer)

    async def _served(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        start = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as raised:  # noqa: BLE001 - every error gets an answer; unforeseen ones are logged whole
            await _tell(raised, scope, receive, answer)
        finally:
            _record(scope, answer, time.perf_counter() - start)


class _Answer:
    """The way back to the client; remembers what went over it."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


async def _tell(raised: Exception, scope: Scope, receive: Receive, answer: _Answer) -> None:
    error = as_error(raised)
    if error.kind is Kind.INTERNAL:
        log.error("http.unforeseen", exc_info=raised)
    if answer.status:  # begun already: the broken connection is all that can be told
        raise raised
    response = problem(error, instance=scope["path"], request_id=answer.request_id)
    await response(scope, receive, answer.send)


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else str(new_id())


def _record(scope: Scope, answer: _Answer, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route: Any = scope.get("route")
    # The template, not the path: a path would be one series for each id.
    template = str(getattr(route, "path", "")) or "unmatched"
    status = answer.status or 499  # the client left before there was an answer
    REQUESTS.labels(method, template, str(status)).inc()
    REQUEST_SECONDS.labels(method, template).observe(seconds)
    if template not in _PROBES:
        log.info("http.request", method=method, route=template, status=status, ms=round(seconds * 1000, 1))
