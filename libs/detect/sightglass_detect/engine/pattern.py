"""Regular expressions of detectors: what they may hold, how wide they are, what may stand next to a match."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final

from sightglass_detect.detector import Form

# The standard library's own reading of a pattern: there is no public way to ask for its width.
_parser: Any = import_module("re._parser")

# A block of a stream carries over as much as the widest match, so there is an end to it.
MAX_WIDTH: Final = 16_384
# How far a guard below looks beside a match, rounded up.
GUARD: Final = 8

_ALL: Final = frozenset(range(256))
_DIGITS: Final = frozenset(b"0123456789")
WORD: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")

_NOT_IN_BOTH: Final = re.compile(r"\(\?(?:<?[=!]|P=|\(|>)|\\[1-9AZz]|[*+?}]\+|\{,")
# A word does not go on beside a match; nor does a number by a point, hyphen or slash (0.4111, 12-536-90-4399), nor a
# UUID. Behind it a slash may stand: `10.0.0.0/8`, or a card's number with its date.
#
# Each guard is a part about words and one about numbers: what it asks where a match begins or ends with any byte, and
# where that is known to be a byte of a word, or a digit.
_LEFT: Final = (r"(?:(?!\w)|(?<!\w))", r"(?:(?!\d)|(?<!\d[-./])(?<![0-9A-Fa-f]{4}-))")
_LEFT_OF: Final = (r"(?<!\w)", r"(?<!\d[-./])(?<![0-9A-Fa-f]{4}-)")
_RIGHT: Final = (r"(?:(?<!\w)|(?!\w))", r"(?:(?<!\d)|(?![-.]\d)(?!-[0-9A-Fa-f]{4}))")
_RIGHT_OF: Final = (r"(?!\w)", r"(?![-.]\d)(?!-[0-9A-Fa-f]{4})")


class UnusablePattern(ValueError):
    """A pattern is no regular expression, or holds what one of the two engines cannot do."""


@cache
def parsed(pattern: str) -> Any:
    """The standard library's reading of a pattern. Raises re.error, OverflowError or RecursionError."""
    return _parser.parse(pattern.encode())


@cache
def widths(pattern: str) -> tuple[int, int]:
    """The least and the most bytes that a match has. Raises UnusablePattern."""
    if _NOT_IN_BOTH.search(re.sub(r"\\\\|\[[^]]*\]", "", pattern)):
        message = f"{pattern!r} looks around, looks back or is possessive"
        raise UnusablePattern(message)
    try:
        least, most = parsed(pattern).getwidth()
    except (re.error, OverflowError, RecursionError) as error:
        message = f"{pattern!r} is no regular expression: {error}"
        raise UnusablePattern(message) from error
    if most > MAX_WIDTH or most < 1:
        message = f"{pattern!r} has no bound of at most {MAX_WIDTH} bytes, or matches nothing"
        raise UnusablePattern(message)
    return int(least), int(most)


def compiled(form: Form) -> re.Pattern[bytes]:
    """The expression of a form with its guards, to be searched for."""
    flags, body = split_flags(form.pattern)
    if form.bounded:
        left = _guard(edge_of(form.pattern, 0), _LEFT, _LEFT_OF)
        body = f"{left}(?:{body}){_guard(edge_of(form.pattern, -1), _RIGHT, _RIGHT_OF)}"
    return re.compile((flags + body).encode())


def _guard(edge: frozenset[int], of_any: tuple[str, str], of_known: tuple[str, str]) -> str:
    """What is asked beside a match. Of what is known nothing is asked again: a guard is most of an expression."""
    word, number = (
        known if edge <= some else full for full, known, some in zip(of_any, of_known, (WORD, _DIGITS), strict=True)
    )
    return word + number if edge & _DIGITS else word


def edge_of(pattern: str, edge: int) -> frozenset[int]:
    """The bytes that a match may begin with (edge 0), or end with (-1); all where that is not simple to tell."""
    return _edge_of(parsed(pattern), edge)


