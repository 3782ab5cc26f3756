"""`sightglass schedule`."""

import json

import pytest
from tests.unit.client.fake_api import FakeApi
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))


def schedule(*words: str) -> Result:
    return CliRunner().invoke(app, ["schedule", *words])


def test_a_schedule_is_made_of_a_time_and_what_a_scan_takes(api: FakeApi) -> None:
    words = ("add", "30 3 * * *", "s3://lake/a/", "--timezone", "Europe/Berlin", "--include", "*.csv")
    result = schedule(*words)
    assert result.exit_code == 0
    assert json.loads(api.calls("POST /v1/schedules")[0].content) == {
        "cron": "30 3 * * *",
        "timezone": "Europe/Berlin",
        "scan": {"bucket": "lake", "prefix": "a/", "include": ["*.csv"]},
    }
    assert "30 3 * * * (Europe/Berlin)" in result.stdout
    assert schedule("add", "30 3 * * *", "lake").exit_code == 2


def test_schedules_are_listed_with_what_came_of_them(api: FakeApi) -> None:
    row = schedule("ls").stdout.splitlines()[1].split("\t")
    assert row == ["c1", "30 3 * * *", "UTC", "s3://lake/a/", "paused", "4", "1", "bucket_not_linked"]
    assert json.loads(schedule("ls", "--json").stdout)["items"][0]["started"] == 4


def test_a_schedule_is_paused_goes_on_and_is_removed(api: FakeApi) -> None:
    for words, paused in ((("pause", "c1"), True), (("pause", "c1", "--resume"), False)):
        assert schedule(*words).exit_code == 0
        assert json.loads(api.calls("PATCH /v1/schedules/c1")[-1].content) == {"paused": paused}
    assert schedule("rm", "c1").exit_code == 0
    assert schedule("rm", "c2").exit_code == 3
    assert len(api.calls("DELETE /v1/schedules/c1")) == 1
