"""All SQL of the ledger: what each answer took, and whose question each call of a provider was."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sightglass_common.db import Db

# The clock, not the transaction's begin: who waited for a lock has told it later.
_TOLD: Final = """
    UPDATE turn SET first_told_at = clock_timestamp() WHERE turn_id = %(turn_id)s AND first_told_at IS NULL
"""
_CALLED: Final = """
    UPDATE answer_use u
    SET key_id = c.key_id, bot_id = c.bot_id,
        input_price = (SELECT input_price FROM provider_price p WHERE p.provider_id = u.provider_id),
        output_price = (SELECT output_price FROM provider_price p WHERE p.provider_id = u.provider_id)
    FROM turn t JOIN conversation c USING (tenant_id, conversation_id)
    WHERE u.use_id = %(use_id)s AND t.tenant_id = u.tenant_id AND t.turn_id = u.turn_id
"""
# A model's answer is of the provider that was asked last, and answered.
_RECORD: Final = """
    INSERT INTO answer_record (tenant_id, turn_id, key_id, bot_id, provider_id, platform, model, generated, answered,
                               retrieved, withheld, first_event_us, whole_us)
    SELECT t.tenant_id, t.turn_id, c.key_id, c.bot_id, writer.provider_id, coalesce(writer.platform, false),
           %(model)s, %(generated)s, %(answered)s, %(retrieved)s, %(withheld)s,
           extract(epoch FROM coalesce(t.first_told_at, clock_timestamp()) - t.created_at) * 1000000,
           extract(epoch FROM clock_timestamp() - t.created_at) * 1000000
    FROM turn t JOIN conversation c USING (tenant_id, conversation_id)
         LEFT JOIN LATERAL (
             SELECT u.provider_id, u.platform FROM answer_use u
             WHERE %(generated)s AND u.tenant_id = t.tenant_id AND u.turn_id = t.turn_id AND u.outcome = 'done'
             ORDER BY u.use_id DESC LIMIT 1) AS writer ON true
    WHERE t.turn_id = %(turn_id)s
    ON CONFLICT (tenant_id, turn_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What there is to note of an answer. retrieved: segments. withheld: documents that were not looked at."""

    model: str
    generated: bool
    answered: bool
    retrieved: int
    withheld: int


async def told(db: Db, turn_id: UUID) -> None:
    """Note that the first event of a turn is there; of a later attempt's, nothing."""
    await db.execute(_TOLD, {"turn_id": turn_id})


async def called(db: Db, use_id: UUID) -> None:
    """Note whose question a provider is asked, and at what price."""
    await db.execute(_CALLED, {"use_id": use_id})


async def record(db: Db, turn_id: UUID, of: Record) -> None:
    """Note what an answer took; once, however often it is given. Its tokens are those of `answer_use`."""
    values: dict[str, object] = {"turn_id": turn_id, "model": of.model, "generated": of.generated}
    values |= {"answered": of.answered, "retrieved": of.retrieved, "withheld": of.withheld}
    await db.execute(_RECORD, values)
