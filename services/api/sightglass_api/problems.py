"""Errors as answers: RFC 9457 `application/problem+json`, one shape for all of them."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from sightglass_common.errors import (
    DependencyUnavailable,
    InvalidCursor,
    InvalidRequest,
    Kind,
    MalformedJson,
    MethodNotAllowed,
    RouteNotFound,
    SightglassError,
)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2

_STATUS_OF_KIND: Final = {
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.REJECTED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.TRANSIENT: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
# Where the kind's status would say less.
_STATUS_OF_ERROR: Final[Mapping[type[SightglassError], HTTPStatus]] = {
    MalformedJson: HTTPStatus.BAD_REQUEST,
    InvalidCursor: HTTPStatus.BAD_REQUEST,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
}
_MAX_FIELD_ERRORS: Final = 20
_WHERE: Final = {"body", "query", "path", "header", "cookie"}


class FieldError(BaseModel):
    """What is wrong with one field."""

    pointer: str = Field(description="JSON pointer to the field, or `/` and the name of a parameter.")
    detail: str


class Problem(BaseModel):
    """An error, as RFC 9457 wants it. Some carry further members."""

    type: str = Field(description="Where this sort of error is explained.")
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="Stable name of the error: see docs/errors.md.")
    request_id: str
    errors: list[FieldError] | None = None


def status_of(error: type[SightglassError]) -> int:
    """The HTTP status that an error is answered with."""
    return int(_STATUS_OF_ERROR.get(error, _STATUS_OF_KIND[error.kind]))


def problem(error: SightglassError, *, instance: str, request_id: str) -> JSONResponse:
    """The answer that tells of `error`."""
    status = status_of(type(error))
    # The standard members come last: no context can stand in for one.
    members: dict[str, Any] = {key: _plain(value) for key, value in error.context.items()} | {
        "type": f"/docs/errors#{error.code}",
        "title": error.title(),
        "status": status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
        "request_id": request_id,
    }
    return JSONResponse(members, status, headers=headers_of(error), media_type=MEDIA_TYPE)


def as_error(raised: Exception) -> SightglassError:
    """What `raised` means to a caller. Anything that is not foreseen is `internal` and says nothing of itself."""
    match raised:
        case SightglassError():
            return raised
        case RequestValidationError():
            return _invalid(raised)
        case HTTPException(status_code=404 | 405 | 400):
            return _of_the_framework(raised)
        case OperationalError():  # also a pool that has no connection to give
            return DependencyUnavailable("The database does not answer.")
        case _:
            return SightglassError("Something went wrong here. The request id finds it in the log.")


def headers_of(error: SightglassError) -> dict[str, str]:
    """What the headers of an answer tell of `error`."""
    match error.kind:
        case Kind.UNAUTHENTICATED:
            return {"WWW-Authenticate": "Bearer"}
        case Kind.TRANSIENT | Kind.RATE_LIMITED:
            return {"Retry-After": str(error.context.get("retry_after_s", RETRY_AFTER_S))}
        case _ if isinstance(error, MethodNotAllowed) and "allow" in error.context:
            return {"Allow": str(error.context["allow"])}
        case _:
            return {}


def answers(*errors: type[SightglassError]) -> dict[int | str, dict[str, Any]]:
    """The problem answers of an operation, for its OpenAPI description."""
    by_status: dict[int, list[type[SightglassError]]] = {}
    for error in errors:
        by_status.setdefault(status_of(error), []).append(error)
    return {status: _described(found) for status, found in sorted(by_status.items())}


def _described(errors: Iterable[type[SightglassError]]) -> dict[str, Any]:
    return {
        "description": " ".join(f"`{error.code}`: {error.title()}." for error in errors),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _invalid(raised: RequestValidationError) -> SightglassError:
    found = raised.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return MalformedJson("The body is not JSON.")
    if isinstance(raised.body, bytes):  # as it came: the framework reads JSON only where the header tells it to
        found = [{"loc": (), "type": "", "msg": "The body is not sent as JSON: set Content-Type: application/json"}]
    fields = [FieldError(pointer=_pointer(e["loc"]), detail=_words(e)).model_dump() for e in found[:_MAX_FIELD_ERRORS]]
    detail = "; ".join(f"{field['pointer']}: {field['detail']}".removeprefix(": ") for field in fields[:3])
    return InvalidRequest(f"{detail.removesuffix('.')}.", errors=fields)


def _words(error: Mapping[str, Any]) -> str:
    """What is wrong. Of checks of our own their words, without what pydantic puts before them."""
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "extra_forbidden":
            return "There is no such field"
        case _:
            return str(error["msg"])


def _of_the_framework(raised: HTTPException) -> SightglassError:
    """What the framework itself refuses: an address, a method, a body that it cannot parse."""
    match raised.status_code:
        case 404:
            return RouteNotFound()
        case 405:
            return MethodNotAllowed(**({"allow": raised.headers["Allow"]} if raised.headers else {}))
        case _:
            return MalformedJson("The body cannot be read as JSON.")


def _pointer(loc: Iterable[str | int]) -> str:
    steps = [str(step) for step in loc]
    if steps and steps[0] in _WHERE:
        steps = steps[1:]
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _plain(value: object) -> object:
    if isinstance(value, list):
        return cast("list[object]", value)
    return value if isinstance(value, str | int | float | None) else str(value)
