"""Texts as they are shown to people before anything has judged what they hold."""

from typing import Final
from unicodedata import category

_BULLET: Final = "•"
# Unicode's letters, numbers, and marks that belong to them.
_TELLING: Final = ("L", "N", "M")


def masked(text: str) -> str:
    """The text with a bullet for each letter and digit, so that its shape is left: `•••-••-••••`."""
    return "".join(_BULLET if category(sign).startswith(_TELLING) else sign for sign in text)
