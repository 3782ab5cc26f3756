"""API keys: `sg_<id>_<secret><checksum>`, shown once, stored as a hash. Publishable ones begin with `sgp_`."""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Final

API: Final = "sg"
PUBLISHABLE: Final = "sgp"
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_CHARS: Final = 8
_SECRET_CHARS: Final = 43  # 43 base62 characters: 256 bits
_CHECK_CHARS: Final = 6  # holds a CRC-32
_KEY: Final = re.compile(
    rf"(sgp?)_([0-9A-Za-z]{{{_ID_CHARS}}})_([0-9A-Za-z]{{{_SECRET_CHARS}}})([0-9A-Za-z]{{{_CHECK_CHARS}}})"
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in clear. `key_id` is no secret, and is what the key is looked up by. prefix: what sort of key it is."""

    key_id: str
    secret: str
    prefix: str = API

    def __str__(self) -> str:
        body = f"{self.prefix}_{self.key_id}_{self.secret}"
        return body + _checksum(body)

    def __repr__(self) -> str:
        return f"ApiKey({self.key_id})"

    @property
    def sha256(self) -> bytes:
        """What is stored of the secret. It has 256 random bits, so a slow hash would add nothing."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_key(prefix: str = API) -> ApiKey:
    """A new random key."""
    return ApiKey(_random(_ID_CHARS), _random(_SECRET_CHARS), prefix)


def parse(text: str) -> ApiKey | None:
    """Read a key of either sort; None when it cannot be one. The checksum tells a typing error without a look-up."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    prefix, key_id, secret, _ = match.groups()
    key = ApiKey(key_id, secret, prefix)
    return key if str(key) == text else None


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK_CHARS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
