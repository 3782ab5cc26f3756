"""Our own services as children: how each is started, and when it is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sightglass_embedded.child import Child
from sightglass_embedded.fork_server import Order
from sightglass_embedded.forking import Forking
from sightglass_embedded.output import Sink
from sightglass_embedded.ports import LOOPBACK
from sightglass_embedded.process import Process, Start
from sightglass_embedded.readiness import http_status

# What the services import, and so the fork server does for all of them.
LIBRARIES: Final = (
    "aiobotocore.session",
    "aiobotocore.client",
    "prometheus_client",
    "psycopg_pool",
    "pydantic_settings",
    "structlog",
    "fastapi",
    "uvicorn",
    "uvicorn.protocols.http.auto",
    "numpy",
)


@dataclass(frozen=True)
class Service:
    """What `python -m module words...` runs, and its role in the database."""

    module: str
    words: tuple[str, ...]
    role: str


SERVICES: Final[Mapping[str, Service]] = {
    "api": Service("sightglass_api", ("serve",), "sightglass_api"),
    "relay": Service("sightglass_api", ("relay",), "sightglass_relay"),
    "worker": Service("sightglass_worker", (), "sightglass_worker"),
    "scanner": Service("sightglass_scanner", (), "sightglass_scanner"),
    "chat": Service("sightglass_chat", (), "sightglass_chat"),
}

# A worker that stops waits for its long poll: on one machine short ones cost nothing.
_QUICK_TO_STOP: Final = {"SIGHTGLASS_RECEIVE_WAIT_S": "1"}


def service(
    name: str,
    *,
    port: int,
    forking: Forking,
    environ: Mapping[str, str],
    database_url: Callable[[str], str],
    after: tuple[str, ...],
) -> Child:
    """The service called `name`. `environ` is what all services share, `database_url` gives a role's address."""

    async def ready() -> bool:
        return await http_status(port, "/readyz") == 200

    start = service_start(
        name, *SERVICES[name].words, forking=forking, environ=environ, database_url=database_url, port=port
    )
    return Child(name=name, start=start, ready=ready, after=after, port=port)


def service_start(
    name: str,
    *words: str,
    forking: Forking,
    environ: Mapping[str, str],
    database_url: Callable[[str], str],
    port: int = 0,
) -> Start:
    """How a service's program is started with `words`."""

    async def start(sink: Sink) -> Process:
        own = {
            "SIGHTGLASS_DATABASE_URL": database_url(SERVICES[name].role),
            "SIGHTGLASS_HOST": LOOPBACK,
            "SIGHTGLASS_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        return await forking.fork(Order(SERVICES[name].module, words, {**_QUICK_TO_STOP, **environ, **own}), sink)

    return start
