"""A fork server and its children, and what becomes of them when it fails."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.processes import children, over
from tests.unit.common.sandbox.serving import forking, program, server_that

from sightglass_common.sandbox import forks
from sightglass_common.sandbox.forks import Forked, ForkServer

Way = Callable[[ForkServer, socket.socket], Awaitable[Forked]]

# Both ways to have a child, and both as an event loop needs them here.
WAYS: dict[str, Way] = {
    "fork": lambda server, talk: asyncio.to_thread(server.fork, talk),
    "forked": ForkServer.forked,
}
# A child that lives for as long as it is talked to.
LISTEN = "connection.recv(1)"


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


class Child:
    """A child, and our end of the conversation with it."""

    def __init__(self, talk: socket.socket, forked: Forked) -> None:
        self.talk = talk
        self.forked = forked

    def end(self) -> int:
        """Hang up, and wait for it. Returns its exit status."""
        self.talk.close()
        return self.forked.wait().status


async def a_child(server: ForkServer, way: Way) -> Child:
    talk, theirs = socket.socketpair()
    try:
        with theirs:
            return Child(talk, await way(server, theirs))
    except BaseException:
        talk.close()
        raise


@contextmanager
def standing_in(code: str, folder: Path) -> Generator[ForkServer]:
    """A server that is all of it other code."""
    with pytest.MonkeyPatch.context() as patched:
        server = ForkServer("of.the.test", {})
        patched.setattr(sys, "executable", program(code, folder))
        yield server
        server.close()


def descriptors_of(pid: int | str | None) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def test_each_child_has_a_process_of_its_own_and_they_share_the_server(way: Way, tmp_path: Path) -> None:
    with server_that(LISTEN, tmp_path) as server:
        assert server.pid is None
        some = [await a_child(server, way) for _ in range(3)]
        assert children(server.pid) == {str(child.forked.pid) for child in some}
        assert [child.end() for child in some] == [0, 0, 0]


async def test_many_at_once_are_served_and_leave_no_descriptor(way: Way, tmp_path: Path) -> None:
    with server_that(LISTEN, tmp_path) as server:
        (await a_child(server, way)).end()
        before = descriptors_of("self"), descriptors_of(server.pid)
        some = await asyncio.gather(*(a_child(server, way) for _ in range(40)))
        assert len({child.forked.pid for child in some}) == 40
        assert [child.end() for child in some] == [0] * 40
        (await a_child(server, way)).end()  # what it had of the last before is given up by now
        assert descriptors_of("self") <= before[0]
        assert descriptors_of(server.pid) <= before[1] + 2


async def test_what_a_child_took_is_known_in_the_end(way: Way, tmp_path: Path) -> None:
    with server_that("sum(range(10**6)); return 7", tmp_path) as server:
        child = await a_child(server, way)
        ended = child.forked.wait()
        child.talk.close()
    assert ended.status == 7
    assert 0 < ended.cpu_us < 60_000_000
    assert 1_000_000 < ended.peak_bytes < 200_000_000


async def test_a_child_that_goes_on_can_be_waited_for_again_and_killed(way: Way, tmp_path: Path) -> None:
    with server_that("signal.pause()", tmp_path) as server:
        child = await a_child(server, way)
        child.talk.close()
        with pytest.raises(TimeoutError):
            child.forked.wait(0.01)
        child.forked.kill()
        child.forked.kill()
        assert child.forked.wait().status == -signal.SIGKILL


async def test_a_child_has_its_conversation_the_given_environment_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTGLASS_SECRET", "ours")
    monkeypatch.setattr(sys, "executable", forking(f"connection.send(b'!'); {LISTEN}", tmp_path))
    server = ForkServer("of.the.test", {"THEIRS": "1"})
    with (tmp_path / "open").open("w"):
        some = [await a_child(server, WAYS["fork"]) for _ in range(3)]
    # By then each has put away what it was forked with.
    assert [child.talk.recv(1) for child in some] == [b"!"] * 3
    process = Path(f"/proc/{some[1].forked.pid}")
    # The shell that stands in for the interpreter adds the folder that it is in.
    shown = dict(line.split(b"=", 1) for line in (process / "environ").read_bytes().split(b"\0") if line)
    assert shown.keys() - {b"PWD", b"OLDPWD", b"SHLVL", b"_"} == {b"THEIRS"}
    assert sorted(path.name for path in (process / "fd").iterdir()) == ["0", "1", "2"]
    assert (process / "fd/1").readlink() == (process / "fd/2").readlink() == Path("/dev/null")
    assert [child.end() for child in some] == [0, 0, 0]
    server.close()


async def test_children_die_with_a_server_that_is_killed_and_the_next_has_another(way: Way, tmp_path: Path) -> None:
    with server_that(f"connection.send(b'!'); {LISTEN}", tmp_path) as server:
        child = await a_child(server, way)
        assert child.talk.recv(1)
        first, watched = server.pid, os.pidfd_open(child.forked.pid)
        os.kill(child.forked.pid, signal.SIGSTOP)  # so that it cannot end by itself
        os.kill(first or 0, signal.SIGKILL)
        assert over(watched)
        assert child.end() == -signal.SIGKILL
        another = await a_child(server, way)
        assert another.talk.recv(1)
        assert another.end() == 0
        assert server.pid != first


async def test_children_die_with_a_server_that_is_closed(way: Way, tmp_path: Path) -> None:
    with server_that("signal.pause()", tmp_path) as server:
        child = await a_child(server, way)
        watched = os.pidfd_open(child.forked.pid)
        server.close()
        assert over(watched)
        assert child.end() == -signal.SIGKILL
        assert server.pid is None


SERVICE = """
import socket, sys
from sightglass_common.sandbox.forks import ForkServer
sys.executable = {python!r}
server = ForkServer("of.the.test", {{}})
talk, theirs = socket.socketpair()
child = server.fork(theirs)
print(child.pid, server.pid, flush=True)
sys.stdin.read()
"""


def test_no_child_outlives_a_service_that_is_killed(tmp_path: Path) -> None:
    code = SERVICE.format(python=forking("signal.pause()", tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        pids = [int(pid) for pid in service.stdout.readline().split()]
        watched = [os.pidfd_open(pid) for pid in pids]
        service.kill()
    assert [over(one) for one in watched] == [True, True]


async def test_a_server_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    found: list[Child] = []
    with server_that(LISTEN, tmp_path) as server:
        thread = threading.Thread(target=lambda: found.append(asyncio.run(a_child(server, WAYS["fork"]))))
        thread.start()
        thread.join()
        first = server.pid
        assert [(await a_child(server, WAYS["fork"])).end(), found[0].end()] == [0, 0]
        assert server.pid == first


async def test_a_server_that_ends_before_it_forks_is_tried_once_more_and_told(way: Way, tmp_path: Path) -> None:
    with standing_in(f"open({str(tmp_path / 'tries')!r}, 'a').write('.')", tmp_path) as server:
        with pytest.raises(ConnectionError):
            await a_child(server, way)
        assert (tmp_path / "tries").read_text() == ".."
        assert server.pid is None


ONCE_DEAF = """
import os, signal, sys
from sightglass_common.sandbox.fork_server import run
tries = {tries!r}
open(tries, "a").write(".")
if len(open(tries).read()) == 1:
    signal.pause()
