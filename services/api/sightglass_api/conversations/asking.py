"""How a conversation begins, and how a question gets on its way: in one transaction each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final
from uuid import UUID

from sightglass_api.auth import Tenant
from sightglass_api.bots import queries as bots
from sightglass_api.bots.queries import BotRow
from sightglass_api.conversations import queries
from sightglass_api.conversations.queries import ConversationRow
from sightglass_api.conversations.schemas import AskedTurn
from sightglass_api.datasets import queries as datasets
from sightglass_api.search.asking import all_as_stored
from sightglass_api.usage import quota_queries as quotas
from sightglass_common import jobs
from sightglass_common.dataset_errors import DatasetNotFound
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import AnswerTurn, wrap
from sightglass_common.queues import CHAT_TURNS

_SOURCE: Final = "api"
_KIND: Final = "turn"
_TITLE_CHARS: Final = 80


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a question.

    earlier: questions and answers before it that are not in the conversation, as they may be stored. temperature,
    most_tokens: of an answer that a model writes; None: as the bot and its provider have it.
    """

    earlier: Sequence[tuple[str, str]] = ()
    temperature: float | None = None
    most_tokens: int | None = None


async def begin(db: Db, tenant: Tenant, title: str, about: Sequence[UUID] | BotRow | None) -> ConversationRow:
    """Begin a conversation of the caller's key. Raises DatasetNotFound.

    title: as it may be stored. about: datasets; or a bot, with which it is about that one's; None for all.
    """
    bot = about if isinstance(about, BotRow) else None
    given = about.dataset_ids if isinstance(about, BotRow) else about
    ids = None if given is None else sorted(set(given))
    # What a bot was given may be gone since: it answers from what is left.
    if ids is not None and bot is None and not set(ids) <= set(await datasets.live(db)):
        raise DatasetNotFound
    row = ConversationRow(new_id(), title, ids, bot and bot.bot_id, bot and bot.version, tenant.context.clock.now())
    await queries.insert(db, tenant.tenant_id, tenant.caller.key_id, row)
    return await queries.conversation(db, tenant.caller.key_id, row.conversation_id)


async def put(db: Db, tenant: Tenant, conversation_id: UUID, question: str, given: Given | None = None) -> AskedTurn:
    """Put a question, which is sent to chat when this commits. Raises ConversationNotFound, BotNotFound, QuotaSpent.

    question: as it may be stored.
    """
    asked = AskedTurn(turn_id=new_id(), conversation_id=conversation_id, job_id=new_id())
    message = AnswerTurn(tenant_id=tenant.tenant_id, job_id=asked.job_id, turn_id=asked.turn_id)
    conversation = await queries.conversation(db, tenant.caller.key_id, conversation_id)
    if conversation.bot_id is not None:
        await bots.bot(db, conversation.bot_id)
    envelope = wrap(message, source=_SOURCE, trace=tenant.trace)
    await jobs.enqueue(db, CHAT_TURNS, envelope, kind=_KIND, job_id=asked.job_id)
    ids = {"turn_id": asked.turn_id, "job_id": asked.job_id}
    await queries.insert_turn(
        db, tenant.tenant_id, conversation_id, **ids, question=question, **asdict(given or Given())
    )
    await queries.entitle(db, conversation_id, question[:_TITLE_CHARS])
    # Last: others' questions wait from here on.
    await quotas.take(db, tenant.caller.key_id, conversation.bot_id)
    return asked


async def ask_bot(tenant: Tenant, name: str, question: str, given: Given | None = None) -> AskedTurn:
    """Ask the bot of a name, in a conversation of its own. Raises BotNotFound, QuotaSpent, RateLimited,
    UnknownDetectors.

    question, and what was said earlier: as the caller has it.
    """
    given = given or Given()
    stored, *said = await all_as_stored(tenant, [question, *(text for pair in given.earlier for text in pair)])
    given = replace(given, earlier=list(zip(said[::2], said[1::2], strict=True)))
    async with tenant.transaction() as db:
        conversation = await begin(db, tenant, "", await bots.named(db, name))
        asked = await put(db, tenant, conversation.conversation_id, stored, given)
    tenant.context.hint.ring()
    return asked
