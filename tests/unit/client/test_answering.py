"""Following an answer over streams that are cut, held back or refused."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.unit.client.conftest import no_pause
from tests.unit.client.fake_api import API, KEY, FakeApi
from tests.unit.client.fake_corpus import CITATION, RETRIEVAL, TURN, answered, sent

from sightglass_client.answering import Answering
from sightglass_client.client import Sightglass
from sightglass_client.config import Config
from sightglass_client.conversations import Citation, Delta, Done, Reset, Retrieval, TurnEvent, Usage
from sightglass_client.errors import AnswerFailed, ApiError, UnexpectedAnswer, WaitTimedOut
from sightglass_client.session import Session

KINDS = [Retrieval, Delta, Delta, Citation, Usage, Done]


def followed(client: Sightglass) -> list[TurnEvent]:
    return list(client.follow_turn("c1", "t1"))


def text_of(events: list[TurnEvent]) -> str:
    """What there is of the answer at the end."""
    text = ""
    for event in events:
        text = "" if isinstance(event, Reset) else text + (event.text if isinstance(event, Delta) else "")
    return text


def test_the_events_come_in_their_order(client: Sightglass) -> None:
    found = followed(client)
    assert [type(event) for event in found] == KINDS
    assert text_of(found) == TURN["answer"]


def test_a_question_that_is_waited_for_gives_the_whole_turn(api: FakeApi, client: Sightglass) -> None:
    turn = client.ask("When are refunds paid?")
    assert (turn.answer, turn.answered, turn.citations[0].name) == (
        TURN["answer"],
        True,
        "travel.md, lines 3-9, Trains > Refunds",
    )


@pytest.mark.parametrize("cut_after", range(1, 6))
def test_wherever_the_stream_is_cut_nothing_is_missing_and_nothing_comes_twice(
    api: FakeApi, client: Sightglass, cut_after: int
) -> None:
    def first(_: httpx.Request) -> Iterator[bytes]:
        yield b"".join(answered()[:cut_after])
        raise httpx.ReadError("cut")

    def second(request: httpx.Request) -> Iterator[bytes]:
        known = int(request.headers["Last-Event-ID"])
        assert known == cut_after
        yield b"".join(answered()[known:])

    api.corpus.streams = [first, second]
    api.corpus.turn = TURN | {"status": "running", "answer": None, "answered": None, "citations": []}
    found = followed(client)
    assert [type(event) for event in found] == KINDS
    assert text_of(found) == TURN["answer"]


@pytest.mark.parametrize("seen", range(6))
def test_what_a_stream_that_is_gone_has_not_given_is_asked_for(api: FakeApi, client: Sightglass, seen: int) -> None:
    api.corpus.streams = [lambda _: iter(answered()[:seen])]
    found = followed(client)
    assert text_of(found) == TURN["answer"]
    assert [event.n for event in found if isinstance(event, Citation)] == [1]
    assert found[-1] == Done(answered=True)


def test_a_refused_stream_is_asked_again_until_the_turn_is_over(api: FakeApi, client: Sightglass) -> None:
    api.corpus.streams = []
    running: dict[str, Any] = TURN | {"status": "running", "answer": None, "answered": None, "citations": []}
    for _ in range(3):
        api.fault("GET .*/t1$", lambda _: httpx.Response(200, json=running))
    assert text_of(followed(client)) == TURN["answer"]
    assert len(api.calls("events$")) == 4


def test_a_stream_that_is_held_back_is_not_waited_for(api: FakeApi, client: Sightglass) -> None:
    def silent(request: httpx.Request) -> Iterator[bytes]:
        raise httpx.ReadTimeout("silence", request=request)
        yield b""

    api.corpus.streams = [silent]
    assert text_of(followed(client)) == TURN["answer"]


def test_an_answer_that_is_another_than_what_came_is_not_put_behind_it(api: FakeApi, client: Sightglass) -> None:
    api.corpus.streams = [lambda _: iter([sent(1, "delta", {"text": "Refunds are never paid."})])]
    assert text_of(followed(client)) == TURN["answer"]


def test_what_came_before_a_reset_is_void(api: FakeApi, client: Sightglass) -> None:
    broken = [sent(1, "delta", {"text": "Refunds are never"}), sent(2, "citation", CITATION), sent(3, "reset", {})]
    api.corpus.streams = [lambda _: iter(broken)]
    found = followed(client)
    assert [type(event) for event in found] == [Delta, Citation, Reset, Delta, Citation, Done]
    assert text_of(found) == TURN["answer"]


def test_an_error_of_the_stream_is_raised(api: FakeApi, client: Sightglass) -> None:
    wrong = {"code": "provider_failed", "detail": "It was silent.", "retryable": True}
    api.corpus.streams = [lambda _: iter([sent(1, "retrieval", RETRIEVAL), sent(1_000_000, "error", wrong)])]
    with pytest.raises(AnswerFailed) as raised:
        followed(client)
    assert (raised.value.code, raised.value.detail) == ("provider_failed", "It was silent.")


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [("cancelled", None, "cancelled"), ("failed", {"code": "crashed", "detail": "It ended."}, "crashed")],
)
def test_a_turn_that_was_not_answered_is_raised(
    api: FakeApi, client: Sightglass, status: str, error: dict[str, str] | None, code: str
) -> None:
    api.corpus.streams = []
    api.corpus.turn = TURN | {"status": status, "error": error, "answer": None, "answered": None, "citations": []}
    with pytest.raises(AnswerFailed) as raised:
        followed(client)
    assert raised.value.code == code


def test_a_turn_that_there_is_not_is_said(client: Sightglass) -> None:
    with pytest.raises(ApiError) as raised:
        list(client.follow_turn("c1", "nowhere"))
    assert raised.value.status == 404


def test_events_of_a_newer_server_are_passed_over(api: FakeApi, client: Sightglass) -> None:
    api.corpus.streams = [lambda _: iter([b": hi\n\n", sent(0, "thought", {}), *answered()])]
    assert [type(event) for event in followed(client)] == KINDS


def test_an_event_that_is_broken_is_said(api: FakeApi, client: Sightglass) -> None:
    api.corpus.streams = [lambda _: iter([sent(1, "citation", {"n": CITATION["n"]})])]
    with pytest.raises(UnexpectedAnswer):
        followed(client)


def test_waiting_ends_at_its_time(api: FakeApi) -> None:
    api.corpus.streams = []
    api.corpus.turn = TURN | {"status": "queued", "answer": None, "answered": None, "citations": []}
    times = iter(range(100))
    session = Session(Config(API, KEY), transport=api.transport, sleep=no_pause)
    path = "/v1/conversations/c1/turns/t1"
    with pytest.raises(WaitTimedOut, match="no answer after 9 s"):
        list(Answering(session, path, timeout_s=9, clock=lambda: float(next(times))))
    session.close()


def test_the_place_of_a_source_is_told_without_its_column() -> None:
    assert Citation.model_validate(CITATION | {"locator": {"line": 4, "column": 1}}).name == "travel.md, line 4"
