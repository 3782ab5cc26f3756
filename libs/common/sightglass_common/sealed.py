"""Secrets handed from one process to another through a place that must not know them.

Who receives has a key pair, for one answer or for good, and gives the public half away; only the process that holds
the private half can open what is sealed to it. X25519, HKDF-SHA256 and AES-256-GCM; the sender's half is new each time.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"sightglass sealed answer v1"
_PUBLIC_BYTES: Final = 32
# The sender's half is new each time, so a key seals one message, and its nonce may be fixed.
_NONCE: Final = bytes(12)


class NotForUs(ValueError):
    """It was sealed to another key, for another purpose, or was changed."""


class Seal:
    """A key pair: a new one, which is nowhere but in this object, or that of a private half of 32 bytes."""

    def __init__(self, private_key: bytes | None = None) -> None:
        self._private = (
            X25519PrivateKey.generate() if private_key is None else X25519PrivateKey.from_private_bytes(private_key)
        )

    @property
    def private_key(self) -> bytes:
        """The half to keep, 32 bytes."""
        return self._private.private_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The half to give away, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def open(self, sealed: bytes, purpose: bytes) -> bytes:
        """What `sealed_to` was given. Raises NotForUs."""
        try:
            sender = X25519PublicKey.from_public_bytes(sealed[:_PUBLIC_BYTES])
            key = _key(self._private.exchange(sender), sealed[:_PUBLIC_BYTES], self.public_key)
            return AESGCM(key).decrypt(_NONCE, sealed[_PUBLIC_BYTES:], purpose)
        except (InvalidTag, ValueError) as error:
            raise NotForUs from error


def sealed_to(public_key: bytes, secret: bytes, purpose: bytes) -> bytes:
    """`secret`, for the holder of a Seal and for one purpose, which it must name. Raises ValueError for no key."""
    ours = X25519PrivateKey.generate()
    public = ours.public_key().public_bytes_raw()
    key = _key(ours.exchange(X25519PublicKey.from_public_bytes(public_key)), public, public_key)
    return public + AESGCM(key).encrypt(_NONCE, secret, purpose)


def _key(shared: bytes, sender: bytes, receiver: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=_PURPOSE + sender + receiver).derive(shared)
