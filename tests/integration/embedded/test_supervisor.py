"""The supervisor with small children of its own."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sightglass_embedded.child import Child
from sightglass_embedded.process import Command, running
from sightglass_embedded.run_file import RunFile, started
from sightglass_embedded.supervisor import StartFailed, Supervisor

# Says when it starts and when it drains, in one file for all children, and is ready when its own file is there.
CODE = """
import pathlib, signal, sys, time
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
def say(what):
    with open(folder / "events", "a") as events:
        events.write(f"{name} {what}\\n")
def drain(*_):
    say("drained")
    sys.exit(0)
signal.signal(signal.SIGTERM, drain)
say("started")
(folder / name).touch()
print("hello", flush=True)
time.sleep(600)
"""


def a_child(name: str, folder: Path, *, code: str = CODE, after: tuple[str, ...] = ()) -> Child:
    async def prepare() -> None:
        (folder / name).unlink(missing_ok=True)

    async def ready() -> bool:
        return (folder / name).exists()

    command = Command(argv=(sys.executable, "-c", code, name, str(folder)), env=dict(os.environ))
    return Child(name=name, start=running(lambda: command), ready=ready, prepare=prepare, after=after)


def a_supervisor(folder: Path, *children: Child) -> Supervisor:
    return Supervisor(children, logs=folder / "logs", run_file=RunFile(folder / "run.json"), terminal=None)


@asynccontextmanager
async def supervised(folder: Path, *children: Child) -> AsyncGenerator[Supervisor]:
    supervisor = a_supervisor(folder, *children)
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


def events(folder: Path) -> list[str]:
    path = folder / "events"
    return path.read_text().splitlines() if path.exists() else []


def pid_of(folder: Path, name: str) -> int:
    return {child.name: child.pid for child in RunFile(folder / "run.json").children()}.get(name, 0)


async def until(fact: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


async def test_children_start_in_order_of_their_needs_and_stop_in_reverse(tmp_path: Path) -> None:
    children = [
        a_child("second", tmp_path, after=("first",)),
        a_child("first", tmp_path),
        a_child("third", tmp_path, after=("second",)),
    ]
    async with supervised(tmp_path, *children):
        assert events(tmp_path) == ["first started", "second started", "third started"]
    assert events(tmp_path)[3:] == ["third drained", "second drained", "first drained"]


async def test_a_settle_hook_comes_before_those_that_wait_and_leave_before_the_stop(tmp_path: Path) -> None:
    def note(what: str) -> Callable[[], Awaitable[None]]:
        async def write() -> None:
            with (tmp_path / "events").open("a") as file:
                file.write(what + "\n")

        return write

    first = replace(a_child("first", tmp_path), settle=note("settled"), leave=note("left"))
    async with supervised(tmp_path, first, a_child("second", tmp_path, after=("first",))):
        pass
    assert events(tmp_path) == [
        "first started", "settled", "second started", "second drained", "left", "first drained",
    ]  # fmt: skip


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, a_child("api", tmp_path)):
        before = pid_of(tmp_path, "api")
        os.kill(before, signal.SIGKILL)
        await until(lambda: events(tmp_path).count("api started") == 2)
        await until(lambda: pid_of(tmp_path, "api") not in {0, before})
    assert events(tmp_path) == ["api started", "api started", "api drained"]


async def test_a_wanted_restart_touches_only_the_named(tmp_path: Path) -> None:
    async with supervised(tmp_path, a_child("api", tmp_path), a_child("worker", tmp_path)) as supervisor:
        kept = pid_of(tmp_path, "worker")
        await supervisor.restart(["api"])
        await until(lambda: events(tmp_path).count("api started") == 2)
        assert pid_of(tmp_path, "worker") == kept
    assert events(tmp_path).count("worker drained") == 1


async def test_a_start_that_cannot_succeed_is_given_up_with_what_the_child_said(tmp_path: Path) -> None:
    broken = a_child("api", tmp_path, code="import sys; sys.exit('no such setting')")
    supervisor = a_supervisor(tmp_path, a_child("first", tmp_path), broken)
    with pytest.raises(StartFailed, match=r"(?s)api did not start.*no such setting"):
        await supervisor.start()
    assert "first drained" in events(tmp_path)
    assert RunFile(tmp_path / "run.json").children() == []


async def test_a_child_that_ignores_its_stop_is_killed_with_what_it_started(tmp_path: Path) -> None:
    stubborn = (
        "import pathlib, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "below = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path(sys.argv[2], 'below').write_text(str(below.pid))\n"
        "pathlib.Path(sys.argv[2], sys.argv[1]).touch()\n"
        "time.sleep(600)"
    )
    child = replace(a_child("api", tmp_path, code=stubborn), stop=((signal.SIGTERM, 0.2),))
    async with supervised(tmp_path, child):
        below = int((tmp_path / "below").read_text())
        assert started(below)
    await until(lambda: started(below) is None)


async def test_a_kill_ends_all_without_draining(tmp_path: Path) -> None:
    async with supervised(tmp_path, a_child("api", tmp_path)) as supervisor:
        supervisor.kill()
    assert events(tmp_path) == ["api started"]


async def test_output_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "api.log"
    async with supervised(tmp_path, a_child("api", tmp_path)):
        await until(lambda: log.exists() and log.read_text() == "hello\n")


WITH_POSTGRES = """
import asyncio, json, pathlib, sys
from sightglass_embedded.postgres import Postgres
from sightglass_embedded.process import Command, Process

async def main(folder):
    async with Postgres(folder / "pg", durable=False).running() as server:
        sleep = (sys.executable, "-c", "import time; time.sleep(600)")
        other = await Process.start(Command(sleep, {}), server.log)
        postmaster = int((folder / "pg/data/postmaster.pid").read_text().split()[0])
        print(json.dumps([postmaster, other.pid]), flush=True)
        await asyncio.sleep(600)

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


async def test_children_die_with_a_killed_supervisor_also_postgres_in_its_namespace(tmp_path: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WITH_POSTGRES, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout
    pids = json.loads(await supervisor.stdout.readline())
    assert all(started(pid) for pid in pids)
    supervisor.kill()
    await supervisor.communicate()
    await until(lambda: not any(started(pid) for pid in pids))
