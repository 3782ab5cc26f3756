"""The whole system as a user starts it, in a process of its own, with a grip on each of its processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg

ROOT = Path(__file__).parent.parent
START_S = 90.0  # limits are only there so that a broken test ends
STOP_S = 60.0
SERVICES = ("api", "relay", "worker", "scanner")
_LINES = 60  # of each log, after a failure


def until(condition: Callable[[], bool], what: str, *, within_s: float = 60.0, every_s: float = 0.05) -> None:
    """Wait for a condition, which is looked at every so many seconds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:g} s in vain: {what}"
        time.sleep(every_s)


class RunningSystem:
    """`make dev` without reload, on a state folder of its own.

    folder: holds the state over a stop and a start.
    """

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder.with_suffix(".log")

    @property
    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "sightglass_embedded", "up", "--state", str(self.folder)]

    @property
    def supervisor(self) -> int:
        """The process id of what runs all others, once it is started."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        before = self._env_written()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=_clean_environment() | self._environ,
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

        def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, f"it ended:\n{self._log.read_text()[-3000:]}"
            return self._env_written() != before

        until(ready, f"the system is ready; see {self._log}", within_s=START_S)

    def stop(self) -> None:
        """Stop it as ctrl-C does, and wait until it has ended."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(STOP_S) in {0, 130}

    def kill_everything(self) -> None:
        """`kill -9` of the supervisor and every child."""
        assert self._process is not None
        for pid in [self._process.pid, *(child["pid"] for child in self._run_file()["children"])]:
            _kill(pid, signal.SIGKILL)
        self._process.wait(STOP_S)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one child: "api", "relay", "worker", "scanner", "postgres", "localstack"."""
        _kill(self.pid(name), number)

    def pid(self, name: str) -> int:
        """The process id of a child, once it runs."""
        found: list[int] = []

        def runs() -> bool:
            found[:] = [c["pid"] for c in self._run_file()["children"] if c["name"] == name]
            return bool(found)

        until(runs, f"{name} runs")
        return found[0]

    def port(self, name: str) -> int:
        """The port that a child listens on."""
        return next(c["port"] for c in self._run_file()["children"] if c["name"] == name)

    def log(self, name: str) -> str:
        """What a child has written."""
        return (self.folder / "dev" / "logs" / f"{name}.log").read_text("utf-8")

    def account(self) -> str:
        """What to know when a test with this system has failed: where each service stands, what it said, the jobs."""
        for child in self._run_file()["children"]:
            if child["name"] in SERVICES:
                _kill(child["pid"], signal.SIGUSR1)
        time.sleep(1)  # for them to write it
        logs = sorted((self.folder / "dev" / "logs").glob("*.log"))
        told = [f"--- {log.name}\n" + "\n".join(log.read_text("utf-8").splitlines()[-_LINES:]) for log in logs]
        with self.database() as db:
            jobs = db.execute(
                "SELECT job_id, kind, status, stage, done, total, attempt, attempts_left, error_code,"
                " lease_until - now(), queued_at, now() FROM job ORDER BY queued_at DESC LIMIT 20"
            ).fetchall()
            waiting = db.execute("SELECT queue, refusals, last_refusal, not_before - now() FROM outbox").fetchall()
            held = db.execute(
                "SELECT application_name, state, wait_event, now() - xact_start, left(query, 80) FROM pg_stat_activity"
                " WHERE application_name LIKE 'sightglass%'"
            ).fetchall()
        tables = {"jobs": jobs, "outbox": waiting, "sessions": held}
        told += [f"--- {name}\n" + "\n".join(map(str, rows)) for name, rows in tables.items()]
        return "\n".join(told)

    @property
    def url(self) -> str:
        """The API's address."""
        return self._env()["SIGHTGLASS_URL"]

    @property
    def key(self) -> str:
        """An API key of a tenant admin."""
        return self._env()["SIGHTGLASS_API_KEY"]

    @property
    def environ(self) -> dict[str, str]:
        """What a client's environment needs."""
        return _clean_environment() | self._env()

    def client(self) -> httpx.Client:
        """An HTTP client with the key."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)

    def database(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """The database as its superuser, for looking behind."""
        port = self.port("postgres")
        password = (self.folder / "dev" / "postgres" / "superuser-password").read_text("utf-8").strip()
        return psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=password, dbname="sightglass", autocommit=True
        )

    def _env_written(self) -> int | None:
        """When it last said that it is ready; None if it never did."""
        try:
            return (self.folder / "env").stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _env(self) -> dict[str, str]:
        lines = (self.folder / "env").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def _run_file(self) -> dict[str, Any]:
        return json.loads((self.folder / "dev" / "run.json").read_text("utf-8"))


def _clean_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTGLASS_", "AWS_"))}


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
