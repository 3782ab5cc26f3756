"""Requests, their repetition, and their errors."""

from pathlib import Path

import httpx
import pytest
from tests.unit.client.fake_api import API, KEY, FakeApi, cut, ok, problem

from sightglass_client.client import Sightglass
from sightglass_client.config import Config
from sightglass_client.errors import ApiError, ClientError, UnexpectedAnswer, Unreachable
from sightglass_client.session import Session


def busy(_: httpx.Request) -> httpx.Response:
    return problem(503, "dependency_unavailable", "Not now", headers={"Retry-After": "3"})


def test_a_get_is_repeated_after_a_cut_and_after_503(api: FakeApi, client: Sightglass) -> None:
    api.fault("whoami", cut, busy)
    assert client.whoami().tenant_name == "acme"
    assert len(api.calls("whoami")) == 3


def test_retry_after_is_kept(api: FakeApi) -> None:
    pauses: list[float] = []
    api.fault("whoami", busy)
    session = Session(Config(API, KEY), transport=api.transport, sleep=pauses.append)
    session.get("/v1/whoami")
    assert len(pauses) == 1
    assert pauses[0] >= 3


def test_a_server_that_asks_for_hours_is_not_waited_for(api: FakeApi, client: Sightglass) -> None:
    api.fault("whoami", lambda _: problem(429, "rate_limited", "Later", headers={"Retry-After": "7200"}))
    with pytest.raises(ApiError) as caught:
        client.whoami()
    assert caught.value.code == "rate_limited"


def test_it_gives_up_after_five_tries(api: FakeApi, client: Sightglass) -> None:
    api.fault("whoami", *[cut] * 10)
    with pytest.raises(Unreachable) as caught:
        client.whoami()
    assert len(api.calls("whoami")) == 5
    assert "make dev" in caught.value.hint


@pytest.mark.parametrize("fault", [cut, busy])
@pytest.mark.parametrize("call", ["analyse", "cancel", "retry", "redrive"])
def test_what_could_act_twice_is_sent_once(api: FakeApi, client: Sightglass, fault: object, call: str) -> None:
    api.fault("POST", fault)  # pyright: ignore[reportArgumentType] - parametrize loses the type
    with pytest.raises(ClientError):
        getattr(client, call)(*(["films", "key"] if call == "analyse" else ["j1"]))
    assert len(api.calls("POST")) == 1


def test_completing_an_upload_is_repeated(api: FakeApi, client: Sightglass) -> None:
    Path("a.mp4").write_bytes(b"x")
    api.fault("complete", cut, busy)
    assert client.upload("a.mp4").job_id == "j1"
    assert len(api.calls("complete")) == 3


def test_a_problem_document_becomes_an_error_with_all_its_parts(api: FakeApi, client: Sightglass) -> None:
    fields = [{"pointer": "/limit", "detail": "too large"}]
    api.fault("whoami", lambda _: problem(422, "invalid_request", "Does not fit", detail="See errors.", errors=fields))
    with pytest.raises(ApiError) as caught:
        client.whoami()
    error = caught.value
    assert (error.status, error.code, error.title, error.detail) == (
        422,
        "invalid_request",
        "Does not fit",
        "See errors.",
    )
    assert error.request_id == "r1"
    assert [(field.pointer, field.detail) for field in error.errors] == [("/limit", "too large")]


def test_a_proxys_error_page_becomes_an_error(api: FakeApi, client: Sightglass) -> None:
    api.fault("whoami", lambda _: httpx.Response(500, text="<html>oops", headers={"X-Request-Id": "p1"}))
    with pytest.raises(ApiError) as caught:
        client.whoami()
    assert (caught.value.code, caught.value.request_id) == ("http_500", "p1")


@pytest.mark.parametrize("answer", [httpx.Response(200, text="hello"), httpx.Response(200, json=[1]), ok(role=1)])
def test_what_is_not_the_api_is_told_apart(api: FakeApi, client: Sightglass, answer: httpx.Response) -> None:
    api.fault("whoami", lambda _: answer)
    with pytest.raises(UnexpectedAnswer):
        client.whoami()


def test_a_redirect_is_not_followed_with_the_key(api: FakeApi, client: Sightglass) -> None:
    api.fault("whoami", lambda _: httpx.Response(307, headers={"Location": "http://other.example.com/"}))
    with pytest.raises(ApiError):
        client.whoami()
    assert len(api.seen) == 1


def test_each_request_has_its_own_id(api: FakeApi, client: Sightglass) -> None:
    client.whoami()
    client.buckets()
    first, second = (request.headers["X-Request-Id"] for request in api.seen)
    assert first != second


def test_lists_are_read_over_all_their_pages(api: FakeApi, client: Sightglass) -> None:
    for number in range(5):
        api.a_job(f"j{number}")
    assert [job.job_id for job in client.jobs(page_size=2)] == ["j0", "j1", "j2", "j3", "j4"]
    assert len(api.calls("GET /v1/jobs")) == 3
    assert [scene.number for scene in client.scenes("v1")] == [1, 2]


def test_a_cursor_that_leads_nowhere_ends_the_list(api: FakeApi, client: Sightglass) -> None:
    def stuck(_: httpx.Request) -> httpx.Response:
        return ok(items=[], next_cursor="c")

    api.fault("jobs", stuck, stuck, stuck)
    with pytest.raises(UnexpectedAnswer, match="same page"):
        list(client.jobs())


def test_an_id_cannot_name_another_address(api: FakeApi, client: Sightglass) -> None:
    with pytest.raises(ApiError):
        client.job("../whoami?x=#")
    assert api.seen[-1].url.raw_path == b"/v1/jobs/..%2Fwhoami%3Fx%3D%23"
    with pytest.raises(ClientError, match="no id"):
        client.job("..")