os._exit(run(lambda connection: len(connection.recv(1))))
"""


async def test_those_that_wait_for_a_server_that_is_killed_share_the_next(way: Way, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    with standing_in(ONCE_DEAF.format(tries=str(tries)), tmp_path) as server:
        waiting = [asyncio.create_task(a_child(server, way)) for _ in range(5)]
        while not (tries.exists() and tries.read_text()):  # noqa: ASYNC110 -- nothing tells that it stands still
            await asyncio.sleep(0.001)
        os.kill(server.pid or 0, signal.SIGKILL)
        some = await asyncio.gather(*waiting)
        assert tries.read_text() == ".."
        assert children(server.pid) == {str(child.forked.pid) for child in some}
        assert [child.end() for child in some] == [0] * 5


NO_FORK = """
import errno, os
from sightglass_common.sandbox import fork_server
def fork():
    raise OSError(errno.EAGAIN, "no")
os.fork = fork
fork_server.run(lambda _: 0)
"""


async def test_that_no_process_can_be_had_is_told_and_the_server_goes_on(way: Way, tmp_path: Path) -> None:
    with standing_in(NO_FORK, tmp_path) as server:
        for _ in range(20):
            with pytest.raises(BlockingIOError) as caught:
                await a_child(server, way)
            assert caught.value.errno == errno.EAGAIN
        assert descriptors_of(server.pid) < 10


NO_DESCRIPTOR = """
import socket
control = socket.socket(fileno=0)
_, (talk, fate), _, _ = socket.recv_fds(control, 1, 2)
socket.socket(fileno=fate).send((12345).to_bytes(4, "big"))
control.recv(1)
"""


async def test_that_there_is_no_room_for_a_childs_descriptor_is_told(way: Way, tmp_path: Path) -> None:
    with standing_in(NO_DESCRIPTOR, tmp_path) as server:
        with pytest.raises(OSError, match="Too many open files") as caught:
            await a_child(server, way)
        assert caught.value.errno == errno.EMFILE


async def test_a_server_that_stands_still_is_ended(way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with standing_in("import signal; signal.pause()", tmp_path) as server:
        with monkeypatch.context() as patched:
            patched.setattr(forks, "_START_WALL_S", 0.1)
            with pytest.raises(TimeoutError):
                await a_child(server, way)
        assert server.pid is None
        forking(LISTEN, tmp_path)  # the same program, which is another by now
        assert (await a_child(server, way)).end() == 0


async def test_a_start_that_is_cancelled_leaves_no_child(tmp_path: Path) -> None:
    with server_that(LISTEN, tmp_path) as server:
        (await a_child(server, WAYS["forked"])).end()
        start = asyncio.create_task(a_child(server, WAYS["forked"]))
        await asyncio.sleep(0)  # it has sent its order
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        (await a_child(server, WAYS["forked"])).end()  # which was served after it
        while children(server.pid):  # noqa: ASYNC110 -- nothing tells that it has found its conversation over
            await asyncio.sleep(0.01)


async def test_a_service_without_an_interpreter_is_told(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    server = ForkServer("of.the.test", {})
    before = descriptors_of("self")
    with pytest.raises(FileNotFoundError):
        await a_child(server, way)
    assert descriptors_of("self") <= before
