"""Ids: UUID version 7 (RFC 9562), so that rows written together lie together in an index."""

import secrets
import time
from typing import Final
from uuid import UUID

# Whose providers are there for every tenant; in Postgres it is `platform_tenant()`.
PLATFORM_TENANT: Final = UUID("5c9e7a10-0000-8000-8000-000000000002")
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    rand_a = secrets.randbits(12) << 64
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | _VERSION_7 | rand_a | _VARIANT | secrets.randbits(62))
