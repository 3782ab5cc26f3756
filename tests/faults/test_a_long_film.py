"""A film of an hour: bounded memory, hardly any disk, and a worker that is killed on the way."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.acceptance.flow import FINAL, job
from tests.faults.conftest import a_system
from tests.faults.looking import SCENES_OF_BIKES, effects, running
from tests.films import repeated
from tests.processes import children
from tests.running import RunningSystem, until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
TIMES = 360
WORKER_AND_DECODERS_MIB = 300  # a decoder may have 200 with the worker, and two run at once


@pytest.fixture(scope="module")
def system() -> Iterator[RunningSystem]:
    """A system that reads no text: that is a matter of its cap, not of the film's length."""
    with a_system(SIGHTGLASS_TEXT_ENGINE="none") as system:
        yield system


class Watch:
    """Looks what the worker takes, until it is left."""

    def __init__(self, system: RunningSystem) -> None:
        self.memory_mib = self.disk_bytes = 0.0
        self._system = system
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.5):
            with suppress(OSError):  # it was killed, or a decoder is over
                worker = self._system.pid("worker")
                self.memory_mib = max(self.memory_mib, sum(map(unshared_mib, (worker, *below(worker)))))
                self.disk_bytes = max(self.disk_bytes, unnamed_bytes(worker))


def below(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    own = [int(child) for child in children(pid)]
    return own + [further for child in own for further in below(child)]


def unshared_mib(pid: int) -> float:
    """A process' proportional share of memory: pages that forks have in common count once in all."""
    shown = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(shown.split("\nPss:")[1].split()[0]) / 1024


def unnamed_bytes(pid: int) -> int:
    """How much the files have that a process has open, and that have no name."""
    files = list(Path(f"/proc/{pid}/fd").iterdir())
    return sum(file.stat().st_size for file in files if str(file.readlink()).endswith(" (deleted)"))


def test_an_hour_needs_little_memory_and_disk_and_survives_a_kill(system: RunningSystem, tmp_path: Path) -> None:
    film = tmp_path / "an hour.mp4"
    film.write_bytes(repeated("bikes.mp4", TIMES))
    sightglass = str(Path(sys.executable).with_name("sightglass"))
    with Watch(system) as watch, system.client() as client:
        uploaded = subprocess.run(
            (sightglass, "--json", "upload", str(film)), env=system.environ, capture_output=True, check=True
        )
        (ids,) = json.loads(uploaded.stdout)["items"]
        until(lambda: running(client, ids["job_id"], "ranges"), "its ranges are being decoded", within_s=120)
        system.signal("worker", signal.SIGKILL)
        until(lambda: job(client, ids["job_id"])["status"] in FINAL, "it is over", within_s=1500, every_s=1)
        assert job(client, ids["job_id"])["status"] == "done"
    assert effects(system, ids["job_id"])["scenes"] == TIMES * SCENES_OF_BIKES
    assert watch.memory_mib < WORKER_AND_DECODERS_MIB
    assert watch.disk_bytes < 64 * 2**20
