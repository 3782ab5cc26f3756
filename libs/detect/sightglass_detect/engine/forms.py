"""Patterns as they are of classes of bytes: what `classes_of` gives of whatever a pattern matches, they match."""

import re
from typing import Any

from sightglass_detect.engine.pattern import bytes_of_set, inner, parsed
from sightglass_detect.shapes import classes_of


def form_of(pattern: str) -> re.Pattern[bytes]:
    """The form of a pattern. It matches classes of other values too: a year's of any four digits."""
    tree = parsed(pattern)
    flags = "(?is)" if tree.state.flags & re.IGNORECASE else "(?s)"
    return re.compile(flags.encode() + _form(tree))


def _form(nodes: Any) -> bytes:
    return b"".join(map(_form_of, nodes))


def _form_of(node: Any) -> bytes:
    kind, value = str(node[0]), node[1]
    parts = [_form(part) for part in inner(node)]
    match kind:
        case "LITERAL":
            form = re.escape(classes_of(bytes((value,))))
        case "IN":
            classes = {classes_of(bytes((byte,))) for byte in bytes_of_set(value)}
            form = b"[%s]" % b"".join(map(re.escape, sorted(classes)))
        case "BRANCH":
            form = b"(?:%s)" % b"|".join(parts)
        case "MAX_REPEAT" | "MIN_REPEAT":
            form = b"(?:%s){%d,%d}" % (parts[0], *map(int, value[:2]))
        case "AT":
            form = b""
        case "SUBPATTERN" if not (value[1] or value[2]):
            form = b"(?:%s)" % parts[0]
        case _:
            form = b".*"
    return form
