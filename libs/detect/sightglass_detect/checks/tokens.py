"""Tokens and keys: what can be verified of them without asking who gave them out."""

import base64
import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Final

from sightglass_detect.checks.checksums import crc32_base62

_FRAME: Final = re.compile(rb"-----(?:BEGIN|END)[^-\n\\]*-----")
# RFC 1421, 4.6 and RFC 9580, 6.2.2: headers within the frame, up to the body.
_HEADERS: Final = re.compile(rb"(?:[A-Z][A-Za-z-]{2,20}: [^\n\\]{0,200}(?:\r?\n|\\r?\\n|\\n|(?=\\)))+")
# What a source file, or JSON in JSON, has between a body's lines.
_BETWEEN: Final = re.compile(rb"(?:\\+[rnt]|[\s\"'+\\,])+")
_BASE64: Final = re.compile(rb"[0-9A-Za-z+/]+={0,3}")
_AWS_ID_BYTES: Final = 20
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
_OPENSSH: Final = b"openssh-key-v1\0"
# RFC 9580, 4.2: the first octet of a packet that holds a secret key (tag 5) or secret subkey (tag 7), old and new.
_PGP_SECRET: Final = frozenset({0x94, 0x95, 0x96, 0x9C, 0x9D, 0x9E, 0xC5, 0xC7})


def token_crc(value: bytes) -> bool:
    """A prefix, thirty characters, and their CRC-32 in six (GitHub, "Behind GitHub's new authentication ..., 2021)."""
    body = value.rpartition(b"_")[2]
    return len(body) == 36 and crc32_base62(body[:30]) == body[30:]


def aws_account(value: bytes) -> str:
    """The account that an AWS key id was given out for; empty for an id of before 2019, which does not hold it.

    As found by who took ids apart: 40 bits of the decoded body from the second on; the first is set in ids that have
    them.
    """
    if len(value) != _AWS_ID_BYTES or value[4:5] < b"A":
        return ""
    bits = int.from_bytes(base64.b32decode(value[4:])[:6], "big")
    account = bits >> 7 & (1 << 40) - 1
    return f"account {account:012}" if bits >> 47 and account < 10**12 else ""


def aws_secret(value: bytes) -> bool:
    """Capitals, small letters and digits as forty random characters have them, and not the parts of a path."""
    if not (re.search(rb"[0-9]", value) and re.search(rb"[a-z]", value) and re.search(rb"[A-Z]", value)):
        return False
    return len(set(value)) >= 16 and value.count(b"/") <= 5


def azure_key(value: bytes) -> bool:
    """Base64 of 64 bytes, with no bits left over."""
    try:
        raw = binascii.a2b_base64(value, strict_mode=True)
    except binascii.Error:
        return False
    return len(raw) == 64 and binascii.b2a_base64(raw, newline=False) == value


def jwt(value: bytes) -> bool:
    """A header that is JSON and names an algorithm, and two of the registered claims (RFC 7519, 4.1), not the sample's.

    The sample of jwt.io, about John Doe, and such as {"some": "payload"} stand in documents and tests everywhere.
    """
    claims = _json(value.split(b".")[1])
    known = len(claims.keys() & _CLAIMS) >= 2
    return known and jwt_of_any(value) and claims.get("name") != "John Doe" and claims.get("sub") != "1234567890"


def jwt_of_any(value: bytes) -> bool:
    """A header that is JSON and names an algorithm (RFC 7515)."""
    return isinstance(_json(value.split(b".")[0]).get("alg"), str)


def _json(part: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def private_key(value: bytes) -> bool:
    """A body that is base64 and begins as a key does: DER, OpenSSH, a PGP packet; or that says it is encrypted."""
    inside = _FRAME.sub(b"\n", value).strip()
    headers = _HEADERS.match(inside)
    if headers is not None and b"ENCRYPTED" in headers[0]:
        return True
    body = _BETWEEN.sub(b"", inside[headers.end() :] if headers else inside)
    text = _BASE64.match(body)
    if text is None or len(text[0]) < 40:
        return False
    raw = binascii.a2b_base64(text[0][: len(text[0]) // 4 * 4])
    return raw.startswith(_OPENSSH) or raw[0] == 0x30 or raw[0] in _PGP_SECRET
