"""Tokens where there is no model to say what one is."""

import re
from typing import Final

# Words, and each sign by itself: about as many as a model's tokens in plain text.
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")


def tokens_of(text: str) -> list[tuple[int, int]]:
    """Where the words and signs of a text begin and end, in characters."""
    return [found.span() for found in _TOKEN.finditer(text)]
