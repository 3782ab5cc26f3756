"""How a route is declared: its permission, its tag and its problem answers, in one word."""

from typing import Any, TypedDict

from fastapi import Depends, params

from sightglass_api.auth import Requires, public
from sightglass_api.permissions import Permission
from sightglass_api.problems import answers
from sightglass_common.errors import (
    BodyTooLarge,
    DependencyUnavailable,
    Forbidden,
    InvalidRequest,
    MalformedJson,
    SightglassError,
    Unauthenticated,
)

_ALWAYS = (Unauthenticated, Forbidden, InvalidRequest, BodyTooLarge, DependencyUnavailable, SightglassError)


class Declaration(TypedDict):
    """Arguments of a route's decorator."""

    dependencies: list[params.Depends]
    responses: dict[int | str, dict[str, Any]]


def guarded(permission: Permission, *errors: type[SightglassError], body: bool = False) -> Declaration:
    """A route for keys whose role has `permission`; `errors` are its own, beside those that every route has.

    body: whether it takes JSON.
    """
    of_body = (MalformedJson,) if body else ()
    return {
        "dependencies": [Depends(Requires(permission))],
        "responses": answers(*errors, *of_body, *_ALWAYS),
    }


def open_to_all(*errors: type[SightglassError]) -> Declaration:
    """A route that needs no key."""
    return {"dependencies": [Depends(public)], "responses": answers(*errors, InvalidRequest, SightglassError)}
