"""`sightglass search` and `sightglass ask`."""

import json

import pytest
from tests.unit.client.fake_api import FakeApi, problem
from tests.unit.client.fake_corpus import CITATION, MANUAL, OTHER, RETRIEVAL, SEARCHED, TURN, sent
from typer.testing import CliRunner, Result

from sightglass_client.cli.app import app
from sightglass_client.cli.output import Output
from sightglass_client.cli.run import Run
from sightglass_client.client import Sightglass
from sightglass_client.conversations import Citation

NOTHING = "Nothing in your data answers this."


@pytest.fixture(autouse=True)
def connected(client: Sightglass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "client", property(lambda _: client))


def sightglass(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def unanswered(api: FakeApi, *more: bytes) -> None:
    api.corpus.streams = [
        lambda _: iter([sent(1, "retrieval", RETRIEVAL), *more, sent(9, "done", {"answered": False})])
    ]
    api.corpus.turn = TURN | {"answered": False, "answer": NOTHING, "citations": []}


def test_results_are_listed_with_their_places() -> None:
    result = sightglass("search", "refund of a train")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["score", "title", "place", "text"],
        ["0.98", "travel.md", "lines 3-9, Trains > Refunds", "Refunds are paid within ten days."],
        ["0.25", "faq-7", "page 2", "Seats are reserved."],
    ]


def test_it_is_searched_where_and_for_what_was_said(api: FakeApi) -> None:
    assert sightglass("search", "refund", "--dataset", "manual", "--dataset", OTHER, "-k", "3").exit_code == 0
    assert sightglass("search", "refund").exit_code == 0
    assert [json.loads(call.content) for call in api.calls("POST /v1/search")] == [
        {"query": "refund", "k": 3, "dataset_ids": [MANUAL, OTHER]},
        {"query": "refund", "k": 10},
    ]
    assert sightglass("search", "refund", "--dataset", "nowhere").exit_code == 3


def test_it_is_searched_in_what_was_named_alone(api: FakeApi) -> None:
    of_video = ("--video", OTHER, "--from", "1:02:03.5", "--to", "4000")
    assert sightglass("search", "refund", "--document", "manual-7", *of_video).exit_code == 0
    (call,) = api.calls("POST /v1/search")
    assert json.loads(call.content)["filters"] == {
        "document_refs": ["manual-7"],
        "video_ids": [OTHER],
        "from_us": 3_723_500_000,
        "to_us": 4_000_000_000,
    }


@pytest.mark.parametrize("time", ["", "1:", ":1", "-1", "1:2:3:4", "noon", "1e3"])
def test_what_is_no_time_is_refused(api: FakeApi, time: str) -> None:
    assert sightglass("search", "refund", "--from", time).exit_code == 2
    assert api.calls("POST /v1/search") == []


def test_what_was_searched_for_instead_and_how_is_said(api: FakeApi) -> None:
    api.corpus.searched = SEARCHED | {"query": "refund to [PAYMENT_CARD#1]", "vectors": False}
    result = sightglass("search", "refund to 4111 1111 1111 1111")
    assert result.stderr.splitlines() == [
        "Searched for: refund to [PAYMENT_CARD#1]",
        "Words alone decided: no embedding model is installed.",
    ]


def test_on_a_terminal_a_text_is_as_long_as_the_line_lets_it_be(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    long = SEARCHED["results"][1] | {"text": "word " * 200}
    api.corpus.searched = SEARCHED | {"results": [long]}
    monkeypatch.setattr(Output, "width", property(lambda _: 80))
    row = sightglass("search", "refund of a train").stdout.splitlines()[1]
    score, title, place, words = row.split("\t")
    assert words.endswith("…")
    assert 60 < len(score) + len(title) + len(place) + len(words) <= 80


def test_an_answer_comes_with_its_sources(api: FakeApi) -> None:
    result = sightglass("ask", "When are refunds paid?", "--dataset", "manual")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [TURN["answer"], "", "[1] travel.md, lines 3-9, Trains > Refunds"]
    assert json.loads(api.calls("POST /v1/conversations$")[0].content) == {"dataset_ids": [MANUAL]}
    assert json.loads(api.calls("POST .*/turns$")[0].content) == {"question": "When are refunds paid?"}


def test_an_answer_is_written_as_it_comes(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    stream = Output.stream

    def told(out: Output, text: str) -> None:
        written.append(text)
        stream(out, text)

    monkeypatch.setattr(Output, "stream", told)
    sightglass("ask", "When are refunds paid?")
    assert written[:2] == ["Refunds are paid within ten days. [1]", " Ask Ann. [1]"]


def test_an_answer_that_begins_anew_stands_on_a_line_of_its_own(api: FakeApi) -> None:
    broken = [sent(1, "delta", {"text": "Refunds are never"}), sent(2, "reset", {})]
    api.corpus.streams = [lambda _: iter(broken)]
    result = sightglass("ask", "When are refunds paid?")
    assert result.stdout.splitlines()[:2] == ["Refunds are never", TURN["answer"]]
    assert "begins anew" in result.stderr


@pytest.mark.parametrize("said", [True, False])
def test_that_nothing_answers_is_said_once_with_what_is_nearest(api: FakeApi, said: bool) -> None:
    unanswered(api, *([sent(2, "delta", {"text": NOTHING})] if said else []))
    result = sightglass("ask", "Who won the cup?")
    assert result.exit_code == 0
    assert result.output.count(NOTHING) == 1
    assert result.stderr.splitlines()[-1] == "Near it: travel.md, lines 3-9, Trains > Refunds"
    assert "[1]" not in result.output


def test_as_json_there_is_all_of_it(api: FakeApi) -> None:
    result = sightglass("ask", "When are refunds paid?", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert (told["answer"], told["answered"], told["generated"]) == (TURN["answer"], True, False)
    assert told["citations"][0]["document_id"] == told["retrieval"][0]["document_id"] == "m1"
    assert (told["conversation_id"], told["usage"]["model"]) == ("c1", "sightglass/extractive")
    unanswered(api)
    assert json.loads(sightglass("ask", "Who won?", "--json").stdout)["answered"] is False


def test_what_would_move_the_cursor_is_not_written(api: FakeApi) -> None:
    api.corpus.streams = [
        lambda _: iter([sent(1, "delta", {"text": "a\x1b[31m\nb"}), sent(2, "done", {"answered": True})])
    ]
    assert sightglass("ask", "a").stdout == "a\N{REPLACEMENT CHARACTER}[31m\nb\n"


def test_a_question_that_fails_is_told_behind_what_came_of_it(api: FakeApi) -> None:
    wrong = {"code": "crashed", "detail": "The process ended.", "retryable": True}
    api.corpus.streams = [lambda _: iter([sent(1, "delta", {"text": "Refunds"}), sent(2, "error", wrong)])]
    result = sightglass("ask", "When are refunds paid?")
    assert (result.exit_code, result.stdout) == (1, "Refunds\n")
    assert "The process ended." in result.stderr


def test_a_key_that_may_not_ask_is_told_so(api: FakeApi) -> None:
    api.fault("POST", lambda _: problem(403, "forbidden", "The role does not allow it"))
    assert sightglass("ask", "a").exit_code == 4


def test_a_citation_of_a_video_is_told_with_its_time() -> None:
    place = {"kind": "video", "start_us": 0, "end_us": 90_000_000}
    cited = Citation.model_validate(
        CITATION
        | {"title": "clip.mp4", "locator": place, "video_id": "v1", "start_us": 12_400_000, "end_us": 18_000_000}
    )
    assert cited.name == "clip.mp4 0:12-0:18"
