"""What a decoder process cannot do, whatever a film makes of it."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.processes import over

from sightglass_common.video_errors import NotAVideo
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Child
from sightglass_worker.decode.run import decoder


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
from sightglass_worker.decode.forking import FORKS
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.process import Child
from sightglass_worker.decode.run import FilmDecoder
from sightglass_common.sandbox.wire import Message
from dataclasses import asdict

async def main():
    child = await Child.decoder()
    await child.send(Message("limits", {"limits": asdict(Limits())}))
    async def read_range(start, size):
        print(child.pid, FORKS.pid, flush=True)
        await asyncio.get_running_loop().create_future()
    await FilmDecoder(child, Limits()).probe(read_range, 1000)
asyncio.run(main())
"""


def test_decoders_and_their_server_die_when_the_worker_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        watched = [os.pidfd_open(int(pid)) for pid in parent.stdout.readline().split()]
        for one in watched:
            # So that they cannot end by themselves at the end of what their parent says.
            signal.pidfd_send_signal(one, signal.SIGSTOP)
        parent.kill()
    assert [over(one) for one in watched] == [True, True]


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
    assert over(watched)
    await asyncio.sleep(0)
