"""Processes are killed at the worst moment: nothing is lost, and nothing happens twice."""

import os
import signal

import httpx
import pytest
from tests.acceptance.flow import announce, finished, send, submit
from tests.faults.conftest import TIMES
from tests.faults.looking import SCENES_OF_BIKES, answers, decoders, effects, running
from tests.films import film
from tests.running import RunningSystem, until

pytestmark = pytest.mark.timeout(300)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(system: RunningSystem, long_film: bytes) -> None:
    with system.client() as client:
        ids = submit(client, long_film)
        until(lambda: running(client, ids["job_id"], "scenes"), "the film is being decoded")
        system.signal("worker", signal.SIGKILL)
        done = finished(client, ids["job_id"], within_s=120)
    assert (done["status"], done["attempt"]) == ("done", 2)
    assert effects(system, ids["job_id"]) == {
        "attempt": 2, "analyses": 1, "scenes": TIMES * SCENES_OF_BIKES, "processed": 1,
    }  # fmt: skip
    until(lambda: decoders() == [], "the killed worker's decoder is gone")


def test_a_worker_that_is_told_to_stop_gives_its_job_back_unspent(system: RunningSystem, long_film: bytes) -> None:
    with system.client() as client:
        ids = submit(client, long_film)
        until(lambda: running(client, ids["job_id"], "scenes"), "the film is being decoded")
        system.signal("worker", signal.SIGTERM)
        assert finished(client, ids["job_id"], within_s=120)["status"] == "done"
    with system.database() as db:
        assert db.execute("SELECT attempts_left FROM job WHERE job_id = %s", [ids["job_id"]]).fetchone() == (5,)


def test_an_api_killed_between_commit_and_send_loses_nothing(system: RunningSystem) -> None:
    """The relay sleeps while the API commits and is killed, so nothing but the outbox knows of the job."""
    body = film("codecs/bikes1s_h264.mp4")
    os.kill(system.pid("relay"), signal.SIGSTOP)
    try:
        with system.client() as client:
            ids = submit(client, body)
        system.signal("api", signal.SIGKILL)
    finally:
        os.kill(system.pid("relay"), signal.SIGCONT)
    with system.client() as client:
        until(lambda: answers(client), "the API is back")
        assert finished(client, ids["job_id"])["status"] == "done"
    assert effects(system, ids["job_id"])["processed"] == 1


def test_a_relay_killed_again_and_again_sends_everything_once_or_more_and_nothing_has_two_effects(
    system: RunningSystem,
) -> None:
    body = film("codecs/bikes1s_h264.mp4")
    with system.client() as client:
        submitted: list[str] = []
        for _ in range(3):
            submitted += [submit(client, body)["job_id"] for _ in range(3)]
            old = system.pid("relay")
            os.kill(old, signal.SIGKILL)
            until(lambda old=old: system.pid("relay") != old, "the relay is back")
        for job_id in submitted:
            assert finished(client, job_id, within_s=120)["status"] == "done"
    assert {effects(system, job_id)["processed"] for job_id in submitted} == {1}


def test_postgres_killed_under_way_is_survived(system: RunningSystem) -> None:
    body = film("bikes.mp4")
    with system.client() as client:
        ids = submit(client, body)
        system.signal("postgres", signal.SIGKILL)
        until(lambda: answers(client), "the API answers from the database again", within_s=60)
        assert finished(client, ids["job_id"], within_s=120)["status"] == "done"
    assert effects(system, ids["job_id"])["scenes"] == SCENES_OF_BIKES


def test_localstack_killed_under_way_is_survived(system: RunningSystem) -> None:
    """It forgets queues and objects: the stack brings both back."""
    body = film("bikes.mp4")
    with system.client() as client:
        early = submit(client, body)
        finished(client, early["job_id"])
        system.signal("localstack", signal.SIGKILL)

        def accepted() -> bool:
            try:
                upload = announce(client, body)
                return send(upload, body).is_success
            except (AssertionError, httpx.HTTPError):
                return False

        until(accepted, "uploads are taken again", within_s=90, every_s=0.2)
        assert finished(client, submit(client, body)["job_id"], within_s=120)["status"] == "done"
