"""`/v1/models` and `/v1/chat/completions`: what clients of OpenAI speak. A bot is a model."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response, StreamingResponse

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.bots import queries as bots
from sightglass_api.bots.queries import BotRow
from sightglass_api.conversations.asking import Given, ask_bot
from sightglass_api.conversations.following import Following
from sightglass_api.openai.completing import Told, as_chunks, whole
from sightglass_api.openai.earlier import pairs
from sightglass_api.openai.errors import in_its_shape
from sightglass_api.openai.schemas import Completion, Model, Models, NewCompletion
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common.dataset_errors import AnswerNotGiven, BotNotFound, QuotaSpent
from sightglass_common.errors import RateLimited

router = APIRouter(prefix="/v1", tags=["openai"])


@router.get("/models", **in_its_shape(guarded(Permission.READ)))
async def list_models(db: TenantDb) -> Models:
    """The tenant's bots, as models: the newest two hundred."""
    rows = await bots.bots(db, before=None, limit=cursors.MOST)
    return Models(data=[_model(row) for row in rows])


@router.get("/models/{model}", **in_its_shape(guarded(Permission.READ, BotNotFound)))
async def get_model(model: str, db: TenantDb) -> Model:
    """One bot, as a model, by its name."""
    return _model(await bots.named(db, model))


@router.post(
    "/chat/completions",
    response_model=Completion,
    **in_its_shape(guarded(Permission.ASK, BotNotFound, AnswerNotGiven, RateLimited, QuotaSpent, body=True)),
)
async def complete(new: NewCompletion, tenant: CallersTenant) -> Response:
    """Ask a bot, in a conversation of its own: the last message of the user is the question.

    What was said before goes with it to the bot's model, if it has one. What the system is told is the bot's own.
    """
    given = Given(pairs(new.before), new.temperature, new.most_tokens)
    asked = await ask_bot(tenant, new.model, new.question, given)
    following = Following(tenant, asked.conversation_id, asked.turn_id)
    told = Told(asked, new.model, int(tenant.context.clock.now().timestamp()), new.most_tokens)
    if new.stream:
        with_usage = new.stream_options is not None and new.stream_options.include_usage
        chunks = as_chunks(following, told, with_usage=with_usage)
        return StreamingResponse(chunks, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    return JSONResponse((await whole(following, told)).model_dump(mode="json"))


def _model(row: BotRow) -> Model:
    return Model(id=row.name, created=int(row.created_at.timestamp()))
