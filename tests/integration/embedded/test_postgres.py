"""Our Postgres, as it really runs."""

import asyncio
import contextlib
import os
import shutil
import signal
import stat
from pathlib import Path

import psycopg
import pytest

from sightglass_embedded.cluster import ClusterFailed
from sightglass_embedded.postgres import Postgres
from sightglass_embedded.process import Process
from sightglass_embedded.readiness import until_ready


@pytest.fixture(scope="module")
async def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space in its name, and a cluster in it."""
    folder = tmp_path_factory.mktemp("with space") / "postgres"
    await Postgres(folder, durable=False).prepare()
    return folder


def query(url: str, sql: str) -> object:
    with psycopg.connect(url, autocommit=True) as db:
        cursor = db.execute(sql)  # pyright: ignore[reportCallIssue, reportArgumentType]  # the tests' own text
        return cursor.fetchone() if cursor.description else None


def a_child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


async def test_rows_survive_a_stop_and_a_start(stopped: Path) -> None:
    async with Postgres(stopped, durable=False).running() as first:
        query(first.url(), "CREATE TABLE kept AS SELECT 42 AS n")
    async with Postgres(stopped, durable=False).running() as second:
        assert query(second.url(), "SELECT n FROM kept") == (42,)


async def test_it_starts_again_after_a_kill_once_the_dead_servers_children_are_gone(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Postgres(stopped)
    process = await Process.start(server.command(), server.log)
    await until_ready("Postgres", process, server.ready, timeout_s=30)
    query(server.url(), "CREATE TABLE acknowledged AS SELECT 1 AS n")
    child = a_child_of(process.pid)
    os.kill(child, signal.SIGSTOP)  # holds the shared memory, as a child does that has not noticed yet
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    again = Postgres(stopped)
    remember = again.log.line

    def let_it_go(line: str) -> None:
        remember(line)
        if "shared memory block" in line:
            os.kill(child, signal.SIGCONT)

    monkeypatch.setattr(again.log, "line", let_it_go)
    try:
        async with again.running():
            assert query(again.url(), "SELECT n FROM acknowledged") == (1,)
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has gone, as it should
            os.kill(child, signal.SIGKILL)


async def test_a_second_server_on_one_folder_is_refused(stopped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightglass_embedded.postgres._ATTEMPTS", 2)
    async with Postgres(stopped, durable=False).running() as first:
        with pytest.raises(ClusterFailed, match="Another Postgres serves"):
            async with Postgres(stopped, durable=False).running():
                pytest.fail("two servers on one cluster")
        assert query(first.url(), "SELECT 1") == (1,)


async def test_it_wants_the_password_and_listens_on_loopback_alone(stopped: Path) -> None:
    async with Postgres(stopped, durable=False).running() as server:
        wrong = server.url().replace(server.cluster.password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            query(wrong, "SELECT 1")
        assert query(server.url(), "SHOW listen_addresses") == ("127.0.0.1",)
        assert query(server.url(), "SHOW unix_socket_directories") == ("",)
        assert query(server.url(), "SHOW password_encryption") == ("scram-sha-256",)
        assert query(server.url(), "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == ("C.UTF-8",)


def test_only_its_owner_may_read_its_files(stopped: Path) -> None:
    assert stat.S_IMODE(stopped.stat().st_mode) == 0o700
    assert stat.S_IMODE((stopped / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((stopped / "superuser-password").stat().st_mode) == 0o600


async def test_an_initdb_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    half = tmp_path / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with Postgres(tmp_path, durable=False).running() as server:
        assert query(server.url(), "SELECT 1") == (1,)
    assert not half.exists()


async def test_a_start_that_fails_says_why(stopped: Path, tmp_path: Path) -> None:
    broken = tmp_path / "postgres"
    await asyncio.to_thread(shutil.copytree, stopped, broken)
    (broken / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ClusterFailed, match="no_such_setting"):
        async with Postgres(broken, durable=False).running():
            pytest.fail("it runs")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
async def test_without_user_namespaces_another_account_runs_it_below_folders_closed_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "closed" / "with space"
    async with Postgres(folder, durable=False).running() as as_before:
        query(as_before.url(), "CREATE TABLE kept AS SELECT 42 AS n")
    monkeypatch.setattr("sightglass_embedded.unprivileged._namespace", lambda _account: None)  # pyright: ignore[reportUnknownLambdaType]
    folder.parent.chmod(0o700)
    async with Postgres(folder, durable=False).running() as server:
        assert query(server.url(), "SELECT n FROM kept") == (42,)
        assert (folder / "data").stat().st_uid != 0
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
