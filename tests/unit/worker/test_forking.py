"""Decoders as forks: each film has its own, and they are lost with their server."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.processes import over

from sightglass_common.sandbox.forks import ForkServer
from sightglass_common.video_errors import NotAVideo, OutOfMemory
from sightglass_worker.decode import process
from sightglass_worker.decode.forking import ENVIRONMENT, SERVER
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.run import decoder


@pytest.fixture(autouse=True)
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ForkServer]:
    """A fork server of the test's own, with all of its descriptors given up in the end."""
    before = descriptors()
    server = ForkServer(SERVER, ENVIRONMENT)
    monkeypatch.setattr(process, "FORKS", server)
    yield server
    server.close()
    await asyncio.sleep(0)  # sockets are closed in the loop's next turn
    assert descriptors() <= before  # what others had open may be closed meanwhile


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def descriptors_of(pid: int | None) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def refused() -> int:
    """Have something that is no video probed. Returns the decoder's process id."""

    async def read_range(_offset: int, size: int) -> bytes:
        return bytes(size)

    async with decoder(Limits()) as film:
        with pytest.raises(NotAVideo):
            await film.probe(read_range, 1000)
    return film.child.pid


async def test_each_film_has_a_process_of_its_own_and_they_share_the_server(server: ForkServer) -> None:
    assert len({await refused() for _ in range(3)}) == 3
    first = server.pid
    await refused()
    assert server.pid == first


async def test_many_at_once_are_served(server: ForkServer) -> None:
    assert len(set(await asyncio.gather(*(refused() for _ in range(40))))) == 40
    assert descriptors_of(server.pid) < 10  # those of the last may just be given up


async def test_what_a_film_took_is_known_in_the_end() -> None:
    async with decoder(Limits()) as film:
        with pytest.raises(ValueError, match="still runs"):
            _ = film.spent
    assert film.spent.status == -signal.SIGKILL  # it waited for a request
    assert 1_000_000 < film.spent.peak_bytes < 200_000_000
    assert 0 <= film.spent.cpu_us < 5_000_000


async def test_the_server_has_one_thread_as_a_fork_has_no_other(server: ForkServer) -> None:
    await refused()
    assert len(list(Path(f"/proc/{server.pid}/task").iterdir())) == 1


async def test_decoders_die_with_a_server_that_is_killed_and_the_next_has_another(server: ForkServer) -> None:
    async def read_range(_offset: int, size: int) -> bytes:
        os.kill(film.child.pid, signal.SIGSTOP)  # so that it cannot end by itself
        os.kill(server.pid or 0, signal.SIGKILL)
        return bytes(size)

    async with decoder(Limits()) as film:
        first, watched = server.pid, os.pidfd_open(film.child.pid)
        with pytest.raises(OutOfMemory):
            await film.probe(read_range, 1000)
        assert over(watched)
    await refused()
    assert server.pid != first
