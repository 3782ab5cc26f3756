"""`sightglass detectors`."""

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


def detectors(*words: str) -> Result:
    return CliRunner().invoke(app, ["detectors", *words])


def test_detectors_are_listed_ones_own_first(api: FakeApi) -> None:
    rows = [line.split("\t") for line in detectors("ls").stdout.splitlines()[1:]]
    assert rows == [["badge", "custom", "high", "", "badge"], ["us-ssn", "national", "high", "off", "SSN"]]
    assert [d["detector_id"] for d in json.loads(detectors("ls", "--own", "--json").stdout)["items"]] == ["badge"]


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("--pattern", "B-[0-9]{6}", "--keyword", "badge"), {"pattern": "B-[0-9]{6}", "keywords": ["badge"]}),
        (("--word", "Blue Moon", "--word", "Red Sun"), {"words": ["Blue Moon", "Red Sun"], "keywords": []}),
    ],
)
def test_one_of_ones_own_is_added(api: FakeApi, words: tuple[str, ...], sent: dict[str, object]) -> None:
    assert detectors("add", "badge", *words, "--severity", "high").exit_code == 0
    assert json.loads(api.calls("POST /v1/detectors")[0].content) == {"detector_id": "badge", "severity": "high"} | sent


def test_it_is_a_pattern_or_words(api: FakeApi) -> None:
    assert detectors("add", "badge").exit_code == 2
    assert detectors("add", "badge", "--pattern", "x", "--word", "y").exit_code == 2
    assert api.calls("POST") == []


def test_one_of_ones_own_is_removed(api: FakeApi) -> None:
    assert detectors("rm", "badge").exit_code == 0
    assert detectors("rm", "us-ssn").exit_code == 3
