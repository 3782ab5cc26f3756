"""The whole stack: what is there after a stop and a start."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import sightglass_embedded
from sightglass_client.client import Sightglass
from sightglass_client.models import Submitted
from sightglass_embedded.api_key import read_env
from sightglass_embedded.run_file import RunFile
from sightglass_embedded.stack import Stack
from sightglass_embedded.state_lock import AlreadyRunning, state_lock

VIDEO = Path(sightglass_embedded.__file__).parent / "samples" / "bikes.mp4"

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a space in its path."""
    return tmp_path_factory.mktemp("a checkout") / "dev"


@asynccontextmanager
async def a_stack(folder: Path) -> AsyncGenerator[tuple[Stack, Sightglass]]:
    unconfigured = {name: value for name, value in os.environ.items() if not name.startswith(("SIGHTGLASS_", "AWS_"))}
    # What is under way at the stop is given back at once, and no text is read.
    quick = {"SIGHTGLASS_SHUTDOWN_GRACE_S": "0.1", "SIGHTGLASS_TEXT_ENGINE": "none"}
    async with Stack(folder, environ=unconfigured | quick).running() as stack:
        with Sightglass(stack.url, await stack.api_key(folder.parent / "env")) as client:
            yield stack, client


def upload(client: Sightglass, times: int) -> list[Submitted]:
    return [client.upload(VIDEO) for _ in range(times)]


def finished(client: Sightglass, submitted: list[Submitted]) -> list[str]:
    return [client.wait(job.job_id, timeout=120).status for job in submitted]


async def test_rows_objects_jobs_ports_and_the_key_survive_a_stop_and_a_start(folder: Path) -> None:
    async with a_stack(folder) as (first, client):
        done = await asyncio.to_thread(upload, client, 1)
        assert await asyncio.to_thread(finished, client, done) == ["done"]
        unfinished = await asyncio.to_thread(upload, client, 3)  # and stopped at once
        url, env = first.url, read_env(folder.parent / "env")
        with pytest.raises(AlreadyRunning):
            async with a_stack(folder):
                pytest.fail("two stacks on one folder")
        children = RunFile(folder / "run.json").children()
        assert {child.name for child in children} == {
            "postgres",
            "localstack",
            "api",
            "relay",
            "worker",
            "scanner",
            "chat",
        }
        assert all(child.lives() for child in children)
    assert not any(child.lives() for child in children)

    async with a_stack(folder) as (second, client):
        assert (second.url, read_env(folder.parent / "env")) == (url, env)
        assert await asyncio.to_thread(finished, client, unfinished) == ["done"] * 3
        video = await asyncio.to_thread(client.video, done[0].video_id)
        assert video.original
        original = await asyncio.to_thread(client.download, video.original, folder / "original.mp4")
        assert original.read_bytes() == VIDEO.read_bytes()
        assert len(list(client.scenes(done[0].video_id))) == 6


async def test_a_refused_second_start_names_the_process_that_runs(tmp_path: Path) -> None:
    with state_lock(tmp_path / "dev"):
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sightglass_embedded", "up", "--state", str(tmp_path), stderr=asyncio.subprocess.PIPE
        )
        _, said = await second.communicate()
    assert second.returncode == 1
    assert f"(pid {os.getpid()})" in said.decode()
