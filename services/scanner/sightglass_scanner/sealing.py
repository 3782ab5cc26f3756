"""What is kept of a value that was found: its mask, its keyed hash, and an id that is the same each time."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sightglass_detect import keyed_hash

_PURPOSE: Final = b"sightglass finding v1"
# RFC 9562: version 8, "custom", and its variant.
_VERSION_8: Final = 0x8 << 76
_VARIANT: Final = 0b10 << 62
_KEPT: Final = ~(0xF << 76 | 0b11 << 62)


@dataclass(frozen=True, slots=True)
class Place:
    """An object in one state. version: its version id, or its ETag in a bucket without versions."""

    tenant_id: UUID
    bucket: str
    key: str
    version: str


def tenant_key(secret: str, tenant_id: UUID) -> bytes:
    """The key of a tenant's hashes: HKDF (RFC 5869) with SHA-256, the tenant as salt, one block."""
    extracted = hmac.digest(tenant_id.bytes, secret.encode(), "sha256")
    return hmac.digest(extracted, _PURPOSE + b"\x01", "sha256")


def value_hash(key: bytes, value: bytes) -> bytes:
    """32 bytes that are the same for the same value of the same tenant, whatever its case and separators, and tell
    nothing without the key.
    """
    return bytes.fromhex(keyed_hash(value.decode("utf-8", "replace"), key))


def finding_id(place: Place, detector: str, locator: Mapping[str, Any], hashed: bytes) -> UUID:
    """The id of what a detector has found at a place of an object."""
    named = [str(place.tenant_id), place.bucket, place.key, place.version, detector, dict(locator), hashed.hex()]
    digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).digest()
    return UUID(int=int.from_bytes(digest[:16]) & _KEPT | _VERSION_8 | _VARIANT)
