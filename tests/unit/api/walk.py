"""Walks the application's routes, for tests that must hold for every one."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from sightglass_api.app import create_app
from sightglass_api.auth import Requires, public
from sightglass_api.context import Context
from sightglass_api.permissions import Permission
from sightglass_api.settings import ApiSettings


@dataclass(frozen=True)
class Operation:
    """One method of one path. marks: the permissions that it asks for; None stands for "public"."""

    method: str
    path: str
    marks: tuple[Permission | None, ...]


def an_app() -> FastAPI:
    """The application, unopened."""

    def opening() -> AbstractAsyncContextManager[Context]:
        raise AssertionError("nothing is opened here")

    return create_app(ApiSettings(database_url=SecretStr("")), opening)


def operations(app: FastAPI) -> list[Operation]:
    """Every operation, but the description of the interface itself."""
    found: list[Operation] = []
    for route in iter_route_contexts(app.routes):
        if route.path == "/openapi.json":
            continue
        marks = tuple(_marks(route.dependant))
        found += [Operation(method, str(route.path), marks) for method in sorted(route.methods or ())]
    return found


def _marks(dependant: Dependant) -> Iterator[Permission | None]:
    if isinstance(dependant.call, Requires):
        yield dependant.call.permission
    elif dependant.call is public:
        yield None
    for further in dependant.dependencies:
        yield from _marks(further)
