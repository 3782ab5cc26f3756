"""An answer as visitors of a page may see it: what is said, and where it stands; not how it was found or made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sightglass_api.conversations.following import Following
from sightglass_api.conversations.queries import EventRow

_KINDS: Final = frozenset({"delta", "citation", "reset", "done", "error"})
_OF_A_CITATION: Final = ("n", "title", "locator", "snippet", "start_us", "end_us", "thumbnail", "deleted")


class VisitorsFollowing(Following):
    """One turn as a visitor follows it. Pieces keep their numbers."""

    async def look(self) -> list[EventRow]:
        """The pieces behind the last one that are for visitors. Raises TurnNotFound, Unauthenticated."""
        return [replace(row, data=_shown(row)) for row in await super().look() if row.kind in _KINDS]


def _shown(row: EventRow) -> Mapping[str, Any]:
    if row.kind != "citation":
        return row.data
    return {name: row.data[name] for name in _OF_A_CITATION if name in row.data}
