"""What a job's row means to a client."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sightglass_api.health.rules import seconds_of
from sightglass_api.jobs.events import event
from sightglass_api.jobs.rules import error_of, progress_of
from sightglass_api.jobs.schemas import Job, JobStatus, Stage

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_job(**changed: object) -> Job:
    values: dict[str, object] = {
        "job_id": uuid4(),
        "kind": "analysis",
        "status": JobStatus.DONE,
        "attempt": 1,
        "stage": None,
        "done": 0,
        "total": None,
        "progress": None,
        "stages": [],
        "error": None,
        "created_at": at(0),
        "queued_at": at(0),
        "started_at": at(1),
        "finished_at": at(5),
        "revision": 7,
        "analysis_id": None,
        "video_id": None,
        "scan_id": None,
        "cancel_requested": False,
    }
    return Job.model_validate(values | changed)


@pytest.mark.parametrize(
    ("status", "done", "total", "progress"),
    [
        ("queued", 0, None, None),
        ("running", 0, 0, None),
        ("running", 5, 10, 0.5),
        ("running", 11, 10, 1.0),
        ("failed", 5, 10, 0.5),
        ("done", 0, None, 1.0),
        ("partial", 5, 10, 1.0),
    ],
)
def test_progress_is_between_none_and_all(status: str, done: int, total: int | None, progress: float | None) -> None:
    assert progress_of(status, done, total) == progress


def test_a_job_without_a_code_has_no_error() -> None:
    assert error_of(None, None, None, retryable=None) is None


def test_an_error_has_the_title_of_its_code() -> None:
    error = error_of("empty_file", None, "probe", retryable=False)
    assert error
    assert (error.title, error.stage, error.retryable) == ("The object has no bytes", "probe", False)


def test_a_code_of_a_newer_worker_is_shown_as_it_is() -> None:
    error = error_of("from_the_future", "Something new.", None, retryable=True)
    assert error
    assert (error.code, error.detail) == ("from_the_future", "Something new.")


def test_the_time_of_each_stage_ends_where_the_next_begins() -> None:
    stages = [Stage(stage="probe", started_at=at(1)), Stage(stage="scenes", started_at=at(2))]
    assert seconds_of(a_job(stages=stages), at(9)) == {
        "queued": 1.0,
        "running": 4.0,
        "total": 5.0,
        "probe": 1.0,
        "scenes": 3.0,
    }


def test_a_job_that_waits_is_queued_until_now() -> None:
    waiting = a_job(status=JobStatus.QUEUED, started_at=None, finished_at=None)
    assert seconds_of(waiting, at(9)) == {"queued": 9.0, "total": 9.0}


def test_an_event_is_one_line_of_json_with_the_revision_as_its_id() -> None:
    lines = event(a_job()).split("\n")
    assert lines[0] == "id: 7"
    assert lines[1] == "event: job"
    assert Job.model_validate_json(lines[2].removeprefix("data: ")).revision == 7
    assert lines[3:] == ["", ""]
