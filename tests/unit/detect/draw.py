"""Random values of a form: of a shape, or of a regular expression in the bounded subset that detectors use."""

import random
from functools import cache
from importlib import import_module
from typing import Any, Final

from sightglass_detect.detector import Form

_parser: Any = import_module("re._parser")
_CLASSES: Final = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}
_PRINTABLE: Final = range(33, 127)
_SPACES: Final = b" \n"


def drawn(rng: random.Random, form: Form) -> bytes:
    """A value of a form, each character of its class equally likely."""
    if form.shape is not None:
        return "".join(rng.choice(_CLASSES.get(c, c)) for c in form.shape).encode()
    return _of_nodes(rng, _parsed(form.pattern))


@cache
def _parsed(pattern: str) -> Any:
    return _parser.parse(pattern.encode())


def _of_nodes(rng: random.Random, nodes: Any) -> bytes:
    return b"".join(_of_node(rng, str(name), argument) for name, argument in nodes)


def _of_node(rng: random.Random, name: str, argument: Any) -> bytes:
    match name:
        case "LITERAL":
            return bytes([argument])
        case "IN":
            return bytes([rng.choice(_members(argument))])
        case "BRANCH":
            return _of_nodes(rng, rng.choice(argument[1]))
        case "SUBPATTERN":
            return _of_nodes(rng, argument[-1])
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = argument
            return b"".join(_of_nodes(rng, inner) for _ in range(rng.randint(least, min(most, least + 40))))
        case _:
            message = f"nothing can be drawn of {name}"
            raise NotImplementedError(message)


def _members(items: Any) -> list[int]:
    found: list[int] = []
    for name, argument in items:
        match str(name):
            case "NEGATE":
                refused = set(_members(items[1:]))
                return [c for c in _PRINTABLE if c not in refused]
            case "LITERAL":
                found.append(argument)
            case "RANGE":
                found.extend(range(argument[0], argument[1] + 1))
            case _:
                found.extend(_SPACES)
    return found
