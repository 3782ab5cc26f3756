"""Our own services as children: how each is started, and when it is ready."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sightglass_embedded.child import Child
from sightglass_embedded.ports import LOOPBACK
from sightglass_embedded.process import Command
from sightglass_embedded.readiness import http_status
from sightglass_embedded.standby import order

_COMMON: Final = (
    "aiobotocore.session",
    "aiobotocore.client",
    "prometheus_client",
    "psycopg_pool",
    "pydantic_settings",
    "structlog",
)


@dataclass(frozen=True)
class Service:
    """What `python -m module words...` runs, its role in the database, and the libraries that it will load."""

    module: str
    words: tuple[str, ...]
    role: str
    libraries: tuple[str, ...] = _COMMON


SERVICES: Final[Mapping[str, Service]] = {
    "api": Service(
        "sightglass_api", ("serve",), "sightglass_api", (*_COMMON, "fastapi", "uvicorn", "uvicorn.protocols.http.auto")
    ),
    "relay": Service("sightglass_api", ("relay",), "sightglass_relay"),
    "worker": Service("sightglass_worker", (), "sightglass_worker", (*_COMMON, "numpy")),
}


def service(
    name: str, *, port: int, environ: Mapping[str, str], database_url: Callable[[str], str], after: tuple[str, ...]
) -> Child:
    """The service called `name`. `environ` is what all services share, `database_url` gives a role's address."""
    about = SERVICES[name]

    def command() -> Command:
        return service_command(name, *about.words, environ=environ, database_url=database_url, port=port)

    async def ready() -> bool:
        return await http_status(port, "/readyz") == 200

    return Child(
        name=name,
        command=command,
        ready=ready,
        after=after,
        port=port,
        standby=Command(
            argv=(sys.executable, "-m", "sightglass_embedded.standby", ",".join(about.libraries), about.module),
            env={**environ, "PYTHONUNBUFFERED": "1"},
            waits=True,
        ),
        order=lambda: order(about.module, about.words, command().env),
    )


def service_command(
    name: str, *words: str, environ: Mapping[str, str], database_url: Callable[[str], str], port: int = 0
) -> Command:
    """The command line of a service's program."""
    own = {
        "SIGHTGLASS_DATABASE_URL": database_url(SERVICES[name].role),
        "SIGHTGLASS_HOST": LOOPBACK,
        "SIGHTGLASS_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    return Command(argv=(sys.executable, "-m", SERVICES[name].module, *words), env={**environ, **own})
