"""Reads answers of the API: its models, and its problem documents as errors."""

from typing import TypeVar, cast

import httpx
from pydantic import BaseModel, ValidationError

from sightglass_client.errors import ApiError, FieldError, UnexpectedAnswer

M = TypeVar("M", bound=BaseModel)
_PROBLEM_BYTES = 1_000_000  # an error that is larger than this is not one of ours

_HINTS = {
    401: "Check SIGHTGLASS_API_KEY; `sightglass doctor` shows where it was found.",
    403: "`sightglass whoami` shows the role of this key.",
    429: "Wait a little and try again.",
    500: "Try again; if it stays, report the request id.",
    503: "Try again in a moment; `sightglass doctor` shows what does not answer.",
}
_HINTS_OF_CODES = {
    "bucket_not_linked": "Under `make dev`, `make link BUCKET=name` links it; elsewhere an operator does.",
}


def json_of(response: httpx.Response) -> dict[str, object]:
    """The JSON object that was answered. Raises ApiError for an error, UnexpectedAnswer for anything else."""
    if not response.is_success:
        raise problem_of(response)
    try:
        content: object = response.json()
    except ValueError as error:
        raise _unexpected(response, "It is not JSON.") from error
    if not isinstance(content, dict):
        raise _unexpected(response, "It is no JSON object.")
    return cast("dict[str, object]", content)


def read(model: type[M], content: object) -> M:
    """`content` as a model. Raises UnexpectedAnswer if it does not fit."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise UnexpectedAnswer(
            f"The answer is no {model.__name__}.", detail=where, hint="`sightglass doctor` compares the versions."
        ) from error


def problem_of(response: httpx.Response) -> ApiError:
    """The error that was answered. Its body must have been read."""
    content = _problem(response)
    status = response.status_code
    code = str(content.get("code") or f"http_{status}")
    return ApiError(
        str(content.get("title") or response.reason_phrase or "Error"),
        status=status,
        code=code,
        detail=str(content.get("detail") or ""),
        hint=_HINTS_OF_CODES.get(code) or _HINTS.get(status, ""),
        request_id=str(content.get("request_id") or response.headers.get("X-Request-Id", "")),
        errors=_field_errors(content.get("errors")),
    )


def _problem(response: httpx.Response) -> dict[str, object]:
    if len(response.content) > _PROBLEM_BYTES:
        return {}
    try:
        content: object = response.json()
    except ValueError:
        return {}  # a proxy's page: the status says what there is to say
    return cast("dict[str, object]", content) if isinstance(content, dict) else {}


def _field_errors(content: object) -> list[FieldError]:
    entries = cast("list[object]", content) if isinstance(content, list) else []
    fields = [cast("dict[str, object]", entry) for entry in entries if isinstance(entry, dict)]
    return [FieldError(str(field.get("pointer", "")), str(field.get("detail", ""))) for field in fields]


def _unexpected(response: httpx.Response, why: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"{response.url.copy_with(query=None)} does not answer as Sightglass does.",
        detail=f"HTTP {response.status_code}. {why}",
        hint="Check SIGHTGLASS_URL.",
    )
