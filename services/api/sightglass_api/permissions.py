"""Who may do what: one table of role x permission."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a key was made for."""

    PLATFORM_ADMIN = "platform_admin"
    TENANT_ADMIN = "tenant_admin"
    MEMBER = "member"
    VIEWER = "viewer"
    VISITOR = "visitor"


class Permission(StrEnum):
    """What a route asks for. Each but the last is about the key's own tenant only."""

    READ = "read"
    UPLOAD = "upload"
    ANALYSE = "analyse"
    SCAN = "scan"
    INDEX = "index"
    BOTS = "bots"
    ASK = "ask"
    CONTROL_JOBS = "jobs:control"
    PROVIDE = "providers:change"
    LIMIT = "quotas:change"
    REVEAL = "findings:reveal"
    AUDIT = "audit:read"
    OPERATE = "platform:operate"


_MEMBER: Final = frozenset(
    {
        Permission.READ,
        Permission.UPLOAD,
        Permission.ANALYSE,
        Permission.SCAN,
        Permission.INDEX,
        Permission.BOTS,
        Permission.ASK,
        Permission.CONTROL_JOBS,
    }
)

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    # Runs the platform; sees no tenant's data but its own tenant's.
    Role.PLATFORM_ADMIN: _MEMBER | {Permission.PROVIDE, Permission.LIMIT, Permission.OPERATE},
    Role.TENANT_ADMIN: _MEMBER | {Permission.PROVIDE, Permission.LIMIT, Permission.REVEAL, Permission.AUDIT},
    Role.MEMBER: _MEMBER,
    Role.VIEWER: frozenset({Permission.READ, Permission.ASK}),
    # Of a publishable key, which anybody has: the widget's routes alone are for it.
    Role.VISITOR: frozenset(),
}


def permits(role: Role, permission: Permission) -> bool:
    """Whether a key of `role` may do what needs `permission`."""
    return permission in PERMISSIONS[role]
