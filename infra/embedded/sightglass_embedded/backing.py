"""What the services stand on: a database and AWS, our own or those that the environment names."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from sightglass_embedded.aws import Aws
from sightglass_embedded.child import Child
from sightglass_embedded.copies import Copies, interval_s
from sightglass_embedded.database import NAME, Database
from sightglass_embedded.ports import LOOPBACK
from sightglass_embedded.postgres import READY_S, STOP, Postgres
from sightglass_embedded.process import running
from sightglass_embedded.stand_in import AwsClients, StandIn


class Backing:
    """Database and AWS of the stack in `folder`.

    SIGHTGLASS_DATABASE_URL (with its owner's name and password) and AWS_ENDPOINT_URL (empty: real AWS), if
    `environ` has them, take the place of a Postgres and a LocalStack of our own. `children` are those that
    are ours; `prepare` sees to the others. `bucket` is the platform's.
    lifetime: what is opened here closes with it.
    tell: gets what a person should know.
    refilled: awaited after each start of a LocalStack of ours, when queues and objects are back.
    """

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str],
        ports: Mapping[str, int],
        lifetime: AsyncExitStack,
        tell: Callable[[str], None],
        refilled: Callable[[], Awaitable[None]],
    ) -> None:
        self._folder = folder
        self._environ = _reached_directly(environ)
        self.children: list[Child] = []
        self._outside: list[Callable[[], Awaitable[None]]] = []
        self.database = self._use_database(ports["postgres"])
        self.bucket = self._environ.get("SIGHTGLASS_BUCKET", "sightglass")
        self.aws, self.clients = self._use_aws(ports["localstack"], lifetime, tell, refilled)

    @property
    def environment(self) -> dict[str, str]:
        """What all services get."""
        rest = {name: value for name, value in self._environ.items() if not name.startswith("AWS_")}
        return {**rest, **self.aws.environ}

    async def prepare(self) -> None:
        """Bring what is not ours up to date: schema, queues, bucket."""
        await asyncio.gather(*(prepare() for prepare in self._outside))

    def _use_database(self, port: int) -> Database:
        url = self._environ.get("SIGHTGLASS_DATABASE_URL")
        if url:
            database = Database(lambda: url, self._folder / "database", self._environ)
            self._outside.append(database.migrate)
            return database
        postgres = Postgres(self._folder / "postgres", port=port)
        database = Database(lambda: postgres.url(NAME), postgres.folder, self._environ)
        self.children.append(_postgres_child(postgres, database))
        return database

    def _use_aws(
        self,
        port: int,
        lifetime: AsyncExitStack,
        tell: Callable[[str], None],
        refilled: Callable[[], Awaitable[None]],
    ) -> tuple[Aws, AwsClients]:
        endpoint = self._environ.get("AWS_ENDPOINT_URL")
        ours = endpoint is None
        aws = Aws.stand_in(f"http://{LOOPBACK}:{port}") if ours else Aws.named_in(self._environ)
        clients = AwsClients(aws, lifetime)

        async def provision() -> None:
            await clients.provision(bucket=self.bucket, queue_prefix=self._environ.get("SIGHTGLASS_QUEUE_PREFIX", ""))

        async def fill() -> None:
            await provision()
            await refilled()

        if ours:
            copies = Copies(self._folder / "buckets", tell, every_s=interval_s(self._environ))
            stand_in = StandIn(self._folder / "localstack", port, copies=copies, clients=clients, fill=fill)
            self.children.append(stand_in.child())
        else:
            self._outside.append(provision)
        return aws, clients


def _postgres_child(postgres: Postgres, database: Database) -> Child:
    async def settle() -> None:
        await asyncio.to_thread(importlib.import_module, "psycopg")
        await database.create(postgres.url())
        await database.migrate()

    return Child(
        name="postgres",
        start=running(postgres.command),
        ready=postgres.ready,
        prepare=postgres.prepare,
        settle=settle,
        stop=STOP,
        ready_s=READY_S,
        port=postgres.port,
        quiet=True,
    )


def _reached_directly(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with this machine excepted from its proxies."""
    direct = ",".join(filter(None, (LOOPBACK, "localhost", environ.get("NO_PROXY") or environ.get("no_proxy"))))
    return {**environ, "NO_PROXY": direct, "no_proxy": direct}
