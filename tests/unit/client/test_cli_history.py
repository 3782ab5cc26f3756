"""`sightglass conversations`, `feedback` and `analytics`."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.client.fake_answers import AT
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_corpus import MANUAL, TURN
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass

CONVERSATION = {"conversation_id": "c1", "title": "Of refunds", "dataset_ids": None, "created_at": AT}
SAID = {"thumb": "up", "document_id": "m1", "note": "", "at": AT}
QUESTION = {"question": "When are refunds paid?", "relevant": {"faq-7": 2}}
SUM: dict[str, Any] = {
    "name": "2026-05-04", "answers": 3, "answered": 2, "generated": 1, "retrieved": 9, "withheld": 0, "calls": 1,
    "input_tokens": 1200, "output_tokens": 80, "unsettled_tokens": 0, "cost": "0.0000038",
    "first_event": {"p50_ms": 20.5, "p95_ms": 41.6}, "whole": {"p50_ms": 80, "p95_ms": 2000},
}  # fmt: skip
ANALYTICS = {"group": "day", "begin": "2026-05-01", "end": "2026-05-30", "items": [SUM], "total": SUM | {"name": None}}


@pytest.fixture(autouse=True)
def connected(client: Sightglass, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))

    def answers(what: str, content: dict[str, Any]) -> None:
        api.fault(f"{what}$", lambda _: httpx.Response(200, json=content))

    answers("GET /v1/conversations", {"items": [CONVERSATION], "next_cursor": None})
    answers("(GET|PATCH) /v1/conversations/c1", CONVERSATION)
    answers("GET /v1/conversations/c1/turns", {"items": [TURN | {"feedback": SAID}], "next_cursor": None})
    answers("POST /v1/conversations/c1/turns/t1/feedback", SAID)
    answers("GET /v1/analytics", ANALYTICS)
    api.fault("DELETE /v1/conversations/c1$", lambda _: httpx.Response(204))

    def written(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"# Of refunds\n")

    api.fault("GET /v1/conversations/c1/export", written, written)
    lines = f"{json.dumps(QUESTION)}\n".encode() * 2
    api.fault(f"GET /v1/datasets/{MANUAL}/feedback$", lambda _: httpx.Response(200, content=lines))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_conversations_are_listed_and_shown_with_the_ids_that_feedback_needs(api: FakeApi) -> None:
    assert run("conversations").stdout.splitlines()[1].split("\t")[:2] == ["c1", "Of refunds"]
    shown = run("conversations", "show", "c1").stdout.splitlines()[1].split("\t")
    assert (shown[0], shown[1], shown[4]) == ("t1", TURN["question"], "up")
    assert shown[3].startswith("[1] travel.md")
    assert len(api.calls("GET")) == 3


def test_a_conversation_is_exported_to_a_file_or_to_stdout(api: FakeApi, tmp_path: Path) -> None:
    goal = tmp_path / "c.md"
    assert run("conversations", "export", "c1", "-o", str(goal)).exit_code == 0
    assert goal.read_text() == "# Of refunds\n"
    assert run("conversations", "export", "c1", "--format", "jsonl").stdout == "# Of refunds\n"
    assert [call.url.params["format"] for call in api.calls("export")] == ["md", "jsonl"]
    assert run("conversations", "export", "c1", "--format", "pdf").exit_code == 2


def test_a_conversation_is_renamed_and_removed(api: FakeApi) -> None:
    assert "Of refunds" in run("conversations", "rename", "c1", "Of refunds").stderr
    assert json.loads(api.calls("PATCH")[0].content) == {"title": "Of refunds"}
    assert "Removed c1." in run("conversations", "rm", "c1").stderr
    assert api.calls("DELETE")


@pytest.mark.parametrize(("given", "sent"), [("1", 1), ("m1", "m1"), (None, None)])
def test_feedback_names_a_source_by_number_or_id(api: FakeApi, given: str | None, sent: object) -> None:
    source = ["--source", given] if given else []
    result = run("feedback", "give", "c1", "t1", "up", *source, "--note", "Right.")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "thumb\tup"), result.output
    assert json.loads(api.calls("POST")[0].content) == {"thumb": "up", "source": sent, "note": "Right."}
    assert run("feedback", "give", "c1", "t1", "sideways").exit_code == 2


def test_questions_of_feedback_are_lines_that_an_evaluation_takes() -> None:
    result = run("feedback", "questions", "manual")
    assert [json.loads(line) for line in result.stdout.splitlines()] == [QUESTION, QUESTION]


def test_analytics_are_a_table_with_a_sum(api: FakeApi) -> None:
    lines = [line.split("\t") for line in run("analytics", "--by", "day", "--from", "2026-05-01").stdout.splitlines()]
    assert lines[1] == ["2026-05-04", "3", "2", "1", "1", "1200", "80", "0.0000038", "42 ms", "2000 ms"]
    assert lines[2] == ["total", *lines[1][1:]]
    assert dict(api.calls("GET")[0].url.params) == {"group": "day", "from": "2026-05-01"}
    assert run("analytics", "--by", "model").exit_code == 2