def _edge_of(nodes: Any, edge: int) -> frozenset[int]:
    if len(nodes) == 0:
        return _ALL
    kind, value = str(nodes[edge][0]), nodes[edge][1]
    if kind == "LITERAL":
        return frozenset((int(value),))
    if kind == "IN":
        return bytes_of_set(value)
    if kind == "SUBPATTERN":
        return _edge_of(value[-1], edge)
    if kind == "BRANCH":
        return frozenset[int]().union(*(_edge_of(branch, edge) for branch in value[1]))
    return _edge_of(value[2], edge) if kind == "MAX_REPEAT" and value[0] > 0 else _ALL


@cache
def unguarded(pattern: str) -> re.Pattern[bytes]:
    """A pattern without guards: it matches where that of the form does, and is quick to say that it does not.

    What begins with a set of bytes is looked for by that; what begins with a guard is tried at each byte.
    """
    return re.compile(pattern.encode())


def split_flags(pattern: str) -> tuple[str, str]:
    """Global flags, which must come first, and the rest."""
    flags = re.match(r"(?:\(\?[aims]+\))?", pattern)
    length = flags.end() if flags else 0
    return pattern[:length], pattern[length:]


def by_lines(pattern: str) -> str:
    """The pattern with its anchors at lines: a text comes in pieces, so that where it begins and ends is by chance."""
    flags, body = split_flags(pattern)
    if not is_anchored(pattern) or "m" in flags:
        return pattern
    return f"(?{flags[2:-1]}m){body}"


def cut_short(pattern: str) -> str:
    """A pattern that is found where `pattern` is, but ends as soon as it may: a last repeat is taken at its least."""
    return re.sub(r"(?<!\\)\{(\d+),\d*\}\??$", r"{\1}", pattern)


def has_repeat_in_repeat(pattern: str) -> bool:
    """Whether a repeat holds a repeat of varying length, or a choice: there may be many ways to match the same."""
    return _ambiguous(parsed(pattern), within=False)


def _ambiguous(nodes: Any, *, within: bool) -> bool:
    for node in nodes:
        kind, value = str(node[0]), node[1]
        if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
            if (within and value[0] != value[1]) or _ambiguous(value[2], within=within or value[1] > 1):
                return True
        elif kind == "SUBPATTERN":
            if _ambiguous(value[-1], within=within):
                return True
        elif kind == "BRANCH" and (within or any(_ambiguous(branch, within=within) for branch in value[1])):
            return True
    return False


def is_anchored(pattern: str) -> bool:
    """Whether a match has to stand where the text, or a line of it, begins or ends."""
    return _anchored(parsed(pattern))


def _anchored(nodes: Any) -> bool:
    return any(_is_anchor(node) or any(map(_anchored, inner(node))) for node in nodes)


def _is_anchor(node: Any) -> bool:
    return str(node[0]) == "AT" and "BOUNDARY" not in str(node[1])


def inner(node: Any) -> Sequence[Any]:
    """What a node of a pattern is made of: runs of nodes, of which a choice has several."""
    kind, value = str(node[0]), node[1]
    if kind == "SUBPATTERN":
        return [value[-1]]
    if kind == "BRANCH":
        return value[1]
    return [value[2]] if kind in {"MAX_REPEAT", "MIN_REPEAT"} else []


def bytes_of_set(items: Any) -> frozenset[int]:
    """The bytes of a set in square brackets, as the parser gives it."""
    found: set[int] = set()
    negated = False
    for kind, value in ((str(item[0]), item[1]) for item in items):
        if kind == "LITERAL":
            found.add(value)
        elif kind == "RANGE":
            found |= set(range(value[0], value[1] + 1))
        elif kind == "NEGATE":
            negated = True
        else:
            return _ALL
    return _ALL - found if negated else frozenset(found)


def is_digit(node: Any) -> bool:
    """Whether a node of a pattern is a digit whatever it matches."""
    kind, value = str(node[0]), node[1]
    return (kind == "LITERAL" and value in _DIGITS) or (kind == "IN" and all(_is_digits(item) for item in value))


def _is_digits(item: Any) -> bool:
    kind, value = str(item[0]), item[1]
    if kind == "LITERAL":
        return value in _DIGITS
    return kind == "RANGE" and value[0] >= min(_DIGITS) and value[1] <= max(_DIGITS)
