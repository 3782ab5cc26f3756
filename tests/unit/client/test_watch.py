"""Following a job over streams that are cut, held back or refused."""

from collections.abc import Iterator

import httpx
import pytest
from tests.unit.client.fake_api import FakeApi, event, job, ok, problem

from sightglass_client.client import Sightglass
from sightglass_client.errors import ApiError, WaitTimedOut
from sightglass_client.session import Session
from sightglass_client.watch import Watch


def seen(client: Sightglass) -> list[tuple[int, str]]:
    return [(found.revision, found.status) for found in client.watch("j1")]


def test_the_stream_is_followed_to_the_final_state(api: FakeApi, client: Sightglass) -> None:
    api.a_job(revision=1)
    api.streams["j1"] = [
        lambda _: iter([b": hi\n\n", event(job(revision=2)), event(job(revision=3, status="done")), b"data: never"])
    ]
    assert seen(client) == [(1, "running"), (2, "running"), (3, "done")]


def test_a_cut_stream_goes_on_with_the_last_event_id_and_nothing_comes_twice(api: FakeApi, client: Sightglass) -> None:
    def first(_: httpx.Request) -> Iterator[bytes]:
        yield event(job(revision=2))
        raise httpx.ReadError("cut")

    def second(request: httpx.Request) -> Iterator[bytes]:
        assert request.headers["Last-Event-ID"] == "2"
        yield event(job(revision=2)) + event(job(revision=4, status="partial"))

    api.a_job(revision=1)
    api.streams["j1"] = [first, second]
    assert seen(client) == [(1, "running"), (2, "running"), (4, "partial")]


def test_a_stream_that_ends_early_is_opened_again(api: FakeApi, client: Sightglass) -> None:
    api.a_job(revision=1)
    api.streams["j1"] = [lambda _: iter([]), lambda _: iter([event(job(revision=2, status="done"))])]
    assert seen(client) == [(1, "running"), (2, "done")]


def test_a_refused_stream_is_replaced_by_asking(api: FakeApi, client: Sightglass) -> None:
    api.a_job(revision=1)
    api.fault("GET /v1/jobs/j1$", lambda _: ok(**job(revision=1)), lambda _: ok(**job(revision=1)))
    api.a_job(revision=5, status="done")
    assert seen(client) == [(1, "running"), (5, "done")]
    assert len(api.calls("events")) == 1


def test_a_stream_that_is_held_back_is_replaced_by_asking(api: FakeApi, client: Sightglass) -> None:
    def silent(request: httpx.Request) -> Iterator[bytes]:
        api.a_job(revision=2)  # the job moves, the stream does not say so
        raise httpx.ReadTimeout("silence", request=request)
        yield b""

    api.a_job(revision=1)
    api.streams["j1"] = [silent]
    api.fault("GET /v1/jobs/j1$", lambda _: None, lambda _: None, lambda _: ok(**job(revision=3, status="done")))
    assert seen(client) == [(1, "running"), (2, "running"), (3, "done")]
    assert len(api.calls("events")) == 1


def test_a_quiet_job_keeps_its_stream(api: FakeApi, client: Sightglass) -> None:
    def silent(request: httpx.Request) -> Iterator[bytes]:
        raise httpx.ReadTimeout("silence", request=request)
        yield b""

    api.a_job(revision=1, status="queued")
    api.streams["j1"] = [silent, lambda _: iter([event(job(revision=2, status="done"))])]
    assert seen(client) == [(1, "queued"), (2, "done")]


def test_streams_that_always_break_are_given_up(api: FakeApi, client: Sightglass) -> None:
    def broken(request: httpx.Request) -> Iterator[bytes]:
        raise httpx.ReadError("cut", request=request)
        yield b""

    api.a_job(revision=1)
    api.streams["j1"] = [broken] * 20
    api.fault("GET /v1/jobs/j1$", lambda _: None, lambda _: ok(**job(revision=9, status="done")))
    assert seen(client) == [(1, "running"), (9, "done")]
    assert len(api.streams["j1"]) == 14


def test_a_job_that_is_over_needs_no_stream(api: FakeApi, client: Sightglass) -> None:
    api.a_job(status="failed")
    assert client.wait("j1").status == "failed"
    assert not api.calls("events")


def test_an_unknown_job_and_one_that_vanishes_are_errors(api: FakeApi, client: Sightglass) -> None:
    with pytest.raises(ApiError, match="No such job"):
        client.wait("j1")
    api.a_job()
    api.fault("events", lambda _: problem(404, "job_not_found", "No such job"))
    with pytest.raises(ApiError, match="No such job"):
        client.wait("j1")


def test_waiting_ends_at_its_timeout_and_says_how_to_go_on(api: FakeApi, session: Session) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    session.sleep = sleep
    api.a_job()
    with pytest.raises(WaitTimedOut) as caught:
        list(Watch(session, "j1", timeout_s=30.0, clock=lambda: now[0]))
    assert now[0] == pytest.approx(30.0, abs=0.1)
    assert caught.value.title == "The job is not over after 30 s."
    assert caught.value.hint == "sightglass jobs watch j1"
