"""An answer as server-sent events."""

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from sightglass_api.conversations.following import Following
from sightglass_api.conversations.queries import EventRow

_RECONNECT_MS: Final = 1000


def known_of(last_event_id: str | None) -> int:
    """The number of the last piece that a client has, by the `Last-Event-ID` that it sent; of no number, none."""
    known = last_event_id or ""
    return int(known) if known.isascii() and known.isdigit() else 0


async def as_events(following: Following, first: Sequence[EventRow]) -> AsyncGenerator[str]:
    """The events of an answer, with a comment where it is quiet; the client comes back where it ends too soon."""
    yield f"retry: {_RECONNECT_MS}\n\n"
    async for some in following.pieces(first):
        yield "".join(_event(row) for row in some) or ": still here\n\n"


def _event(row: EventRow) -> str:
    """JSON in ASCII has no line breaks in it."""
    return f"id: {row.number}\nevent: {row.kind}\ndata: {json.dumps(row.data, separators=(',', ':'))}\n\n"
