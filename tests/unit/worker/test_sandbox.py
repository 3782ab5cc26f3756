"""What a decoder process cannot do, whatever a film makes of it."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sightglass_common.video_errors import NotAVideo
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Child
from sightglass_worker.decode.run import decoder

CONFINED = """
import os, resource, signal, socket, subprocess, sys
from sightglass_worker.decode.sandbox import allow_cpu, confine
film = os.open(sys.argv[1], os.O_RDWR)
os.dup2(film, 1)
os.close(film)
if os.getuid() == 0 and {as_nobody}:
    os.setresuid(65534, 65534, 65534)
confine(memory_bytes=1 << 30, cpu_s=20, cpu_most_s=30)
try:
    {attempt}
except BaseException as error:
    os.write(2, type(error).__name__.encode())
else:
    os.write(2, b"done")
"""


def tried(attempt: str, folder: Path, *, as_nobody: bool = False) -> str:
    """How an attempt ends in a confined process whose standard output is a file: `done`, or an error's name."""
    film = folder / "film"
    film.write_bytes(b"film")
    code = CONFINED.format(attempt=attempt, as_nobody=as_nobody)
    done = subprocess.run([sys.executable, "-c", code, str(film)], stderr=subprocess.PIPE, check=False, text=True)
    assert film.read_bytes() == b"film"
    return done.stderr or str(signal.Signals(-done.returncode).name)


@pytest.mark.parametrize(
    ("attempt", "end"),
    [
        ("os.pread(1, 4, 0)", "done"),
        ("open('/dev/null')", "OSError"),
        ("os.listdir('/proc')", "OSError"),
        ("os.dup(1)", "OSError"),
        ("socket.socket()", "OSError"),
        ("os.pwrite(1, b'mine', 0)", "OSError"),
        ("os.truncate(1, 9)", "OSError"),
        ("bytearray(2 << 30)", "MemoryError"),
        ("subprocess.run(['/bin/true'], check=True)", "OSError"),
        ("os.execv('/bin/sh', ['sh', '-c', 'echo theirs >&2'])", "no library"),
        ("resource.setrlimit(resource.RLIMIT_CPU, (31, 40))", "ValueError"),
        ("allow_cpu(32)", "ValueError"),
        ("allow_cpu(30)", "done"),
    ],
)
def test_a_confined_process_can_use_what_it_has_and_no_more(attempt: str, end: str, tmp_path: Path) -> None:
    told = tried(attempt, tmp_path)
    if end == "no library":
        assert "error while loading shared libraries" in told
    else:
        assert told == end


def test_a_confined_process_that_is_not_root_cannot_fork(tmp_path: Path) -> None:
    assert tried("os.fork()", tmp_path, as_nobody=True) == "BlockingIOError"


async def test_a_decoder_has_no_environment_of_ours_and_no_descriptors_but_its_socket() -> None:
    seen = list[tuple[bytes, list[str]]]()

    async def read_range(_start: int, size: int) -> bytes:
        # It asks for bytes, so all that it imports is open no more.
        pid = film.child.pid
        descriptors = sorted(path.name for path in Path(f"/proc/{pid}/fd").iterdir())
        seen.append((Path(f"/proc/{pid}/environ").read_bytes(), descriptors))
        return bytes(size)

    async with decoder(Limits()), decoder(Limits()) as film, decoder(Limits()):  # and none of another film's
        with pytest.raises(NotAVideo):
            await film.probe(read_range, 1000)
    assert seen == [(b"OPENBLAS_NUM_THREADS=1\0", ["0", "1", "2"])]


PARENT = """
import asyncio
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Child
from sightglass_worker.decode.run import FilmDecoder
from sightglass_worker.decode.wire import Message
from dataclasses import asdict

async def main():
    child = await Child.decoder()
    await child.send(Message("limits", {"limits": asdict(Limits())}))
    async def read_range(start, size):
        print(child.pid, flush=True)
        await asyncio.get_running_loop().create_future()
    await FilmDecoder(child, Limits()).probe(read_range, 1000)
asyncio.run(main())
"""


def test_a_decoder_dies_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        watched = os.pidfd_open(pid)
        # Stopped, so that it cannot end by itself at the end of what its parent says.
        os.kill(pid, signal.SIGSTOP)
        parent.kill()
    try:
        assert select.select([watched], [], [], 10)[0] == [watched]
    finally:
        with suppress(ProcessLookupError):  # as it should be
            signal.pidfd_send_signal(watched, signal.SIGKILL)
        os.close(watched)


BOMB = """
from pathlib import Path
from tests import films
from sightglass_common.video_errors import DimensionsTooLarge
from sightglass_worker.decode.analysis import analyze_film  # as loaded as the decoder is
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.probe import probe
from sightglass_worker.decode.source import RangedFile

def peak_kib():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

data = {bomb}
before = peak_kib()
try:
    probe(RangedFile(lambda start, size: data[start : start + size], len(data)), Limits())
except DimensionsTooLarge:
    print(peak_kib() - before)
"""


@pytest.mark.parametrize("bomb", ["films.y4m(16_000, 16_000)", "films.avi_of_size(16_000, 16_000)"])
def test_a_bomb_is_refused_with_hardly_any_memory(bomb: str) -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", BOMB.format(bomb=bomb)],
        capture_output=True, check=True, text=True, cwd=root,
    )  # fmt: skip
    assert int(done.stdout) < 8 * 1024


async def test_a_decoder_that_waits_for_its_film_ends_with_the_block() -> None:
    child = await Child.decoder()
    watched = os.pidfd_open(child.pid)
    child.end()
    assert select.select([watched], [], [], 30)[0] == [watched]
    os.close(watched)
    await asyncio.sleep(0)
