"""Requests that are wrong in themselves, and what every answer carries."""

import json
from collections.abc import AsyncGenerator

import httpx
import pytest
from prometheus_client import REGISTRY
from tests.integration.api.people import Person

BAD_JSON = [b"{", b"", b"nope", b'{"a": }', b"[" * 100_000, b'{"size_bytes": ' + b"9" * 5000 + b"}", b"\xff\xfe{}"]


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), answer.text
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["instance"]


@pytest.mark.parametrize("body", BAD_JSON[:1] + BAD_JSON[2:5] + BAD_JSON[6:])
async def test_malformed_json_is_told(alice: Person, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    is_problem(await alice.http.post("/v1/uploads", content=body, headers=headers), 400, "malformed_json")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"7", b'"x"', b"{}", b'{"filename": NaN}'])
async def test_json_of_another_shape_is_told(alice: Person, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    is_problem(await alice.http.post("/v1/uploads", content=body, headers=headers), 422, "invalid_request")


async def test_a_number_without_end_is_told(alice: Person) -> None:
    answer = await alice.http.post("/v1/uploads", content=BAD_JSON[5], headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 413, 422}


async def test_a_body_that_is_not_json_by_its_type_is_told(alice: Person) -> None:
    for answer in (
        await alice.http.post("/v1/uploads", data={"filename": "a"}),
        await alice.http.post("/v1/uploads", content=b'{"filename": "a"}'),
    ):
        is_problem(answer, 422, "invalid_request")
        assert answer.json()["detail"] == "The body is not sent as JSON: set Content-Type: application/json."


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("[]", "Input should be a valid dictionary or object to extract fields from."),
        ('{"text": "\\ud800"}', "/text: has half a character."),
        ('{"text": "", "detectors": []}', "/detectors: List should have at least 1 item after validation, not 0."),
    ],
)
async def test_what_is_wrong_is_told_in_a_sentence(alice: Person, body: str, detail: str) -> None:
    answer = await alice.http.post("/v1/detect", content=body, headers={"Content-Type": "application/json"})
    is_problem(answer, 422, "invalid_request")
    assert answer.json()["detail"] == detail


async def test_ten_megabytes_are_refused_unread(alice: Person) -> None:
    sent = 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 65_536
            yield b" " * 65_536

    headers = {"Content-Type": "application/json", "Content-Length": str(160 * 65_536)}
    is_problem(await alice.http.post("/v1/uploads", content=body(), headers=headers), 413, "body_too_large")
    assert sent == 0


async def test_an_unannounced_body_is_cut_off_at_the_limit(alice: Person) -> None:
    sent = 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal sent
        while sent < 10_485_760:
            sent += 65_536
            yield b" " * 65_536

    headers = {"Content-Type": "application/json"}
    is_problem(await alice.http.post("/v1/uploads", content=body(), headers=headers), 413, "body_too_large")
    assert sent <= 1_048_576 + 65_536


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nope", "/v1/jobs/", "/docs", "/v1/../etc/passwd", "/v1/%00"])
async def test_an_unknown_address_is_a_problem(alice: Person, path: str) -> None:
    answer = await alice.get(path)
    is_problem(answer, 404, "route_not_found")


async def test_a_method_that_is_not_taken_is_a_problem_with_those_that_are(alice: Person) -> None:
    answer = await alice.http.delete("/v1/uploads")
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "path", ["/v1/jobs/7", "/v1/videos/x", "/v1/uploads/%00", "/v1/jobs?limit=0", "/v1/jobs?limit=201"]
)
async def test_a_parameter_that_does_not_fit_is_named(alice: Person, path: str) -> None:
    answer = await alice.get(path)
    is_problem(answer, 422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] in {"/job_id", "/video_id", "/upload_id", "/limit"}


async def test_a_valid_request_id_is_kept(alice: Person) -> None:
    answer = await alice.get("/v1/whoami", headers={"X-Request-Id": "My-id.7_"})
    assert answer.headers["x-request-id"] == "My-id.7_"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "ä".encode().decode("latin-1"), "<script>"])
async def test_any_other_request_id_is_replaced(alice: Person, given: str) -> None:
    answer = await alice.get("/v1/whoami", headers={"X-Request-Id": given.encode("latin-1")})  # pyright: ignore[reportArgumentType] - httpx takes bytes too
    assert answer.headers["x-request-id"] not in {given, ""}
    assert len(answer.headers["x-request-id"]) == 36


@pytest.mark.parametrize("path", ["/v1/whoami", "/livez", "/v1/nope"])
async def test_every_answer_is_safe_to_hand_on(alice: Person, path: str) -> None:
    headers = (await alice.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


async def test_requests_are_counted_by_route_and_not_by_path(alice: Person) -> None:
    labels = {"method": "GET", "route": "/v1/jobs/{job_id}", "status": "404"}
    before = REGISTRY.get_sample_value("sightglass_requests_total", labels) or 0
    await alice.get("/v1/jobs/00000000-0000-7000-8000-000000000000")
    assert REGISTRY.get_sample_value("sightglass_requests_total", labels) == before + 1
    await alice.get("/nowhere/at/all")
    exposed = (await alice.get("/metrics")).text
    assert 'route="unmatched"' in exposed
    assert "/nowhere/at/all" not in exposed


async def test_the_description_shows_every_problem_and_only_paths_that_are_there(alice: Person) -> None:
    described = (await alice.get("/openapi.json")).json()
    assert (described["info"]["title"], described["openapi"][:2]) == ("Sightglass", "3.")
    assert "Problem" in described["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(described)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/v1"):
                assert {"401", "403", "422", "503"} <= set(operation["responses"]), (method, path)
                assert path.startswith("/v1/widget/{key}") or operation["security"], (method, path)
