"""Shapes: values of digits and letters of fixed places, written as `999-99-9999` or `AA999999`."""

import re
from typing import Final

_CLASSES: Final = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}
TABLE: Final = bytes(
    ord("9") if chr(b) in "0123456789"
    else ord("A") if "A" <= chr(b) <= "Z"
    else ord("a") if "a" <= chr(b) <= "z"
    else b
    for b in range(256)
)  # fmt: skip


def classes_of(data: bytes) -> bytes:
    """Each digit as 9, capital letter as A, small letter as a; all else stays."""
    return data.translate(TABLE)


def pattern_of_shape(shape: str) -> str:
    """The regular expression of a shape. Raises ValueError for a letter or digit that stands for no class."""
    odd = sorted({c for c in shape if c.isascii() and c.isalnum() and c not in _CLASSES})
    if odd or not shape.isascii() or not shape:
        message = f"{shape!r} is not a shape: it is made of 9, A, a and signs"
        raise ValueError(message)
    return "".join(_CLASSES.get(c) or re.escape(c) for c in shape)
