"""All SQL of quotas of tokens."""

from typing import Final
from uuid import UUID

from sightglass_common.db import Db

_ONE_AT_A_TIME: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended('quota ' || current_tenant()::text, 0))
    WHERE EXISTS (SELECT FROM quota WHERE tokens_a_month IS NOT NULL)
"""
# What is reserved counts until it is known what was taken. Months are those of UTC.
_SUFFICE: Final = """
    SELECT NOT EXISTS (
        SELECT FROM turn t JOIN conversation c USING (tenant_id, conversation_id)
                    JOIN quota q ON q.tenant_id = t.tenant_id AND q.tokens_a_month IS NOT NULL
                         AND (q.bot_id IS NULL OR q.bot_id = c.bot_id) AND (q.key_id IS NULL OR q.key_id = c.key_id)
        WHERE t.turn_id = %(turn_id)s
          AND q.tokens_a_month < %(tokens)s + (
              SELECT coalesce(sum(coalesce(u.input_tokens + u.output_tokens, u.reserved_tokens)), 0) FROM answer_use u
              WHERE u.tenant_id = q.tenant_id AND u.at >= date_trunc('month', now(), 'UTC')
                AND (q.bot_id IS NULL OR u.bot_id = q.bot_id) AND (q.key_id IS NULL OR u.key_id = q.key_id)))
"""


async def suffice(db: Db, turn_id: UUID, tokens: int) -> bool:
    """Whether all quotas that a question comes under leave it so many tokens.

    Others of the tenant wait here until the transaction ends: reserve the tokens in it.
    """
    await db.execute(_ONE_AT_A_TIME)
    (enough,) = await (await db.execute(_SUFFICE, {"turn_id": turn_id, "tokens": tokens})).fetchone() or (False,)
    return bool(enough)
