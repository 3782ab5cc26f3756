"""A conversation as a file: its turns in their order, some at a time, as JSON Lines or as Markdown."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sightglass_api.auth import Tenant
from sightglass_api.conversations import markdown, queries
from sightglass_api.conversations.presenting import conversation_of, turn_of
from sightglass_api.conversations.queries import TurnRow
from sightglass_api.conversations.schemas import Conversation, Turn
from sightglass_api.exports.writers import NDJSON
from sightglass_api.tenants.queries import key_is_valid
from sightglass_common.errors import DependencyUnavailable, Unauthenticated

_AT_ONCE: Final = 100


class Format(StrEnum):
    """As what."""

    JSONL = "jsonl"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class Form:
    """How a format is written. head: what stands before all turns."""

    media_type: str
    head: Callable[[Conversation], str]
    turn: Callable[[Turn], str]


FORMS: Final[Mapping[Format, Form]] = {
    Format.JSONL: Form(NDJSON, lambda one: one.model_dump_json() + "\n", lambda one: one.model_dump_json() + "\n"),
    Format.MARKDOWN: Form("text/markdown; charset=utf-8", markdown.head, markdown.turn),
}


async def pieces(tenant: Tenant, conversation_id: UUID, form: Form) -> AsyncGenerator[bytes]:
    """The file, piece by piece; no connection is held in between.

    Raises ConversationNotFound, also when it is deleted on the way; Unauthenticated when the key ends, and
    DependencyUnavailable when the service is to stop: what was sent is not whole then, and must not look so.
    """
    conversation, rows = await _some(tenant, conversation_id, None)
    yield form.head(conversation).encode()
    while rows:
        yield "".join(form.turn(turn_of(row, row.citations)) for row in rows).encode()
        if tenant.context.stopping.is_set():
            raise DependencyUnavailable("The service is about to stop.")
        _, rows = await _some(tenant, conversation_id, rows[-1].turn_id)


async def _some(tenant: Tenant, conversation_id: UUID, after: UUID | None) -> tuple[Conversation, Sequence[TurnRow]]:
    key_id = tenant.caller.key_id
    async with tenant.transaction() as db:
        if not await key_is_valid(db, key_id):
            raise Unauthenticated
        row = await queries.conversation(db, key_id, conversation_id)
        return conversation_of(row), await queries.turns(db, key_id, conversation_id, after=after, limit=_AT_ONCE)
