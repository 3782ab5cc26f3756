"""An answer as visitors of a page may see it: what is said, and where it stands; not how it was found or made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sightglass_api.conversations.following import Following
from sightglass_api.conversations.queries import EventRow

# By kinds of pieces, what is told of each.
_TOLD: Final = {
    "delta": ("text",),
    "citation": ("n", "title", "locator", "snippet", "start_us", "end_us", "thumbnail", "deleted"),
    "reset": (),
    "done": ("answered",),
    "error": ("code", "retryable"),
}


class VisitorsFollowing(Following):
    """One turn as a visitor follows it. Pieces keep their numbers."""

    async def look(self) -> list[EventRow]:
        """The pieces behind the last one that are for visitors. Raises TurnNotFound, Unauthenticated."""
        return [replace(row, data=_told(row)) for row in await super().look() if row.kind in _TOLD]


def _told(row: EventRow) -> Mapping[str, Any]:
    return {name: row.data[name] for name in _TOLD[row.kind] if name in row.data}
