"""Processes are killed at the worst moment: nothing is lost, and nothing happens twice."""

import concurrent.futures
import os
import signal
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.flow import announce, finished, job, send, submit
from tests.faults.conftest import TIMES
from tests.films import film
from tests.running import RunningSystem, until

SCENES_OF_BIKES = 6


def running(client: httpx.Client, job_id: str, stage: str) -> bool:
    found = job(client, job_id)
    return found["status"] == "running" and found["stage"] == stage and found["done"] > 0


def effects(system: RunningSystem, job_id: str) -> dict[str, Any]:
    """How often a job's effect stands in the database."""
    with system.database() as db:
        row = db.execute(
            "SELECT a.attempt, (SELECT count(*) FROM analysis b WHERE b.job_id = a.job_id),"
            " (SELECT count(*) FROM scene s WHERE s.analysis_id = a.analysis_id),"
            " (SELECT count(*) FROM processed p WHERE p.message_id = (j.message->>'id')::uuid)"
            " FROM analysis a JOIN job j USING (tenant_id, job_id) WHERE job_id = %s",
            [job_id],
        ).fetchone()
    assert row is not None
    return dict(zip(("attempt", "analyses", "scenes", "processed"), row, strict=True))


def decoders() -> list[int]:
    """Decoding processes on this machine that have lost their parent."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        if b"sightglass_worker.decode.child" in words and parent == "1":
            found.append(int(entry.name))
    return found


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

        until(accepted, "uploads are taken again", within_s=90)
        assert finished(client, submit(client, body)["job_id"], within_s=120)["status"] == "done"


def test_two_hundred_uploads_at_once_are_all_queued_and_all_finish(system: RunningSystem) -> None:
    body = film("codecs/bikes1s_vp9.webm")
    with system.client() as client, concurrent.futures.ThreadPoolExecutor(32) as pool:
        ids = list(pool.map(submit, [client] * 200, [body] * 200))
        assert len({i["job_id"] for i in ids}) == len({i["video_id"] for i in ids}) == 200
        wanted = {i["job_id"] for i in ids}

        def all_over() -> bool:
            with system.database() as db:
                row = db.execute(
                    "SELECT count(*) FROM job WHERE job_id = ANY(%s::uuid[]) AND status = 'done'", [list(wanted)]
                ).fetchone()
            return row == (200,)

        until(all_over, "all two hundred are done", within_s=300)


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
    until(lambda: saved(system, late["video_id"]), "the upload is in the export of the buckets", within_s=60)
    system.kill_everything()
    system.start()
    with system.client() as client:
        assert finished(client, late["job_id"], within_s=120)["status"] == "done"


def saved(system: RunningSystem, video_id: str) -> bool:
    """Whether LocalStack's objects are on disk; it keeps none itself."""
    with system.database() as db:
        row = db.execute("SELECT object_key FROM video WHERE video_id = %s", [video_id]).fetchone()
    assert row is not None
    index = (system.folder / "dev" / "buckets").rglob("*")
    return any(row[0].encode() in path.read_bytes() for path in index if path.is_file() and "index" in path.name)


def assert_intact(client: httpx.Client, ids: dict[str, Any]) -> None:
    """A finished video is as it was: rows and objects."""
    scenes = client.get(f"/v1/videos/{ids['video_id']}/scenes").json()["items"]
    assert len(scenes) == SCENES_OF_BIKES
    assert httpx.get(scenes[0]["thumbnail"]["url"]).content.startswith(b"\xff\xd8")


def answers(client: httpx.Client) -> bool:
    """Whether the API answers from the database."""
    try:
        return client.get("/v1/whoami").status_code == 200
    except httpx.TransportError:
        return False
