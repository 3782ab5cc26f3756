"""Errors as problems: each has a status, and tells no secret."""

import json
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from sightglass_api.problems import as_error, problem, status_of
from sightglass_common import errors
from sightglass_common.errors import SightglassError, all_errors


def told(error: SightglassError) -> dict[str, Any]:
    return json.loads(bytes(problem(error, instance="/v1/x", request_id="r1").body))


@pytest.mark.parametrize("error", list(all_errors()), ids=lambda error: error.code)
def test_every_error_has_a_status_and_all_members(error: type[SightglassError]) -> None:
    members = told(error())
    assert 400 <= members["status"] == status_of(error) < 600
    assert members["type"] == f"/docs/errors#{error.code}"
    assert (members["code"], members["title"]) == (error.code, error.title())
    assert (members["instance"], members["request_id"]) == ("/v1/x", "r1")
    assert members["detail"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequest, 422),
        (errors.MalformedJson, 400),
        (errors.InvalidCursor, 400),
        (errors.MethodNotAllowed, 405),
        (errors.Unauthenticated, 401),
        (errors.Forbidden, 403),
        (errors.JobNotFound, 404),
        (errors.UploadExpired, 409),
        (errors.BodyTooLarge, 413),
        (errors.RateLimited, 429),
        (errors.ObjectNotFound, 422),
        (errors.DependencyUnavailable, 503),
        (SightglassError, 500),
    ],
)
def test_the_statuses_are_these(error: type[SightglassError], status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize("away", [psycopg.OperationalError("host=secret"), PoolTimeout("no connection")])
def test_a_database_that_is_away_is_unavailable_and_not_named(away: Exception) -> None:
    error = as_error(away)
    assert isinstance(error, errors.DependencyUnavailable)
    assert "secret" not in error.detail


def test_what_is_not_foreseen_says_nothing_of_itself() -> None:
    assert told(as_error(RuntimeError("password=hunter2")))["code"] == "internal"
    assert "hunter2" not in json.dumps(told(as_error(RuntimeError("password=hunter2"))))


def test_context_is_told_but_stands_in_for_no_member() -> None:
    members = told(errors.UploadTooLarge("Too much.", max_upload_bytes=7, status=200, code="ok"))
    assert (members["max_upload_bytes"], members["status"], members["code"]) == (7, 413, "upload_too_large")


def test_what_may_pass_says_when_to_come_back() -> None:
    answer = problem(errors.DependencyUnavailable(), instance="/", request_id="r")
    assert int(answer.headers["retry-after"]) >= 1


def test_who_has_no_key_is_told_the_scheme() -> None:
    assert problem(errors.Unauthenticated(), instance="/", request_id="r").headers["www-authenticate"] == "Bearer"


def test_the_methods_that_are_taken_are_told() -> None:
    raised = HTTPException(405, headers={"Allow": "GET"})
    assert problem(as_error(raised), instance="/", request_id="r").headers["allow"] == "GET"
