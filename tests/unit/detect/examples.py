"""Values made by rule for the examples of detectors, so that no file holds a token that a host would refuse to take.

In an example `{base62:36}` stands for 36 random characters of that alphabet, `{github:ghp_}` for a token with its
checksum. Braces with another name in them stand for themselves.
"""

import base64
import json
import random
import re
from collections.abc import Callable
from typing import Final

from sightglass_detect.checks.checksums import crc32_base62

_DIGITS: Final = "0123456789"
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_UPPER: Final = _LOWER.upper()
_ALPHABETS: Final = {
    "digits": _DIGITS,
    "lower": _LOWER,
    "upper": _UPPER,
    "letters": _LOWER + _UPPER,
    "alnum": _DIGITS + _LOWER,
    "base32": _UPPER + "234567",
    "base36": _DIGITS + _UPPER,
    "base62": _DIGITS + _UPPER + _LOWER,
    "base64": _DIGITS + _UPPER + _LOWER + "+/",
    "base64url": _DIGITS + _UPPER + _LOWER + "-_",
    "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "hex": _DIGITS + "abcdef",
    "HEX": _DIGITS + "ABCDEF",
}


def expand(example: str, seed: int = 0) -> str:
    """The example with all its values made: the same for the same seed."""
    rng = random.Random(f"{seed}/{example}")
    return re.sub(r"\{([A-Za-z0-9]+)(?::([^{}]*))?\}", lambda match: _made(rng, match), example)


def _made(rng: random.Random, match: re.Match[str]) -> str:
    name, argument = match[1], match[2]
    if name in _ALPHABETS and (argument or "").isdigit():
        return _drawn(rng, _ALPHABETS[name], int(argument))
    maker = _MAKERS.get(name)
    return match[0] if maker is None else maker(rng, argument or "")


def _drawn(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _with_crc(rng: random.Random, prefix: str) -> str:
    body = _drawn(rng, _ALPHABETS["base62"], 30)
    return prefix + body + crc32_base62(body.encode()).decode()


def _base64_of(rng: random.Random, length: str) -> str:
    return base64.b64encode(rng.randbytes(int(length))).decode()


def _base64_after(rng: random.Random, argument: str) -> str:
    """`text/n`: the base64 of a text and n random bytes behind it."""
    text, _, length = argument.partition("/")
    return base64.b64encode(text.encode() + rng.randbytes(int(length))).decode()


def _jwt(rng: random.Random, algorithm: str) -> str:
    header = json.dumps({"alg": algorithm or "HS256", "typ": "JWT"}, separators=(",", ":"))
    claims = json.dumps({"sub": _drawn(rng, _DIGITS, 10), "iat": 1516239022}, separators=(",", ":"))
    parts = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, _drawn(rng, _ALPHABETS["base64url"], 43)])


def _pem(rng: random.Random, label: str, newline: str = "\n") -> str:
    """A key's frame about bytes that begin as such a key does: the DER of a sequence, or the magic of OpenSSH."""
    start = b"openssh-key-v1\0" if label.startswith("OPENSSH") else b"\x30\x82\x02\x5c\x02\x01\x00\x02\x81\x81"
    text = base64.b64encode(start + rng.randbytes(598)).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return newline.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def _pem_in_json(rng: random.Random, label: str) -> str:
    return _pem(rng, label, "\\n")


def _snowflake(rng: random.Random, _: str) -> str:
    """The first part of a Discord token: the base64 of an account's number."""
    number = str(rng.randrange(10**17, 10**18))
    return base64.b64encode(number.encode()).decode().rstrip("=")


_MAKERS: Final[dict[str, Callable[[random.Random, str], str]]] = {
    "crc": _with_crc,
    "base64of": _base64_of,
    "base64after": _base64_after,
    "jwt": _jwt,
    "pem": _pem,
    "pemjson": _pem_in_json,
    "snowflake": _snowflake,
}
