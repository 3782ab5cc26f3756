"""A fake server on a socket of its own, which says no to what the real one would not take."""

from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from tests.fakes.wire import Shown


class Wrong(Exception):
    """What is wrong with a request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer out of turn. status 0: the connection breaks. body: bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class FakeProvider:
    """What all fakes of providers have.

    replies: given before any request is looked at, one for each. sees: names and confidences that it finds in every
    picture. stop_reason: why those that use a tool stop, as they say. calls: the pictures of each request that it took.
    wrong: why it said no. requests: all of them.
    """

    url: str = ""
    replies: deque[Reply] = field(default_factory=deque[Reply])
    sees: list[tuple[str, float]] = field(default_factory=lambda: [("Bicycle", 0.9), ("Street", 0.75)])
    calls: list[list[Shown]] = field(default_factory=list[list[Shown]])
    wrong: list[str] = field(default_factory=list[str])
    requests: int = 0
    stop_reason: str = "tool_use"

    def found(self, pictures: int) -> list[dict[str, object]]:
        """Labels in the form that language models are asked for."""
        return [
            {"picture": number, "name": name, "confidence": sure}
            for number in range(1, pictures + 1)
            for name, sure in self.sees
        ]

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        """Answer a request as the real one would; raises Wrong when it would not take it."""
        raise NotImplementedError

    def forget(self) -> None:
        """Be as new."""
        self.replies.clear()
        self.calls.clear()
        self.wrong.clear()
        self.requests = 0

    async def handle(self, request: web.Request) -> web.Response:
        """The next of `replies`, or the answer."""
        self.requests += 1
        body = await request.read()
        if self.replies:
            given = self.replies.popleft()
            if not given.status and request.transport:
                request.transport.abort()
            return reply(given)
        try:
            return await self.answer(request, body)
        except (Wrong, ValueError, KeyError) as wrong:
            self.wrong.append(f"{type(wrong).__name__}: {wrong}")
            return web.json_response({"error": {"message": str(wrong)}, "message": str(wrong)}, status=400)


def reply(given: Reply) -> web.Response:
    """As a response."""
    if isinstance(given.body, bytes):
        return web.Response(status=given.status, body=given.body, headers=given.headers)
    return web.json_response(given.body, status=given.status, headers=given.headers)


def must(holds: object, why: str) -> None:
    """Raise Wrong unless it holds."""
    if not holds:
        raise Wrong(why)


@asynccontextmanager
async def served(fake: FakeProvider) -> AsyncGenerator[FakeProvider]:
    """Serve it on 127.0.0.1; its address is in `url`."""
    app = web.Application(client_max_size=16 * 1024**2)
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()
