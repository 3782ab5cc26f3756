"""Where in an object something stands, in words. Pure."""

import re
from collections.abc import Mapping
from string import Formatter
from typing import Any, Final, cast

# How a place is told: the first whose names are all known says the most.
_PLACES: Final = (
    "{sheet}!{cell}",
    "{cell}",
    "{table}, row {row}, {field}",
    "line {line}, {path}",
    "page {page}, line {line}",
    "page {page}",
    "paragraph {paragraph}",
    "line {line}, column {column}",
    "line {line}",
    "row {row}",
    "header {header}",
)
_SEVERAL: Final = re.compile(r"\b(line|row|page|paragraph) (?=\d+-\d)")


def place_of(locator: Mapping[str, Any]) -> str:
    """The words for a place; which, depends on the object's format. Empty where nothing is known.

    A place that goes on is `{"from": ..., "to": ...}` in what it differs; `heading` is a list of what it stands under.
    """
    if locator.get("kind") == "video":
        return f"{_clock(locator['start_us'])}-{_clock(locator['end_us'])}"
    if locator.get("kind") == "screen":
        return f"{locator['start_us'] / 1_000_000:.3f} s"
    if locator.get("kind") == "image":
        left, top = (round(100 * share) for share in locator["box"][:2])
        return f"{left} % from the left, {top} % from the top"
    told = {name: _told(value) for name, value in locator.items() if value is not None}
    if isinstance(locator.get("line"), Mapping):
        told.pop("column", None)  # of its first line alone it says nothing
    words = next((wording.format_map(told) for wording in _PLACES if _names(wording) <= told.keys()), "")
    words = _SEVERAL.sub(r"\1s ", words)
    under = " > ".join(locator.get("heading") or ())
    return ": ".join(filter(None, (told.get("member"), ", ".join(filter(None, (words, under))))))


def _clock(us: int) -> str:
    """12 seconds as "0:12", and from an hour on "1:00:12"."""
    minutes, seconds = divmod(us // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _told(value: object) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    ends = cast("Mapping[str, object]", value)
    return f"{ends.get('from')}-{ends.get('to')}"


def _names(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name}
