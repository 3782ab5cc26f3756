"""Errors as clients of OpenAI read them."""

from typing import Any, Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from sightglass_api.problems import headers_of, status_of
from sightglass_api.routing import Declaration
from sightglass_common.errors import Kind, SightglassError

_TYPES: Final = {
    Kind.UNAUTHENTICATED: "authentication_error",
    Kind.FORBIDDEN: "permission_error",
    Kind.NOT_FOUND: "not_found_error",
    Kind.RATE_LIMITED: "rate_limit_error",
    Kind.TRANSIENT: "api_error",
    Kind.INTERNAL: "api_error",
}
_PATHS: Final = ("/v1/models", "/v1/chat/")


def is_for(path: str) -> bool:
    """Whether an address is one that such clients call."""
    return path.startswith(_PATHS)


def answer(error: SightglassError) -> JSONResponse:
    """The answer that tells of `error`."""
    body = error_body(error.detail or error.title(), _TYPES.get(error.kind, "invalid_request_error"), error.code)
    return JSONResponse(body, status_of(type(error)), headers=headers_of(error))


class Error(BaseModel):
    """What went wrong. code: as docs/errors.md has it."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(BaseModel):
    """An error as clients of OpenAI read it."""

    error: Error


def in_its_shape(route: Declaration) -> Declaration:
    """A route's declaration, with its errors as clients of OpenAI read them."""
    responses = {
        status: {"description": one["description"], "model": ErrorBody} for status, one in route["responses"].items()
    }
    return {"dependencies": route["dependencies"], "responses": responses}


def error_body(message: str, kind: str, code: str) -> dict[str, Any]:
    """An error in OpenAI's form."""
    return ErrorBody(error=Error(message=message, type=kind, param=None, code=code)).model_dump()
