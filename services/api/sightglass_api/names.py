"""File names that people gave: what is taken, and how they go into a header. Pure."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

# RFC 8187, attr-char: everything else is percent-encoded.
_ATTR_CHARS: Final = "!#$&+-.^_`|~"
_NOT_PLAIN: Final = re.compile(r'[^ !#-\[\]-~]|"|%')


def is_filename(name: str) -> str:
    """Check a file name; any script is fine. Raises ValueError for control characters and for halves of one."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
        raise ValueError("has a control character")
    if not name.strip():
        raise ValueError("is blank")
    return name


def inline(filename: str) -> str:
    """A Content-Disposition (RFC 6266) that shows the file and names it.

    The plain name is for clients that do not know the other form; no character of either can end the header.
    """
    plain = _NOT_PLAIN.sub("_", filename)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe=_ATTR_CHARS)}"


def shown_type(content_type: str) -> str:
    """The type that a link answers with: a page of a stranger's making must not be run where it lies."""
    return content_type if content_type.lower().startswith(("video/", "audio/")) else "application/octet-stream"
