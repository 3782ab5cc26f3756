"""Serves HTTP: the socket first, so that who connects while the rest is imported waits, and is not refused."""

import asyncio
import signal
import socket
from importlib import import_module
from typing import Final

import structlog
import uvicorn

from sightglass_api.settings import ApiSettings
from sightglass_common import logs
from sightglass_common.settings import from_environment
from sightglass_common.signals import tell_tasks_when_asked

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_BACKLOG: Final = 2048
# Uploads do not pass through here: an answer takes less than a second, and streams end when told.
_GRACE_S: Final = 5


def serve() -> None:
    """Serve until SIGTERM or SIGINT, then end what is under way."""
    settings = from_environment(ApiSettings)
    logs.configure("api", settings.log_level)
    with listening(settings.host, settings.port) as listener:
        # Not imported above: a web framework takes the most of the start.
        app = import_module("sightglass_api.app")
        opening = import_module("sightglass_api.opening")
        stopping = asyncio.Event()
        application = app.create_app(settings, lambda: opening.open_context(settings, stopping))
        log.info("api.starting", host=settings.host, port=listener.getsockname()[1])
        Server(_config(application), stopping).run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


class Server(uvicorn.Server):
    """Uvicorn that tells open streams to end when it is told to stop, and then ends with status 0."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: object) -> None:
        """Note the signal; unlike the original, do not raise it again at the end. A second ctrl-C ends at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        tell_tasks_when_asked()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams, then wait for what is under way."""
        self._stopping.set()
        await super().shutdown(sockets)


def _config(application: object) -> uvicorn.Config:
    return uvicorn.Config(
        application,  # pyright: ignore[reportArgumentType] - imported late, so its type is not known here
        lifespan="on",
        ws="none",
        access_log=False,  # requests.py writes one line a request
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=75,  # above a load balancer's 60 s, so that it is never we who hang up on it
    )
