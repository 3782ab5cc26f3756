"""Passwords and secrets that no issuer has made: told from names, paths, and what stands in for them."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

_UUID: Final = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
# A variable, a template, a call, markup, an address, a file: what stands where the secret will be.
_STANDS_IN: Final = re.compile(
    rb"^[$%{<\[(@#*.\\/~&!]|\$\{|\{\{|\}\}|%[sd({]|<[^>]*>|\w\(|\)$|://|[*]{3}|\.\.\.|[;\\]|^[^=]*==[^=]"
)
_NAME: Final = re.compile(
    rb"[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+|.*\.(?:json|ya?ml|pem|key|txt|py|js|ts|go|rb|java|xml|html?|md|env|ini)"
)
# Words run together, as PKCS7PrivateKeyTypes: chance leaves a small letter alone somewhere.
_WORDS: Final = re.compile(rb"(?:[A-Z]?[a-z]{2,}+|[A-Z]++|\d++|[_-])++")
_CHUNK: Final = re.compile(rb"[0-9A-Za-z]+")
# What nobody uses but in an example, as a whole and with a digit or two behind it.
_COMMON: Final = re.compile(
    rb"(?:p[a@4][s5$]{2}(?:w[o0]?r?d|wort)?|passwd|pwd|pass|pw|secret|user(?:name)?|admin|root|test(?:ing)?|guest|demo|foo|bar"
    rb"|foobar|tiger|scott|postgres|mysql|mongo|redis|rabbitmq|password1?|letmein|qwerty|abc|hunter|changeit|changeme"
    rb"|example|sample|default|token|apikey|key|mypass(?:word)?|my-?secret|dbpass(?:word)?|xxx+|my)[\W_]?\d{0,4}!?",
    re.IGNORECASE,
)
_BEGUN: Final = re.compile(rb"tiger|passw|secret|change|your|example|test", re.IGNORECASE)
_LOCAL: Final = re.compile(
    rb"(?:localhost|127\.[\d.]+|0\.0\.0\.0|host|hostname|server|domain|db|database|proxy|example"
    rb"|[\w.-]*\.?(?:example(?:\.\w+)?|test|invalid|localhost|local|localdomain))",
    re.IGNORECASE,
)


def generic_secret(value: bytes) -> bool:
    """Letters and digits as nobody would name a thing: no name, path, template, UUID, nor a word with a number."""
    if _STANDS_IN.search(value) or _NAME.fullmatch(value) or _UUID.fullmatch(value) or _COMMON.fullmatch(value):
        return False
    digits = sum(48 <= c <= 57 for c in value)
    upper, lower = value != value.lower(), value != value.upper()
    if not digits or not (upper or lower) or re.search(rb"(.)\1{4}", value):
        return False
    if upper and lower and re.search(rb"[!#$*?@^~]", value):
        return True
    # A chunk of its own that mixes them: us-east-1-cluster has none, 9f86d081 is one.
    mixed = [chunk for chunk in _CHUNK.findall(value) if re.search(rb"\d[A-Za-z]|[A-Za-z]\d", chunk)]
    if sum(map(len, mixed)) * 2 < len(value):
        return False
    return digits >= 2 or (upper and lower and not _WORDS.fullmatch(value))


def url_credentials(value: bytes) -> bool:
    """A password between colon and @ that is no template, and is not the user's name or a word of examples."""
    user, password, _ = _parts(value)
    return not _STANDS_IN.search(password) and not _COMMON.fullmatch(password) and password != user


def url_secret(value: bytes) -> bool:
    """The same with a password that looks made by chance, for a host that is not one's own or an example's."""
    _, password, host = _parts(value)
    plain = unquote_to_bytes(password)
    mixed = plain not in (plain.lower(), plain.upper())
    made = mixed and (
        len(plain) >= 10 if re.search(rb"\d", plain) else len(plain) >= 12 and not _WORDS.fullmatch(plain)
    )
    made = made or generic_secret(plain)
    return url_credentials(value) and made and not _BEGUN.match(plain) and not _LOCAL.fullmatch(host)


def _parts(value: bytes) -> tuple[bytes, bytes, bytes]:
    ahead, _, host = value.partition(b"://")[2].rpartition(b"@")
    user, _, password = ahead.partition(b":")
    return user, password, host.partition(b":")[0]
