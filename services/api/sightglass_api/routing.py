"""How a route is declared: its permission, its tag and its problem answers, in one word; and how strictly it reads."""

from collections.abc import Collection
from typing import Any, TypedDict

from fastapi import Depends, Request, params
from pydantic import BaseModel, ConfigDict

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

_MAX_NAMED = 20
_ALWAYS = (Unauthenticated, Forbidden, InvalidRequest, BodyTooLarge, DependencyUnavailable, SightglassError)


class Asked(BaseModel):
    """What a client asks for. A field that there is not is refused: left out unseen, it would ask for more."""

    model_config = ConfigDict(extra="forbid")


class Declaration(TypedDict):
    """Arguments of a route's decorator."""

    dependencies: list[params.Depends]
    responses: dict[int | str, dict[str, Any]]


def guarded(
    permission: Permission, *errors: type[SightglassError], body: bool = False, filters: Collection[str] = ()
) -> Declaration:
    """A route for keys whose role has `permission`; `errors` are its own, beside those that every route has.

    body: whether it takes JSON. filters: all parameters of a route that gives less by some; it refuses any other.
    """
    of_body = (MalformedJson,) if body else ()
    strict = [Depends(_Only(filters))] if filters else []
    return {
        "dependencies": [Depends(Requires(permission)), *strict],
        "responses": answers(*errors, *of_body, *_ALWAYS),
    }


def open_to_all(*errors: type[SightglassError]) -> Declaration:
    """A route that needs no key."""
    return {"dependencies": [Depends(public)], "responses": answers(*errors, InvalidRequest, SightglassError)}


class _Only:
    """The parameters of a route."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)

    async def __call__(self, request: Request) -> None:
        """Raise InvalidRequest for another one: whoever wrote it wants less than would come without it."""
        wrong = sorted(request.query_params.keys() - self._names)
        if wrong:
            there = f"There is no such parameter. Those there: {', '.join(sorted(self._names))}"
            errors = [{"pointer": f"/{name}", "detail": there} for name in wrong[:_MAX_NAMED]]
            raise InvalidRequest(f"/{wrong[0]}: {there}.", errors=errors)
