"""Names of files. Pure."""

import unicodedata
from typing import Final

MAX_CHARS: Final = 255


def filename_of_key(key: str) -> str:
    """A name for an object that has none but its key: what follows the last slash, made fit to show."""
    name = key.rstrip("/").rpartition("/")[2] or key
    shown = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in {"Cc", "Cs"} else c for c in name)
    return shown[:MAX_CHARS]
