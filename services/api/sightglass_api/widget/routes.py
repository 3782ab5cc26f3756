"""What visitors of a page may do: see a bot's greeting, begin a conversation, ask in it, follow and cancel.

The key stands in the address, as a browser asks beforehand whether a page may call, without any header of ours.
"""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from sightglass_api.bots import queries as bots
from sightglass_api.conversations import queries as conversations
from sightglass_api.conversations.asking import begin, put
from sightglass_api.conversations.routes import LastEventId
from sightglass_api.conversations.schemas import AskedTurn, NewTurn
from sightglass_api.conversations.streaming import as_events, known_of
from sightglass_api.routing import open_to_all
from sightglass_api.search.asking import as_stored
from sightglass_api.widget import queries
from sightglass_api.widget.cors import PREFLIGHT
from sightglass_api.widget.following import VisitorsFollowing
from sightglass_api.widget.schemas import Begun, Greeting
from sightglass_api.widget.visiting import Visiting, VisitorSecret, hash_of, new_secret
from sightglass_common import jobs
from sightglass_common.announcing_queries import announce_turn
from sightglass_common.dataset_errors import BotNotFound, ConversationNotFound, QuotaSpent, TurnNotFound
from sightglass_common.errors import (
    BodyTooLarge,
    DependencyUnavailable,
    Forbidden,
    JobNotCancellable,
    MalformedJson,
    RateLimited,
    Unauthenticated,
)

router = APIRouter(prefix="/v1/widget/{key}", tags=["widget"])

_TURN: Final = "/conversations/{conversation_id}/turns/{turn_id}"
_DOOR: Final = (Unauthenticated, Forbidden, DependencyUnavailable)
_ASKED: Final = (*_DOOR, BotNotFound, RateLimited, QuotaSpent, BodyTooLarge, MalformedJson)


@router.options("", include_in_schema=False, **open_to_all(*_DOOR))
@router.options("/{rest:path}", include_in_schema=False, **open_to_all(*_DOOR))
async def may_call(_visitor: Visiting) -> Response:
    """Tell a browser whether the page may call."""
    return Response(status_code=204, headers=PREFLIGHT)


@router.get("", **open_to_all(*_DOOR, BotNotFound))
async def greet(visitor: Visiting) -> Greeting:
    """What a visitor sees first."""
    async with visitor.tenant.transaction() as db:
        bot = await bots.bot(db, visitor.key.bot_id)
    return Greeting(name=bot.name, greeting=bot.greeting)


@router.post("/conversations", status_code=202, **open_to_all(*_ASKED))
async def begin_visit(new: NewTurn, visitor: Visiting) -> Begun:
    """Begin a conversation by its first question. Only who has its secret sees more of it."""
    await visitor.count("ask")
    tenant, secret = visitor.tenant, new_secret()
    question = await as_stored(tenant, new.question)
    async with tenant.transaction() as db:
        bot = await bots.bot(db, visitor.key.bot_id)
        conversation_id = (await begin(db, tenant, "", bot)).conversation_id
        await queries.insert_visit(db, tenant.tenant_id, conversation_id, hash_of(secret))
        asked = await put(db, tenant, conversation_id, question)
    tenant.context.hint.ring()
    return Begun(**asked.model_dump(), visitor_secret=secret)


@router.post("/conversations/{conversation_id}/turns", status_code=202, **open_to_all(*_ASKED, ConversationNotFound))
async def ask_again(conversation_id: UUID, new: NewTurn, visitor: Visiting, secret: VisitorSecret) -> AskedTurn:
    """Ask a further question."""
    tenant = visitor.tenant
    async with tenant.transaction() as db:
        await visitor.check(db, conversation_id, secret)
    await visitor.count("ask")
    question = await as_stored(tenant, new.question)
    async with tenant.transaction() as db:
        asked = await put(db, tenant, conversation_id, question)
    tenant.context.hint.ring()
    return asked


@router.get(
    f"{_TURN}/events",
    response_class=StreamingResponse,
    **open_to_all(*_DOOR, ConversationNotFound, TurnNotFound, RateLimited),
)
async def follow_answer(
    conversation_id: UUID, turn_id: UUID, visitor: Visiting, secret: VisitorSecret, last_event_id: LastEventId = None
) -> Response:
    """An answer as server-sent events: `delta`, `citation`, then `done` or `error`; see `/v1/conversations`."""
    async with visitor.tenant.transaction() as db:
        await visitor.check(db, conversation_id, secret)
    await visitor.count("follow")
    following = VisitorsFollowing(visitor.tenant, conversation_id, turn_id, known=known_of(last_event_id))
    first = await following.look()
    if not first and following.over:
        return Response(status_code=204)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(as_events(following, first), media_type="text/event-stream", headers=headers)


@router.post(
    f"{_TURN}/cancel", status_code=204, **open_to_all(*_DOOR, ConversationNotFound, TurnNotFound, JobNotCancellable)
)
async def cancel_answer(conversation_id: UUID, turn_id: UUID, visitor: Visiting, secret: VisitorSecret) -> None:
    """Stop an answer that is on its way."""
    async with visitor.tenant.transaction() as db:
        await visitor.check(db, conversation_id, secret)
        row = await conversations.turn(db, visitor.tenant.caller.key_id, conversation_id, turn_id)
        await jobs.request_cancel(db, row.job_id)
        await announce_turn(db, turn_id)
