"""`sightglass upload`: several files, waiting, and being stopped."""

import json
from pathlib import Path

import pytest
from tests.unit.client.fake_api import FakeApi, cut, event, job, problem
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))
    for name in ("a.mp4", "b c.mp4"):
        Path(name).write_bytes(name.encode())


def upload(*words: str) -> Result:
    return CliRunner().invoke(app, ["upload", *words])


def test_an_upload_prints_its_ids_and_how_to_follow_it() -> None:
    result = upload("a.mp4")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["path\tstatus\tvideo\tanalysis\tjob", "a.mp4\tqueued\tv1\ta1\tj1"]
    assert "sightglass jobs watch j1" in result.stderr


@pytest.mark.parametrize(("status", "exit_code"), [("done", 0), ("partial", 5), ("failed", 1)])
def test_with_wait_it_exits_with_what_became_of_the_job(api: FakeApi, status: str, exit_code: int) -> None:
    api.a_job(revision=1, status="queued")
    error = {"code": "not_a_video", "title": "Not a video", "detail": "It is text.", "retryable": False}
    over = job(revision=2, status=status, error=error if status == "failed" else None)
    api.streams["j1"] = [lambda _: iter([event(over)])]
    result = upload("a.mp4", "--wait", "--json")
    assert result.exit_code == exit_code
    [item] = json.loads(result.stdout)["items"]
    assert (item["path"], item["job_id"], item["job"]["status"], item["error"]) == ("a.mp4", "j1", status, None)


def test_a_failed_job_is_told_with_its_reason(api: FakeApi) -> None:
    api.a_job(status="failed", error={"code": "not_a_video", "title": "Not a video", "detail": "It is text."})
    result = upload("a.mp4", "--wait")
    assert "a.mp4: Not a video. It is text." in result.stderr


def test_one_of_several_that_fails_leaves_the_others(api: FakeApi) -> None:
    api.fault("POST /v1/uploads$", lambda _: problem(413, "upload_too_large", "Too large"))
    result = upload("a.mp4", "b c.mp4", "s3://films/x.mp4", "--json")
    assert result.exit_code == 1
    items = json.loads(result.stdout)["items"]
    assert [item["job_id"] for item in items] == [None, "j1", "j1"]
    assert items[0]["error"]["code"] == "upload_too_large"


def test_a_refused_key_stops_the_rest(api: FakeApi) -> None:
    api.fault("POST", lambda _: problem(401, "unauthenticated", "No valid API key was given"))
    assert upload("a.mp4", "b c.mp4").exit_code == 4
    assert len(api.calls("POST")) == 1


def test_what_was_started_is_told_when_the_api_goes_away(api: FakeApi) -> None:
    api.fault("POST /v1/analyses", cut)
    result = upload("a.mp4", "s3://films/x.mp4", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["items"][0]["job_id"] == "j1"


def test_nothing_is_sent_if_one_of_several_is_missing(api: FakeApi) -> None:
    assert upload("a.mp4", "missing.mp4").exit_code == 2
    assert not api.seen


def test_ctrl_c_prints_the_command_that_resumes(api: FakeApi) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    api.fault("complete", lambda _: None, stopped)
    result = upload("a.mp4", "b c.mp4")
    assert result.exit_code == 130
    assert "Go on with: sightglass upload 'b c.mp4'" in result.stderr
    assert "a.mp4\tqueued\tv1" in result.stdout


def test_the_tier_that_is_asked_for_is_sent_and_in_the_command_that_resumes(api: FakeApi) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    api.fault("complete", lambda _: None, stopped)
    result = upload("a.mp4", "b c.mp4", "--tier", "preview")
    assert json.loads(api.calls("complete")[0].content) == {"tier": "preview"}
    assert "Go on with: sightglass upload --tier preview 'b c.mp4'" in result.stderr
