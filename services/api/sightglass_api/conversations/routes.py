"""Conversations: questions, answers as they come, and what was said."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, Tenant
from sightglass_api.bots import queries as bots
from sightglass_api.conversations import queries
from sightglass_api.conversations.asking import begin, put
from sightglass_api.conversations.exporting import FORMS, Format, pieces
from sightglass_api.conversations.following import Following
from sightglass_api.conversations.pictures import with_pictures
from sightglass_api.conversations.presenting import conversation_of, turn_of
from sightglass_api.conversations.queries import EventRow, TurnRow
from sightglass_api.conversations.schemas import (
    AskedTurn,
    Conversation,
    ConversationChanges,
    NewConversation,
    NewTurn,
    Turn,
)
from sightglass_api.conversations.streaming import as_events, known_of
from sightglass_api.exports.streaming import ExportResponse
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.search.asking import as_stored
from sightglass_common import jobs
from sightglass_common.announcing_queries import announce_turn
from sightglass_common.dataset_errors import (
    BotNotFound,
    ConversationNotFound,
    DatasetNotFound,
    QuotaSpent,
    TurnNotFound,
)
from sightglass_common.db import Db
from sightglass_common.errors import InvalidCursor, JobNotCancellable, RateLimited

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])

_STREAM: Final = "text/event-stream"
LastEventId = Annotated[str | None, Header(max_length=20)]


@router.post("", status_code=201, **guarded(Permission.ASK, DatasetNotFound, BotNotFound, RateLimited, body=True))
async def create_conversation(new: NewConversation, tenant: CallersTenant, response: Response) -> Conversation:
    """Begin a conversation. It is the caller's key's alone."""
    title = await as_stored(tenant, new.title)
    async with tenant.transaction() as db:
        about = new.dataset_ids if new.bot_id is None else await bots.bot(db, new.bot_id)
        row = await begin(db, tenant, title, about)
    response.headers["Location"] = f"/v1/conversations/{row.conversation_id}"
    return conversation_of(row)


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_conversations(
    tenant: CallersTenant, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Conversation]:
    """The conversations of the caller's key, the newest first."""
    before = cursors.decode_id("conversations", cursor)
    async with tenant.transaction() as db:
        rows = await queries.conversations(db, tenant.caller.key_id, before=before, limit=limit + 1)
    found = [conversation_of(row) for row in rows]
    return cursors.page("conversations", found, limit, lambda one: str(one.conversation_id))


@router.get("/{conversation_id}", **guarded(Permission.READ, ConversationNotFound))
async def get_conversation(conversation_id: UUID, tenant: CallersTenant) -> Conversation:
    """One conversation."""
    async with tenant.transaction() as db:
        return conversation_of(await queries.conversation(db, tenant.caller.key_id, conversation_id))


@router.patch("/{conversation_id}", **guarded(Permission.ASK, ConversationNotFound, RateLimited, body=True))
async def change_conversation(
    conversation_id: UUID, changes: ConversationChanges, tenant: CallersTenant
) -> Conversation:
    """Give a conversation another title."""
    title = await as_stored(tenant, changes.title)
    async with tenant.transaction() as db:
        await queries.rename(db, tenant.caller.key_id, conversation_id, title)
        return conversation_of(await queries.conversation(db, tenant.caller.key_id, conversation_id))


@router.get(
    "/{conversation_id}/export",
    response_class=StreamingResponse,
    **guarded(Permission.READ, ConversationNotFound, filters=("format",)),
)
async def export_conversation(
    conversation_id: UUID, tenant: CallersTenant, asked: Annotated[Format, Query(alias="format")] = Format.JSONL
) -> ExportResponse:
    """All that was said, with citations, as a file: `jsonl`, the conversation and then each turn a line, or `md`.

    It is whole when the transfer ends as HTTP says it must. Pictures of scenes are left out: links to them end.
    """
    form = FORMS[asked]
    found = pieces(tenant, conversation_id, form)
    name = f"conversation-{conversation_id}.{asked}"
    return await ExportResponse.of(found, media_type=form.media_type, filename=name)


