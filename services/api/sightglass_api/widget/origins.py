"""Which origins a publishable key may be bound to: pure."""

import re
from typing import Final

_NAME: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PORT: Final = r"(?::[1-9][0-9]{0,4})?"
_ORIGIN: Final = re.compile(rf"https://{_NAME}(?:\.{_NAME})*{_PORT}|http://(?:localhost|127\.0\.0\.1){_PORT}")
# Browsers leave these out.
_NEVER_SENT: Final = re.compile(r"https:.*:443|http:.*:80")


def is_origin(text: str) -> str:
    """The text, if browsers send it as `Origin` for a page whose way here is private. Raises ValueError."""
    if not _ORIGIN.fullmatch(text) or _NEVER_SENT.fullmatch(text):
        raise ValueError(
            "is no origin as browsers send it: https://www.example.com, with a port unless it is 443, in small letters,"
            " without a path; http:// for localhost and 127.0.0.1 alone"
        )
    return text
