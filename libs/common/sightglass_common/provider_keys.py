"""Keys of providers, sealed by the API to chat: who has the database, or the API, cannot read them.

Chat has the private half of a key pair, the API the public one. `python -m sightglass_common.provider_keys` makes both.
"""

import hashlib
import sys
from base64 import b64decode, b64encode
from uuid import UUID

from sightglass_common.sealed import Seal, sealed_to


def new_pair(secret: str | None = None) -> tuple[str, str]:
    """A private and a public half, as they stand in the settings. secret: what the pair is always made of."""
    seal = Seal(None if secret is None else hashlib.sha256(b"sightglass provider keys v1" + secret.encode()).digest())
    return b64encode(seal.private_key).decode(), b64encode(seal.public_key).decode()


def sealed_key(public_key: str, api_key: str, *, tenant_id: UUID, provider_id: UUID, base_url: str) -> bytes:
    """A provider's key, for chat alone and for this address alone."""
    return sealed_to(b64decode(public_key), api_key.encode(), _purpose(tenant_id, provider_id, base_url))


def opened_key(private_key: str, sealed: bytes, *, tenant_id: UUID, provider_id: UUID, base_url: str) -> str:
    """The key again. Raises NotForUs when any of this is not what it was sealed for."""
    return Seal(b64decode(private_key)).open(sealed, _purpose(tenant_id, provider_id, base_url)).decode()


def _purpose(tenant_id: UUID, provider_id: UUID, base_url: str) -> bytes:
    """Of the address too, so that a row that was changed does not carry the key elsewhere."""
    return b"provider key v1" + tenant_id.bytes + provider_id.bytes + hashlib.sha256(base_url.encode()).digest()


def main() -> None:
    """Print a new pair."""
    private_key, public_key = new_pair()
    sys.stdout.write(
        f"SIGHTGLASS_PROVIDER_PRIVATE_KEY={private_key}  # chat\nSIGHTGLASS_PROVIDER_PUBLIC_KEY={public_key}  # api\n"
    )


if __name__ == "__main__":
    main()