@router.delete("/{conversation_id}", status_code=204, **guarded(Permission.ASK, ConversationNotFound))
async def delete_conversation(conversation_id: UUID, tenant: CallersTenant) -> None:
    """Remove a conversation with all that was said in it; what is being answered is cancelled."""
    async with tenant.transaction() as db:
        await queries.conversation(db, tenant.caller.key_id, conversation_id)
        for job_id in await queries.unfinished_jobs(db, conversation_id):
            await jobs.request_cancel(db, job_id)
        await queries.delete(db, tenant.caller.key_id, conversation_id)


@router.post(
    "/{conversation_id}/turns",
    status_code=202,
    response_model=AskedTurn,
    **guarded(Permission.ASK, ConversationNotFound, BotNotFound, RateLimited, QuotaSpent, body=True),
)
async def ask(
    conversation_id: UUID, new: NewTurn, tenant: CallersTenant, accept: Annotated[str, Header()] = ""
) -> Response:
    """Ask a question. `Location` names the turn; with `Accept: text/event-stream` the answer comes in this one."""
    question = await as_stored(tenant, new.question)
    async with tenant.transaction() as db:
        asked = await put(db, tenant, conversation_id, question)
    tenant.context.hint.ring()
    headers = {"Location": f"/v1/conversations/{conversation_id}/turns/{asked.turn_id}"}
    if _STREAM in accept:
        return _streamed(Following(tenant, conversation_id, asked.turn_id), [], headers)
    return JSONResponse(asked.model_dump(mode="json"), status_code=202, headers=headers)


@router.get("/{conversation_id}/turns", **guarded(Permission.READ, ConversationNotFound, InvalidCursor))
async def list_turns(
    conversation_id: UUID, tenant: CallersTenant, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Turn]:
    """What was asked and answered, in its order."""
    key_id, listing = tenant.caller.key_id, f"turns {conversation_id}"
    after = cursors.decode_id(listing, cursor)
    async with tenant.transaction() as db:
        await queries.conversation(db, key_id, conversation_id)
        rows = await queries.turns(db, key_id, conversation_id, after=after, limit=limit + 1)
        turns = [await _turn(db, tenant, row) for row in rows]
    return cursors.page(listing, turns, limit, lambda one: str(one.turn_id))


@router.get("/{conversation_id}/turns/{turn_id}", **guarded(Permission.READ, TurnNotFound))
async def get_turn(conversation_id: UUID, turn_id: UUID, tenant: CallersTenant) -> Turn:
    """One question and what was answered."""
    async with tenant.transaction() as db:
        return await _turn(db, tenant, await queries.turn(db, tenant.caller.key_id, conversation_id, turn_id))


@router.post(
    "/{conversation_id}/turns/{turn_id}/cancel",
    status_code=202,
    **guarded(Permission.ASK, TurnNotFound, JobNotCancellable),
)
async def cancel_turn(conversation_id: UUID, turn_id: UUID, tenant: CallersTenant) -> Turn:
    """Stop an answer that is on its way."""
    key_id = tenant.caller.key_id
    async with tenant.transaction() as db:
        row = await queries.turn(db, key_id, conversation_id, turn_id)
        await jobs.request_cancel(db, row.job_id)
        await announce_turn(db, turn_id)
        return await _turn(db, tenant, await queries.turn(db, key_id, conversation_id, turn_id))


@router.get(
    "/{conversation_id}/turns/{turn_id}/events",
    response_class=StreamingResponse,
    **guarded(Permission.READ, TurnNotFound),
)
async def follow_turn(
    conversation_id: UUID, turn_id: UUID, tenant: CallersTenant, last_event_id: LastEventId = None
) -> Response:
    """An answer as server-sent events: `retrieval`, `delta`, `citation`, `usage`, then `done` or `error`.

    `Last-Event-ID` leaves out what is known, also after a restart of ours; 204 says that nothing will follow.
    """
    following = Following(tenant, conversation_id, turn_id, known=known_of(last_event_id))
    first = await following.look()
    if not first and following.over:
        return Response(status_code=204)
    return _streamed(following, first, {})


async def _turn(db: Db, tenant: Tenant, row: TurnRow) -> Turn:
    return turn_of(row, await with_pictures(db, tenant, row.citations))


def _streamed(following: Following, first: list[EventRow], headers: dict[str, Any]) -> StreamingResponse:
    # A proxy must pass events on as they come.
    return StreamingResponse(
        as_events(following, first), media_type=_STREAM, headers={"X-Accel-Buffering": "no"} | headers
    )
