"""The table of role x permission, and that every route asks for one."""

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from tests.unit.api.walk import an_app, operations

from sightglass_api.permissions import PERMISSIONS, Permission, Role, permits
from sightglass_api.widget.visiting import visitor

PUBLIC = {"/livez", "/readyz", "/metrics", "/health/analysis-pipeline", "/widget.js"}
# Their key, which anybody has, stands in the address.
VISITED = "/v1/widget/{key}"
# Their text is too long for an address, and nothing is kept of it.
ASKS_ONLY = {"/v1/detect", "/v1/search"}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.PLATFORM_ADMIN, set(Permission) - {Permission.REVEAL, Permission.AUDIT}),
        (Role.TENANT_ADMIN, set(Permission) - {Permission.OPERATE}),
        (
            Role.MEMBER,
            set(Permission)
            - {Permission.OPERATE, Permission.PROVIDE, Permission.LIMIT, Permission.REVEAL, Permission.AUDIT},
        ),
        (Role.VIEWER, {Permission.READ, Permission.ASK}),
        (Role.VISITOR, set()),
    ],
)
def test_the_table_is_this_one(role: Role, may: set[Permission]) -> None:
    assert {permission for permission in Permission if permits(role, permission)} == may


def test_every_role_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_route_asks_for_one_permission_or_is_public() -> None:
    wrong = [operation for operation in operations(an_app()) if len(operation.marks) != 1]
    assert wrong == []


def test_only_these_routes_are_public() -> None:
    public = {operation.path for operation in operations(an_app()) if operation.marks == (None,)}
    assert {path for path in public if not path.startswith(VISITED)} == PUBLIC


def test_a_visitors_route_is_for_visitors_alone() -> None:
    visited = [operation for operation in operations(an_app()) if operation.path.startswith(VISITED)]
    assert {operation.marks for operation in visited} == {(None,)}
    for route in iter_route_contexts(an_app().routes):
        if route.path == "/openapi.json":
            continue
        assert (visitor in calls(route.dependant)) == str(route.path).startswith(VISITED), route.path


def calls(dependant: Dependant) -> list[object]:
    """All that is called before a route is."""
    return [dependant.call, *(call for further in dependant.dependencies for call in calls(further))]


def test_whatever_changes_something_needs_more_than_reading() -> None:
    others = [operation for operation in operations(an_app()) if operation.method not in {"GET", "HEAD"}]
    changing = [operation for operation in others if operation.path not in ASKS_ONLY]
    assert changing
    assert [operation for operation in changing if Permission.READ in operation.marks] == []


def test_whatever_is_below_admin_needs_an_operator() -> None:
    below = [operation for operation in operations(an_app()) if operation.path.startswith("/v1/admin")]
    assert {operation.marks for operation in below} == {(Permission.OPERATE,)}
