"""Shapes: values of digits and letters of fixed places, written as `999-99-9999` or `AA999999`."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

# What a shape that is looked for with others ends with.
ENDS: Final = "9Aa"

_CLASSES: Final = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}
# Guards of the edges of shapes, without looking around. \0 stands for a 9 that is one.
_BEFORE: Final = {"9": "(?:[^98Aa_./-]|[^98][./-])", "A": "[^98Aa_]", "": ""}
_END: Final = {"9": "\1", "A": "\2"}
_BEHIND: Final = {"\1": "(?:[^\08Aa_.-]|[.-][^\08])", "\2": "[^\08Aa_]"}
_TABLE: Final = bytes(
    ord("9") if chr(b) in "0123456789"
    else ord("A") if "A" <= chr(b) <= "Z"
    else ord("a") if "a" <= chr(b) <= "z"
    else b
    for b in range(256)
)  # fmt: skip


def classes_of(data: bytes) -> bytes:
    """Each digit as 9, capital letter as A, small letter as a; all else stays."""
    return data.translate(_TABLE)


def pattern_of_shape(shape: str) -> str:
    """The regular expression of a shape. Raises ValueError for a letter or digit that stands for no class."""
    odd = sorted({c for c in shape if c.isascii() and c.isalnum() and c not in _CLASSES})
    if odd or not shape.isascii() or not shape:
        message = f"{shape!r} is not a shape: it is made of 9, A, a and signs"
        raise ValueError(message)
    return "".join(_CLASSES.get(c) or re.escape(c) for c in shape)


def shapes_expression(shapes: Iterable[str]) -> str:
    """What to look for among classes of bytes to find where any of some shapes ends.

    A match ends one byte behind the value, or two where a point or hyphen stands there: the guards of numbers, without
    looking around. No class is 8; that a digit is 9 or 8 keeps Hyperscan from looking for `9999`, which is everywhere
    in numbers, instead of running one automaton.
    """
    by_edge: dict[str, set[str]] = {"9": set(), "A": set(), "": set()}
    for shape in shapes:
        by_edge[_edge(shape[0])].add(shape + _END[_edge(shape[-1])])
    return "|".join(_BEFORE[edge] + _in_full(_trie(sorted(some))) for edge, some in by_edge.items() if some)


def _edge(sign: str) -> str:
    """9 for a digit, A for any letter, nothing for what goes on no word."""
    return "A" if sign == "a" else sign if sign in _CLASSES else ""


def _in_full(trie: str) -> str:
    for end, behind in _BEHIND.items():
        trie = trie.replace(end, behind)
    return trie.replace("9", "[98]").replace("\0", "9")


def _trie(shapes: Sequence[str]) -> str:
    """One expression for all, in which what they begin with stands once."""
    tails: dict[str, list[str]] = {}
    for shape in filter(None, shapes):
        tails.setdefault(shape[0], []).append(shape[1:])
    body = "|".join(re.escape(first) + _trie(rest) for first, rest in tails.items())
    return f"(?:{body})" if len(tails) > 1 else body
