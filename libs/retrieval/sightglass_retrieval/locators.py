"""The place of a segment that comes from several passages."""

from collections.abc import Mapping
from typing import Any, Final, cast

_FROM: Final = "from"
_TO: Final = "to"


def merged(first: Mapping[str, object], last: Mapping[str, object]) -> dict[str, object]:
    """A locator from the first passage's begin to the last's end.

    What both say alike stays as it is. `start_us` is the first's, `end_us` the last's; `offset` and `length` span both.
    What else both say, and not alike, is `{"from": ..., "to": ...}`. What only one says is left out, as it is
    not true of all.
    """
    whole: dict[str, object] = {}
    for name in first:
        if name in last:
            whole[name] = _of_both(name, first[name], last[name])
    if isinstance(length := _length(first, last), int):
        whole["offset"], whole["length"] = first["offset"], length
    return whole


def _of_both(name: str, first: object, last: object) -> object:
    if name.startswith("start_"):
        return first
    if first == last or name.startswith("end_"):
        return last
    return {_FROM: _side(first, _FROM), _TO: _side(last, _TO)}


def _side(value: object, side: str) -> object:
    """Of what is a range already, its own begin or end."""
    if not isinstance(value, Mapping):
        return value
    parts = cast("Mapping[str, object]", value)
    return parts[side] if set(parts) == {_FROM, _TO} else parts


def _length(first: Mapping[str, Any], last: Mapping[str, Any]) -> int | None:
    """Bytes from the first's offset to the last's end; None unless both have offset and length."""
    numbers = (first.get("offset"), first.get("length"), last.get("offset"), last.get("length"))
    if not all(isinstance(number, int) for number in numbers):
        return None
    return last["offset"] + last["length"] - first["offset"]
