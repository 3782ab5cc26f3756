"""A process that forks into the modules that it is told to be."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from sightglass_embedded.fork_server import Order
from sightglass_embedded.forking import Forking
from sightglass_embedded.one_shot import Lines
from sightglass_embedded.process import Process
from sightglass_embedded.run_file import started

LIBRARIES = ("json", "no_such_library")


@pytest.fixture
async def forking(tmp_path: Path) -> AsyncGenerator[Forking]:
    forking = Forking(LIBRARIES, {**os.environ, "PYTHONPATH": str(tmp_path)}, Lines())
    yield forking
    await forking.close()


async def until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


async def forked(forking: Forking, folder: Path, code: str) -> tuple[Process, Lines]:
    (folder / "told.py").write_text(code)
    lines = Lines()
    return await forking.fork(Order("told", ("serve", "two words"), {"A": "1"}), lines), lines


async def a_sleeper(forking: Forking, folder: Path) -> Process:
    process, lines = await forked(forking, folder, "import time; print('up', flush=True); time.sleep(600)")
    await until(lambda: lines.lines == ["up"])
    return process


def server_of(process: Process) -> int:
    return int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[1])


async def test_it_becomes_the_module_with_its_words_and_its_environment_alone(forking: Forking, tmp_path: Path) -> None:
    process, lines = await forked(
        forking,
        tmp_path,
        "import os, sys\n"
        "print(__name__, sys.argv[1:], sorted(os.environ), sys.stdin.read() == '', os.getpgrp() == os.getpid())\n"
        "sys.exit(3)",
    )
    assert await process.wait() == 3
    assert lines.lines == ["__main__ ['serve', 'two words'] ['A'] True True"]


async def test_a_later_process_runs_the_code_as_it_is_then(forking: Forking, tmp_path: Path) -> None:
    for version in ("1", "two"):
        process, lines = await forked(forking, tmp_path, f"print({version!r})")
        await process.wait()
        assert lines.lines == [version]


async def test_an_environment_of_any_length_gets_through(forking: Forking, tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text("import os; print(len(os.environ['LONG']))")
    lines = Lines()
    process = await forking.fork(Order("told", (), {"LONG": "x" * 2_000_000}), lines)
    assert (await process.wait(), lines.lines) == (0, ["2000000"])


async def test_an_error_is_told_and_is_the_exit_code(forking: Forking, tmp_path: Path) -> None:
    process, lines = await forked(forking, tmp_path, "1 / 0")
    assert await process.wait() == 1
    assert lines.lines[-1] == "ZeroDivisionError: division by zero"


async def test_a_stop_ends_it_by_its_signal(forking: Forking, tmp_path: Path) -> None:
    process = await a_sleeper(forking, tmp_path)
    assert await process.stop(((signal.SIGTERM, 20),)) == -signal.SIGTERM


async def test_a_kill_ends_also_what_it_has_started(forking: Forking, tmp_path: Path) -> None:
    code = "import subprocess; p = subprocess.Popen(('sleep', '600')); print(p.pid, flush=True); p.wait()"
    process, lines = await forked(forking, tmp_path, code)
    await until(lambda: bool(lines.lines))
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    await until(lambda: started(int(lines.lines[0])) is None)


async def test_its_death_is_that_of_its_children_and_the_next_order_starts_it_anew(
    forking: Forking, tmp_path: Path
) -> None:
    process = await a_sleeper(forking, tmp_path)
    os.kill(server_of(process), signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    await until(lambda: started(process.pid) is None)
    assert await (await forked(forking, tmp_path, "print()"))[0].wait() == 0


async def test_closing_it_after_its_death_is_no_error(forking: Forking, tmp_path: Path) -> None:
    process = await a_sleeper(forking, tmp_path)
    os.kill(server_of(process), signal.SIGKILL)
    await process.wait()
    await forking.close()


async def test_closing_ends_its_children(forking: Forking, tmp_path: Path) -> None:
    process = await a_sleeper(forking, tmp_path)
    await forking.close()
    await until(lambda: started(process.pid) is None)


def test_it_ends_when_nobody_is_left_to_tell_it_anything() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        server = subprocess.Popen(
            (sys.executable, "-m", "sightglass_embedded.fork_server", "json"), stdin=theirs.fileno()
        )
    ours.close()
    assert server.wait(20) == 0
