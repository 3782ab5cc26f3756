"""`sightglass analyses rerun`."""

import json
from typing import Any

import pytest
from tests.unit.client.fake_answers import ANALYSIS, SCORE, VIDEO
from tests.unit.client.fake_api import FakeApi, event, job, problem
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))


def rerun(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["analyses", "rerun", *words], input=typed)


def a_video(api: FakeApi, video_id: str, **latest: Any) -> None:
    """A video whose newest analysis is as told; without a word it has none."""
    api.videos[video_id] = {**VIDEO, "video_id": video_id, "latest": {**ANALYSIS, **latest} if latest else None}
    api.scores[video_id] = {**SCORE, "analysis_id": None}


def again(api: FakeApi) -> list[str]:
    return [rerun["video_id"] for rerun in api.reruns]


def test_videos_that_are_named_are_analysed_again(api: FakeApi) -> None:
    a_video(api, "v2")
    result = rerun("v1", "v2", "v1")
    assert result.exit_code == 0
    assert api.reruns == [{"video_id": "v1"}, {"video_id": "v2"}]
    assert result.stdout.splitlines() == ["video\tstatus\tanalysis\tjob", "v1\tqueued\ta1\tj1", "v2\tqueued\ta1\tj1"]
    assert "sightglass jobs watch j1" in result.stderr


def test_the_tier_that_is_asked_for_is_sent(api: FakeApi) -> None:
    assert rerun("v1", "--tier", "preview").exit_code == 0
    assert api.reruns == [{"video_id": "v1", "tier": "preview"}]


def test_with_json_it_is_one_document(api: FakeApi) -> None:
    result = rerun("v1", "--json")
    assert json.loads(result.stdout) == {
        "items": [{"video_id": "v1", "analysis_id": "a1", "job_id": "j1", "job": None, "error": None}]
    }
    assert result.stderr == ""


@pytest.mark.parametrize(("status", "exit_code"), [("done", 0), ("partial", 5), ("failed", 1)])
def test_with_wait_it_exits_with_what_became_of_the_job(api: FakeApi, status: str, exit_code: int) -> None:
    api.a_job(revision=1, status="queued")
    api.streams["j1"] = [lambda _: iter([event(job(revision=2, status=status))])]
    result = rerun("v1", "--wait", "--json")
    assert result.exit_code == exit_code
    assert json.loads(result.stdout)["items"][0]["job"]["status"] == status


def test_a_video_that_there_is_not_exits_with_3(api: FakeApi) -> None:
    assert rerun("nope").exit_code == 3
    assert rerun("nope", "--older-than", "2").exit_code == 3
    assert api.reruns == []


def test_one_of_several_that_fails_leaves_the_others(api: FakeApi) -> None:
    result = rerun("nope", "v1", "--json")
    assert result.exit_code == 1
    first, second = json.loads(result.stdout)["items"]
    assert (first["error"]["code"], second["job_id"]) == ("video_not_found", "j1")


def test_a_bucket_that_is_not_linked_leaves_the_other_videos(api: FakeApi) -> None:
    api.fault("POST", lambda _: problem(403, "bucket_not_linked", "The bucket is not linked"))
    assert rerun("v1", "v1b").exit_code == 1
    assert len(api.calls("POST")) == 2


def test_a_role_that_may_not_stops_the_rest(api: FakeApi) -> None:
    api.fault("POST", lambda _: problem(403, "forbidden", "The role does not permit this"))
    assert rerun("v1", "v1b").exit_code == 4
    assert len(api.calls("POST")) == 1


def test_all_are_analysed_again_if_that_is_confirmed(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    a_video(api, "v2")
    monkeypatch.setattr("sightglass_client.cli.analyses._is_a_person_there", lambda: True)
    refused = rerun("--all", typed="n\n")
    assert (refused.exit_code, again(api)) == (1, [])
    assert "Analyse 2 videos again?" in refused.stderr
    assert rerun("--all", typed="y\n").exit_code == 0
    assert again(api) == ["v1", "v2"]


def test_all_are_analysed_again_without_a_question_with_yes(api: FakeApi) -> None:
    assert rerun("--all", "--yes").exit_code == 0
    assert again(api) == ["v1"]


def test_many_are_followed_by_the_list_of_jobs(api: FakeApi) -> None:
    for number in range(10):
        a_video(api, f"w{number}")
    assert rerun("--all", "--yes").stderr == "Follow them: sightglass jobs ls\n"


@pytest.mark.parametrize(
    ("latest", "chosen"),
    [
        ({"analyser_version": 1}, True),
        ({"analyser_version": None}, True),
        ({"analyser_version": 1, "status": "partial"}, True),
        ({"analyser_version": 2}, False),
        ({"analyser_version": 3}, False),
        ({"analyser_version": None, "status": "failed"}, False),
        ({"analyser_version": None, "status": "queued"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_older_than_chooses_what_an_older_version_has_found(api: FakeApi, latest: dict[str, Any], chosen: bool) -> None:
    api.videos.clear()
    a_video(api, "v9", **latest)
    for words in (("--all", "--yes"), ("v9",)):
        assert rerun(*words, "--older-than", "2", "--json").exit_code == 0
    assert again(api) == ["v9", "v9"] * chosen


@pytest.mark.parametrize(
    ("shown", "chosen"),
    [
        ({"analyser_version": 1}, True),
        ({"analyser_version": 2}, False),
        ({"status": "running", "analyser_version": None}, False),
    ],
)
@pytest.mark.parametrize("latest", [{"status": "failed"}, {"status": "running"}], ids=str)
def test_older_than_looks_at_the_result_that_is_shown_behind_a_newer_analysis_without_one(
    api: FakeApi, latest: dict[str, Any], shown: dict[str, Any], chosen: bool
) -> None:
    a_video(api, "v9", analyser_version=9, **latest)
    api.scores["v9"] = {**SCORE, "analysis_id": "a7"}
    api.analyses["a7"] = {**ANALYSIS, "analysis_id": "a7", **shown}
    assert rerun("v9", "--older-than", "2").exit_code == 0
    assert again(api) == ["v9"] * chosen


def test_where_nothing_is_older_it_says_so(api: FakeApi) -> None:
    a_video(api, "v1", analyser_version=2)
    assert json.loads(rerun("--all", "--yes", "--older-than", "2", "--json").stdout) == {"items": []}
    assert rerun("--all", "--yes", "--older-than", "2").stdout == "video\tstatus\tanalysis\tjob\n"


def test_ctrl_c_prints_the_command_that_goes_on(api: FakeApi) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    api.fault("POST", lambda _: None, stopped)
    result = rerun("v1", "v2", "v3")
    assert result.exit_code == 130
    assert "Go on with: sightglass analyses rerun v2 v3" in result.stderr
    assert "v1\tqueued" in result.stdout
