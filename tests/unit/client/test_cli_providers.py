"""`sightglass providers`."""

import json
from typing import Any

import httpx
import pytest
from tests.unit.client.fake_answers import AT
from tests.unit.client.fake_api import FakeApi, Fault
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass
from sightglass_client.errors import WaitTimedOut

PROVIDER: dict[str, Any] = {
    "provider_id": "p1", "name": "ours", "kind": "openai", "base_url": "https://models.example.com/v1", "model": "m",
    "has_key": True, "rank": 0, "enabled": True, "tokens_a_month": 1000, "tokens_this_month": 30,
}  # fmt: skip
RUNNING = {"test_id": "t1", "provider_id": "p1", "status": "running", "asked_at": AT, "result": None}
FAILED = RUNNING | {
    "status": "done",
    "result": {"works": False, "reachable": True, "key_accepted": False, "detail": "It does not accept the key."},
}


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))
    monkeypatch.setattr("sightglass_client.providers._LOOK_EVERY_S", 0.001)


def answers(api: FakeApi, pattern: str, *bodies: dict[str, Any]) -> None:
    def answering(body: dict[str, Any]) -> Fault:
        return lambda _: httpx.Response(200, json=body)

    api.fault(pattern, *map(answering, bodies))


def providers(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["providers", *words], env=environment)


def test_providers_are_listed_with_what_they_took(api: FakeApi) -> None:
    answers(api, "GET /v1/providers$", {"items": [PROVIDER], "next_cursor": None})
    assert providers().stdout.splitlines()[1].split("\t") == ["p1", "ours", "openai", "m", "0", "on", "30 of 1000"]


def test_a_key_is_read_from_a_variable_and_told_to_nobody(api: FakeApi) -> None:
    answers(api, "POST /v1/admin/providers$", PROVIDER)
    words = ("add", "ours", "--model", "m", "--base-url", PROVIDER["base_url"], "--key-from", "OUR_KEY", "--platform")
    made = providers(*words, OUR_KEY="secret-key")
    assert made.exit_code == 0, made.output
    assert json.loads(api.calls("POST")[0].content) == {
        "name": "ours", "kind": "openai", "model": "m", "base_url": PROVIDER["base_url"], "api_key": "secret-key",
        "rank": 0,
    }  # fmt: skip
    assert "secret-key" not in made.output
    assert "sightglass providers test ours --platform" in made.stderr
    missing = providers(*words, OUR_KEY="")
    assert (missing.exit_code, "OUR_KEY" in missing.output) == (2, True)


def test_a_test_is_waited_for_and_fails_with_what_does_not_work(api: FakeApi) -> None:
    answers(api, "GET /v1/providers$", {"items": [PROVIDER], "next_cursor": None})
    answers(api, "POST /v1/providers/p1/test$", RUNNING)
    answers(api, "GET /v1/providers/p1/test$", RUNNING, FAILED)
    result = providers("test", "ours")
    assert result.exit_code == 1
    told = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert told[0] == ["works", "no"]
    assert "It does not accept the key." in result.stdout
    assert "not known" in result.stdout


def test_a_test_that_nobody_does_is_not_waited_for_without_end(api: FakeApi, client: Sightglass) -> None:
    answers(api, "POST /v1/providers/p1/test$", RUNNING)
    answers(api, "GET /v1/providers/p1/test$", RUNNING, RUNNING)
    with pytest.raises(WaitTimedOut):
        client.test_provider("p1", timeout=0.002)


def test_one_that_there_is_not_is_not_found(api: FakeApi) -> None:
    answers(api, "GET /v1/providers$", {"items": [PROVIDER], "next_cursor": None}, {"items": [], "next_cursor": None})
    api.fault("DELETE /v1/providers/p1$", lambda _: httpx.Response(204))
    assert "Removed ours." in providers("rm", "ours").stderr
    unknown = providers("rm", "ours")
    assert (unknown.exit_code, "There is no provider 'ours'." in unknown.output) == (3, True)
