"""A finding's place, in words."""

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

# The first whose names are all known says the most.
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
)


def place_of(locator: Mapping[str, Any]) -> str:
    """Where in the object; empty when nothing is known."""
    if locator.get("kind") == "screen":
        return f"{locator['start_us'] / 1_000_000:.3f} s"
    if locator.get("kind") == "image":
        left, top = (round(100 * share) for share in locator["box"][:2])
        return f"{left} % from the left, {top} % from the top"
    words = next((w.format_map(locator) for w in _PLACES if all(locator.get(n) is not None for n in _names(w))), "")
    return ": ".join(filter(None, (str(locator.get("member") or ""), words)))


def _names(wording: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(wording) if name]
