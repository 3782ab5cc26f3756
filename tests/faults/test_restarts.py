"""The whole system is stopped or killed in the middle, and started again."""

import signal
from collections.abc import Iterator

import pytest
from tests.acceptance.flow import finished, submit
from tests.faults.conftest import a_system
from tests.faults.looking import assert_intact, running, saved
from tests.films import film
from tests.running import RunningSystem, until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def system() -> Iterator[RunningSystem]:
    """A system that copies LocalStack's objects often. It reads no text: at each start the engine would be loaded."""
    with a_system(SIGHTGLASS_COPY_EVERY_S="0.5", SIGHTGLASS_TEXT_ENGINE="none") as system:
        yield system


def test_stopped_and_started_in_the_middle_it_goes_on(system: RunningSystem, long_film: bytes) -> None:
    with system.client() as client:
        early = submit(client, film("bikes.mp4"))
        finished(client, early["job_id"])
        late = submit(client, long_film)
        until(lambda: running(client, late["job_id"], "scenes"), "the film is being decoded")
    system.stop()
    system.start()
    with system.client() as client:
        assert finished(client, late["job_id"], within_s=120)["status"] == "done"
        assert_intact(client, early)


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
