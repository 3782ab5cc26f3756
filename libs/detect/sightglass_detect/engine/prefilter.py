"""What to look for in place of a pattern: something that stands wherever it matches, and is quick to find."""

import re
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any, Final

from sightglass_detect.detector import Form
from sightglass_detect.engine.pattern import WORD, cut_short, edge_of, inner, is_digit, parsed, split_flags, widths
from sightglass_detect.shapes import TABLE

# Above this a pattern is not looked for as a whole.
_WHOLE_WIDTH: Final = 128
# So many shapes take the place of one pattern at most.
_SHAPES: Final = 128
# So many bytes in a row make a literal that is not everywhere.
RARE: Final = 3
# A byte or a set of bytes, in so many places.
_ATOM: Final = r"(?:[^\\\[\](){}.*+?|^$]|\\[^0-9A-Za-z]|\[(?:\\.|[^\]\\])+\])"
_HEAD: Final = re.compile(rf"(?:{_ATOM}(?:\{{[0-9]+\}})?(?![*+?{{]))*(?:{_ATOM}\{{[0-9]+(?=,[0-9]*\}}))?")
_ZERO: Final = r"[0\x01-\x08]"
_NO_WORD: Final = "[^0-9A-Za-z_]"
_CLASSES: Final = TABLE.decode("latin-1")


def fenced(form: Form) -> tuple[str, int, int]:
    """What to look for in place of a pattern, and how far before the end of that a match starts.

    It says what the guards can say without looking around. The distances are the least and the most, in bytes.
    """
    flags, body = split_flags(form.pattern)
    head = _head(body)
    if head and rare_bytes(head) >= RARE:
        width = widths(flags + head)[0]
        return flags + fenced_core(form, head), width, width
    least, most = widths(form.pattern)
    left = _NO_WORD if form.bounded and _is_word(form.pattern, 0) else ""
    if most > _WHOLE_WIDTH or not (form.bounded and _is_word(form.pattern, -1)):
        cut = cut_short(body)
        least, most = widths(flags + cut)
        return f"{flags}{left}(?:{cut})", least, most
    return f"{flags}{left}(?:{body}){_NO_WORD}", least + 1, most + 1


def _head(body: str) -> str:
    """What a pattern begins with, as far as it is of fixed width; empty for a choice of several."""
    depth = 0
    for sign in re.sub(rf"\\\\.|{_ATOM}", "", body):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            return ""
    found = _HEAD.match(body)
    head = found[0] if found else ""
    return head + "}" if head.count("{") > head.count("}") else head


def fenced_core(form: Form, core: str) -> str:
    """A core with which matches begin, and what may stand before it."""
    core = _without_zero(core)
    return f"{_NO_WORD}{core}" if form.lead == 0 and form.bounded and _is_word(form.pattern, 0) else core


def _without_zero(body: str) -> str:
    """A pattern without a zero that it begins with, which Hyperscan would look for together with each digit behind it.

    In its place stands a set that holds bytes that are in no text too, and is not taken apart.
    """
    return _ZERO + body[1:] if body.startswith("0[") else body


@cache
def rare_bytes(pattern: str) -> int:
    """How many bytes in a row stand in every match as they are, at least."""
    return _row(parsed(pattern), _is_literal)[0]


def digits_in_row(pattern: str) -> int:
    """How many digits in a row stand in every match, at least."""
    return _row(parsed(pattern), is_digit)[0]


def digits_in(pattern: str) -> int:
    """How many digits stand in every match, in a row or not, at least."""
    return _digits(parsed(pattern))


def _digits(nodes: Any) -> int:
    return sum(map(_digits_in, nodes))


def _digits_in(node: Any) -> int:
    kind, value = str(node[0]), node[1]
    if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
        return int(value[0]) * _digits(value[2])
    each = [_digits(part) for part in inner(node)]
    return min(each, default=int(is_digit(node)))


def literal_in(pattern: str) -> bytes:
    """A byte that stands in every match, and is neither letter nor digit; empty when there is none."""
    return _sign_in(parsed(pattern))


def _sign_in(nodes: Any) -> bytes:
    for node in nodes:
        kind, value = str(node[0]), node[1]
        if kind == "LITERAL" and value not in WORD:
            return bytes((value,))
        if kind == "SUBPATTERN" and (found := _sign_in(value[-1])):
            return found
        if kind == "MAX_REPEAT" and value[0] > 0 and (found := _sign_in(value[2])):
            return found
    return b""


def _is_literal(node: Any) -> bool:
    return str(node[0]) == "LITERAL"


def _row(nodes: Any, counts: Callable[[Any], bool]) -> tuple[int, bool]:
    """The longest run of what counts, and whether all there is, is one."""
    best = run = 0
    whole = True
    for node in nodes:
        inner, all_of_it = _row_in(node, counts)
        run = run + inner if all_of_it else 0
        best, whole = max(best, run, inner), whole and all_of_it
    return best, whole


def _row_in(node: Any, counts: Callable[[Any], bool]) -> tuple[int, bool]:
    kind, value = str(node[0]), node[1]
    if counts(node):
        return 1, True
    if kind == "SUBPATTERN":
        return _row(value[-1], counts)
    if kind == "BRANCH":
        each = [_row(branch, counts) for branch in value[1]]
        return min(length for length, _ in each), all(whole for _, whole in each)
    if kind == "MAX_REPEAT" and value[0] > 0:
        length, whole = _row(value[2], counts)
        same = whole and value[0] == value[1]
        return (length * int(value[0]) if whole else length), same
    return 0, False


def _is_word(pattern: str, edge: int) -> bool:
    """Whether what a pattern begins with (edge 0), or ends with (-1), is a byte of words whatever it matches."""
    return edge_of(pattern, edge) <= WORD


def shapes_of(pattern: str) -> list[str]:
    """All shapes that a match of a pattern can have.

    None when there are more than a few, or it is not that simple, or one says less than the pattern does: a run of
    digits and no more, or no digit at all.
    """
    found = _shapes(parsed(pattern)) or []
    tells = all("9" in shape and shape.strip("9") for shape in found)
    return sorted(set(found)) if tells else []


def _shapes(nodes: Any) -> list[str] | None:
    found = [""]
    for node in nodes:
        inner = _shapes_in(node)
        if inner is None or len(found) * len(inner) > _SHAPES:
            return None
        found = [a + b for a, b in product(found, inner)]
    return found


def _shapes_in(node: Any) -> list[str] | None:
    kind, value = str(node[0]), node[1]
    if kind == "LITERAL":
        return [_CLASSES[value]]
    if kind == "IN":
        return _shapes_of_set(value)
    if kind == "SUBPATTERN":
        return _shapes(value[-1])
    if kind == "BRANCH":
        each = [_shapes(branch) for branch in value[1]]
        return None if None in each else [shape for shapes in each for shape in shapes or ()]
    if kind == "MAX_REPEAT" and value[1] <= _WHOLE_WIDTH:
        each = [_shapes(list(value[2]) * times) for times in range(value[0], value[1] + 1)]
        return None if None in each else [shape for shapes in each for shape in shapes or ()]
    return None


def _shapes_of_set(items: Any) -> list[str] | None:
    found: set[str] = set()
    for item in items:
        kind, value = str(item[0]), item[1]
        if kind not in {"LITERAL", "RANGE"}:
            return None
        low, high = (value, value) if kind == "LITERAL" else value
        found |= set(_CLASSES[low : high + 1])
    return sorted(found)
