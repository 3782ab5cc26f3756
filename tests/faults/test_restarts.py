"""The whole system is stopped or killed in the middle, and started again."""

import signal
import subprocess
from collections.abc import Iterator

import httpx
import pytest
from tests.acceptance.flow import finished, submit
from tests.faults.conftest import a_system
from tests.faults.looking import answers, assert_intact, running, saved
from tests.films import film
from tests.running import RunningSystem, until

from sightglass_embedded.run_file import RunFile

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def system() -> Iterator[RunningSystem]:
    """A system that copies LocalStack's objects often. It reads no text: at each start the engine would be loaded."""
    with a_system(SIGHTGLASS_COPY_EVERY_S="0.5", SIGHTGLASS_TEXT_ENGINE="none") as system:
        yield system


def test_rows_objects_jobs_ports_and_the_key_survive_a_stop_and_a_start(
    system: RunningSystem, long_film: bytes
) -> None:
    body = film("bikes.mp4")
    with system.client() as client:
        early = submit(client, body)
        finished(client, early["job_id"])
        late = submit(client, long_film)
        until(lambda: running(client, late["job_id"], "scenes"), "the film is being decoded")
        queued = [submit(client, film("codecs/bikes1s_h264.mp4")) for _ in range(3)]
    environ, children = system.environ, RunFile(system.folder / "dev" / "run.json").children()
    assert {child.name for child in children} == {
        "postgres", "localstack", "api", "relay", "worker", "scanner", "chat",
    }  # fmt: skip
    assert all(child.lives() for child in children)
    system.stop()
    assert not any(child.lives() for child in children)
    system.start()
    assert system.environ == environ
    with system.client() as client:
        for ids in (late, *queued):
            assert finished(client, ids["job_id"], within_s=120)["status"] == "done"
        assert_intact(client, early)
        original = client.get(f"/v1/videos/{early['video_id']}").json()["original"]["url"]
    assert httpx.get(original).content == body


def test_a_second_start_is_refused_and_names_the_process_that_runs(system: RunningSystem) -> None:
    second = subprocess.run(system.command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"(pid {system.supervisor})" in second.stderr
    with system.client() as client:
        assert answers(client)


def test_killed_as_a_whole_and_started_again_it_goes_on(system: RunningSystem, long_film: bytes) -> None:
    with system.client() as client:
        late = submit(client, long_film)
        until(lambda: running(client, late["job_id"], "scenes"), "the film is being decoded")
    system.signal("worker", signal.SIGSTOP)  # else it may be done before all are killed
    # LocalStack keeps nothing itself: what is younger than its last copy is lost with it (README, limits known today).
    until(lambda: saved(system, late["video_id"]), "the upload is in the export of the buckets", within_s=60)
    system.kill_everything()
    system.start()
    with system.client() as client:
        done = finished(client, late["job_id"], within_s=120)
    assert (done["status"], done["attempt"]) == ("done", 2)
