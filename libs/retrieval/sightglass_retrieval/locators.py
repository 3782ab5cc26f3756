"""The place of a segment that comes from several passages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

_FROM: Final = "from"
_TO: Final = "to"
_TIMES: Final = ("start_us", "end_us")


def merged(locators: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """A locator of passages that follow one another, from the first's begin to the last's end.

    What the first and the last say alike stays as it is. `offset` and `length` span both. What else both say, and not
    alike, is `{"from": ..., "to": ...}`. What only one says is left out, as it is not true of all.

    Of passages of a film, each of which is a line: from the earliest `start_us` to the latest `end_us`, `box` around
    all, and `lines` with time and box of each.
    """
    first, last = locators[0], locators[-1]
    whole = dict(first) if len(locators) == 1 else _spanning(first, last)
    return whole | _of_film(locators) if all(name in one for one in locators for name in _TIMES) else whole


def _spanning(first: Mapping[str, object], last: Mapping[str, object]) -> dict[str, object]:
    whole: dict[str, object] = {}
    for name in first:
        if name in last:
            whole[name] = _of_both(first[name], last[name])
    if isinstance(length := _length(first, last), int):
        whole["offset"], whole["length"] = first["offset"], length
    return whole


def _of_film(locators: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    lines = [{name: one[name] for name in (*_TIMES, "box") if name in one} for one in locators]
    of_film: dict[str, object] = {
        "start_us": min(one["start_us"] for one in lines),
        "end_us": max(one["end_us"] for one in lines),
        "lines": lines,
    }
    if boxes := [one["box"] for one in lines if "box" in one]:
        of_film["box"] = around(boxes)
    return of_film


def around(boxes: Sequence[Sequence[float]]) -> list[float]:
    """The box around some, each x, y, width, height."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return [round(part, 4) for part in (left, top, right - left, bottom - top)]


def _of_both(first: object, last: object) -> object:
    if first == last:
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
