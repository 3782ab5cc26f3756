"""The whole system on one machine: what runs, in which order, and what happens between."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from sightglass_common.provider_keys import new_pair
from sightglass_embedded.api_key import Owner, read_env, still_valid, write_env
from sightglass_embedded.backing import Backing
from sightglass_embedded.forking import Forking
from sightglass_embedded.one_shot import run
from sightglass_embedded.output import LogFile, Tee, Terminal
from sightglass_embedded.ports import LOOPBACK
from sightglass_embedded.private_file import kept_secret
from sightglass_embedded.process import Start
from sightglass_embedded.reload import changed_children, source_folders
from sightglass_embedded.run_file import RunFile
from sightglass_embedded.services import LIBRARIES, SERVICES, service, service_start
from sightglass_embedded.state_lock import state_lock
from sightglass_embedded.state_ports import ports_for
from sightglass_embedded.supervisor import Supervisor

_PORTS: Final = ("api", "relay", "worker", "scanner", "chat", "postgres", "localstack")


class Stack:
    """Postgres, LocalStack and all services on 127.0.0.1, with their state in `folder`.

    environ: what the services inherit; Backing says which variables replace a part of the stack.
    reload: restart the services whose code changes.
    terminal: where the children's output goes besides `folder`/logs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str],
        reload: bool = False,
        terminal: Terminal | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self._environ = environ
        self._reload = reload
        self._terminal = terminal
        self._ports: Mapping[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self._supervisor: Supervisor | None = None
        self._backing: Backing | None = None
        self._forking: Forking | None = None

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://{LOOPBACK}:{self._ports['api']}"

    @property
    def addresses(self) -> dict[str, str]:
        """Where everything listens, by name."""
        assert self._backing is not None  # noqa: S101  # asked while it runs
        return {
            "API": self.url,
            "S3 and SQS": self._backing.aws.endpoint_url or "AWS",
            "Postgres": self._backing.database.place,
        }

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.folder / "logs"

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Stack"]:
        """Run everything while the block runs. Raises AlreadyRunning, StartFailed."""
        with state_lock(self.folder):
            run_file = RunFile(self.folder / "run.json")
            await asyncio.to_thread(run_file.end_leftovers)
            self._ports = ports_for(_PORTS, self.folder / "ports.json")
            async with AsyncExitStack() as lifetime:
                self._forking = await self._forking_until(lifetime)
                self._supervisor = await self._assembled(run_file, lifetime, self._forking)
                try:
                    await self._start(self._supervisor)
                    yield self
                finally:
                    await self._end_tasks()
                    await self._supervisor.stop()

    def kill(self) -> None:
        """End all children at once."""
        if self._supervisor is not None:
            self._supervisor.kill()

    async def api_key(self, env_file: Path) -> str:
        """The key in `env_file` if the API takes it, else that of a new tenant; both are written there."""
        key = read_env(env_file).get("SIGHTGLASS_API_KEY", "")
        if not key or not await still_valid(self._ports["api"], key):
            key = await self._owner.new_key()
        write_env(env_file, url=self.url, api_key=key)
        return key

    async def bucket_with(self, objects: Mapping[str, bytes], *, name: str) -> str:
        """A bucket with these objects, which the tenant of `api_key` may look into; it is called as the platform's, and
        `name`.
        """
        assert self._backing is not None  # noqa: S101  # asked while it runs
        bucket = f"{self._backing.bucket}-{name}"
        s3, _ = await self._backing.clients.get()
        names = {entry.get("Name") for entry in (await s3.list_buckets()).get("Buckets", [])}
        if bucket not in names:
            await s3.create_bucket(Bucket=bucket)
        for key, body in objects.items():
            await s3.put_object(Bucket=bucket, Key=key, Body=body)
        await self._owner.link(bucket)
        return bucket

    @property
    def _owner(self) -> Owner:
        return Owner(self.folder, partial(self._start_of, "api"))

    async def _start(self, supervisor: Supervisor) -> None:
        await supervisor.start()
        self._started = True
        self._begin(self._reconcile())
        if self._reload:
            self._begin(self._follow_changes(supervisor))

    async def _forking_until(self, lifetime: AsyncExitStack) -> Forking:
        """Started first: it loads the services' libraries while Postgres and LocalStack start."""
        output = Tee("services", LogFile(self.logs / "services.log"), self._terminal)
        forking = Forking(LIBRARIES, self._environ, output)
        lifetime.push_async_callback(forking.close)
        await forking.start()
        return forking

    async def _assembled(self, run_file: RunFile, lifetime: AsyncExitStack, forking: Forking) -> Supervisor:
        backing = self._backing = Backing(
            self.folder,
            environ=self._environ,
            ports=self._ports,
            lifetime=lifetime,
            tell=self._tell,
            refilled=self._refilled,
        )
        await backing.prepare()
        needs = tuple(child.name for child in backing.children)
        services = [
            service(
                name,
                port=self._ports[name],
                forking=forking,
                environ=self._environ_of(name, backing),
                database_url=backing.database.url_for,
                after=needs,
            )
            for name in SERVICES
        ]
        return Supervisor(
            [*backing.children, *services],
            logs=self.logs,
            run_file=run_file,
            terminal=self._terminal,
        )

    def _start_of(self, name: str, *words: str) -> Start:
        assert self._backing is not None and self._forking is not None  # noqa: S101, PT018  # asked while it runs
        return service_start(
            name,
            *words,
            forking=self._forking,
            environ=self._environ_of(name, self._backing),
            database_url=self._backing.database.url_for,
        )

    def _environ_of(self, name: str, backing: Backing) -> dict[str, str]:
        """What a service gets. Keys are made once: with another, values found before are unknown to the scanner, and
        chat could open no key of a provider.
        """
        own: dict[str, str] = {}
        if name == "scanner":
            own["SIGHTGLASS_FINDING_KEY"] = kept_secret(self.folder / "finding-key")
        if name in {"api", "chat"}:
            private_key, public_key = new_pair(kept_secret(self.folder / "provider-key"))
            half = ("PRIVATE", private_key) if name == "chat" else ("PUBLIC", public_key)
            own[f"SIGHTGLASS_PROVIDER_{half[0]}_KEY"] = half[1]
        return {**own, **backing.environment}

    async def _refilled(self) -> None:
        """LocalStack has forgotten the messages of all jobs under way."""
        if self._started:  # at the first start this comes later, when the services have had the CPU
            self._begin(self._reconcile())

    async def _reconcile(self) -> None:
        output = Tee("reconcile", LogFile(self.logs / "reconcile.log"), self._terminal)
        code = await run(self._start_of("relay", "reconcile", "--now"), output)
        if code != 0:
            self._tell(f"unfinished jobs could not be sent again now (exit code {code}); the relay will do it")

    async def _follow_changes(self, supervisor: Supervisor) -> None:
        async for names in changed_children(source_folders()):
            self._tell(f"code changed: restarting {', '.join(names)}")
            await supervisor.restart(names)

    def _tell(self, text: str) -> None:
        Tee("sightglass", LogFile(self.logs / "sightglass.log"), self._terminal).line(text)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
