"""`sightglass bots`, and `ask --bot`."""

import json
from typing import Any

import httpx
import pytest
from tests.unit.client.fake_answers import AT
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_corpus import MANUAL
from tests.unit.client.test_cli_providers import PROVIDER
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass

BOT: dict[str, Any] = {
    "bot_id": "b1", "name": "pumps", "version": 3, "description": "", "greeting": "Ask me.", "dataset_ids": [MANUAL],
    "created_at": AT,
}  # fmt: skip

KEY: dict[str, Any] = {
    "key_id": "k1", "key": "sgp_x", "bot_id": "b1", "origins": ["https://www.example.com"], "questions_a_day": 50,
    "created_at": AT,
}  # fmt: skip


@pytest.fixture(autouse=True)
def connected(client: Sightglass, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))
    listed = {"items": [BOT, BOT | {"bot_id": "b2", "name": "b1", "dataset_ids": None}], "next_cursor": None}

    def pages(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=listed)

    api.fault("GET /v1/bots$", pages, pages, pages)
    api.fault("(POST /v1/bots|PATCH /v1/bots/b1)$", lambda _: httpx.Response(200, json=BOT))
    api.fault("DELETE /v1/bots/b1(/publishable-keys/k1)?$", lambda _: httpx.Response(204))
    api.fault("POST /v1/bots/b1/publishable-keys$", lambda _: httpx.Response(201, json=KEY))
    api.fault("GET /v1/bots/b1/publishable-keys$", lambda _: httpx.Response(200, json={"items": [KEY]}))


def bots(*words: str) -> Result:
    return CliRunner().invoke(app, ["bots", *words])


def test_bots_are_listed_with_how_many_datasets_they_have() -> None:
    assert [line.split("\t")[1:4] for line in bots().stdout.splitlines()[1:]] == [
        ["pumps", "3", "1"],
        ["b1", "3", "all"],
    ]


def test_a_bot_is_made_of_the_datasets_that_are_named(api: FakeApi) -> None:
    result = bots("create", "pumps", "--dataset", "manual", "--greeting", "Ask me.")
    assert result.exit_code == 0, result.output
    sent = json.loads(api.calls("POST")[0].content)
    assert sent == {"name": "pumps", "description": "", "greeting": "Ask me.", "dataset_ids": [MANUAL]}
    assert "sightglass ask QUESTION --bot pumps" in result.stderr


def test_only_what_is_named_is_changed(api: FakeApi) -> None:
    assert bots("change", "pumps", "--greeting", "Hello.").exit_code == 0
    assert json.loads(api.calls("PATCH")[0].content) == {"greeting": "Hello."}


def test_how_a_bot_answers_is_told_by_flags_and_an_empty_text_takes_it_back(api: FakeApi) -> None:
    providers = {"items": [PROVIDER], "next_cursor": None}
    api.fault("GET /v1/providers$", lambda _: httpx.Response(200, json=providers))
    flags = ("--provider", "ours", "--model", "m", "--prompt", "Be brief.", "--temperature", "0", "--language", "de")
    result = bots("create", "pumps", *flags, "--origin", "https://a.example.com", "--origin", "https://b.example.com")
    assert result.exit_code == 0, result.output
    sent = json.loads(api.calls("POST")[0].content)
    manner = {"provider_id": "p1", "model": "m", "system_prompt": "Be brief.", "temperature": 0, "language": "de"}
    assert sent.items() >= manner.items()
    assert sent["allowed_origins"] == ["https://a.example.com", "https://b.example.com"]
    api.fault("PATCH /v1/bots/b1$", lambda _: httpx.Response(200, json=BOT))
    assert bots("change", "pumps", "--provider", "", "--model", "", "--prompt", "").exit_code == 0
    assert json.loads(api.calls("PATCH")[0].content) == {"provider_id": None, "model": None, "system_prompt": ""}


def test_an_id_is_meant_before_a_name(api: FakeApi) -> None:
    assert "Deleted pumps." in bots("delete", "b1").stderr
    assert [call.url.path for call in api.calls("DELETE")] == ["/v1/bots/b1"]


def test_a_question_is_put_to_a_bot(api: FakeApi) -> None:
    result = CliRunner().invoke(app, ["ask", "When are refunds paid?", "--bot", "pumps"])
    assert result.exit_code == 0, result.output
    assert json.loads(api.calls("POST")[0].content) == {"bot_id": "b1"}
    beside = CliRunner().invoke(app, ["ask", "When?", "--bot", "pumps", "--dataset", "manual"])
    assert (beside.exit_code, "a bot has datasets of its own" in beside.output) == (2, True)
    unknown = CliRunner().invoke(app, ["ask", "When?", "--bot", "no such"])
    assert (unknown.exit_code, "There is no bot 'no such'." in unknown.output) == (3, True)


def test_a_bot_is_published_with_the_line_for_a_page(api: FakeApi, client: Sightglass) -> None:
    result = bots("publish", "pumps", "--origin", "https://www.example.com", "--questions-a-day", "50")
    assert result.exit_code == 0, result.output
    sent = json.loads(api.calls("POST")[0].content)
    assert sent == {"origins": ["https://www.example.com"], "questions_a_day": 50}
    assert f'<script src="{client.config.url}/widget.js" data-key="sgp_x" async></script>' in result.stdout


def test_publishable_keys_are_listed_and_ended(api: FakeApi) -> None:
    assert bots("keys", "pumps").stdout.splitlines()[1].split("\t")[:2] == ["k1", "sgp_x"]
    assert "Ended k1." in bots("unpublish", "pumps", "k1").stderr
    assert [call.url.path for call in api.calls("DELETE")] == ["/v1/bots/b1/publishable-keys/k1"]
