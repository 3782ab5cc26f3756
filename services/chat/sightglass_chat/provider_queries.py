"""All SQL of asking providers: which there are, and what they were asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sightglass_chat.providers.opening import Kind
from sightglass_common.db import Db

# `cancelled`: we have broken it off.
Outcome: TypeAlias = Literal["done", "failed", "cancelled"]
_MOST_ASKED: Final = 5
_MANNER: Final = """
    SELECT v.provider_id, v.model, coalesce(v.system_prompt, '') AS system_prompt,
           coalesce(t.temperature, v.temperature) AS temperature, v.language, t.most_tokens
    FROM turn t JOIN conversation c USING (tenant_id, conversation_id)
                LEFT JOIN bot_version v
                ON v.tenant_id = c.tenant_id AND v.bot_id = c.bot_id AND v.version = c.bot_version
    WHERE t.turn_id = %(turn_id)s
"""
_CHAIN: Final = """
    SELECT tenant_id, provider_id, kind, base_url, region, model, sealed_key, temperature, most_tokens, changed_at
    FROM provider WHERE enabled AND deleted_at IS NULL
    ORDER BY tenant_id = current_tenant() AND provider_id IS NOT DISTINCT FROM %(first)s::uuid DESC,
             tenant_id <> current_tenant(), rank, provider_id LIMIT %(limit)s
"""
_TO_TEST: Final = """
    SELECT p.tenant_id, p.provider_id, p.kind, p.base_url, p.region, p.model, p.sealed_key, p.temperature,
           p.most_tokens, p.changed_at
    FROM provider_test t JOIN provider p USING (tenant_id, provider_id)
    WHERE t.test_id = %(test_id)s AND t.finished_at IS NULL AND p.deleted_at IS NULL
"""
_TESTED: Final = """
    UPDATE provider_test SET finished_at = now(), result = %(result)s
    WHERE test_id = %(test_id)s AND finished_at IS NULL
"""
_ONE_AT_A_TIME: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended('answer_use ' || current_tenant() || %(provider_id)s::text, 0))
"""
# Months are those of UTC. What the platform's providers may take is for each tenant.
_RESERVE: Final = """
    INSERT INTO answer_use (tenant_id, use_id, turn_id, provider_id, platform, model, reserved_tokens)
    SELECT current_tenant(), %(use_id)s, %(turn_id)s, p.provider_id, p.tenant_id <> current_tenant(), %(model)s,
           %(tokens)s
    FROM provider p
    WHERE p.provider_id = %(provider_id)s AND (p.enabled OR %(turn_id)s::uuid IS NULL) AND p.deleted_at IS NULL
      AND (p.tokens_a_month IS NULL
           OR %(tokens)s + (SELECT coalesce(sum(coalesce(u.input_tokens + u.output_tokens, u.reserved_tokens)), 0)
                            FROM answer_use u
                            WHERE u.tenant_id = current_tenant() AND u.provider_id = p.provider_id
                              AND u.at >= date_trunc('month', now(), 'UTC')) <= p.tokens_a_month)
"""
_SETTLE: Final = """
    UPDATE answer_use SET input_tokens = %(input)s, output_tokens = %(output)s, outcome = %(outcome)s
    WHERE use_id = %(use_id)s
"""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a turn is answered: by what was given with it, and by the version of a bot that its conversation began with.

    provider_id: of that which is asked first. model: in place of that one's own. temperature, most_tokens: of all that
    are asked.
    """

    provider_id: UUID | None = None
    model: str | None = None
    system_prompt: str = ""
    temperature: float | None = None
    language: str | None = None
    most_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as its tenant, or the platform, has described it."""

    tenant_id: UUID
    provider_id: UUID
    kind: Kind
    base_url: str
    region: str
    model: str
    sealed_key: bytes | None
    temperature: float | None
    most_tokens: int
    changed_at: datetime


async def manner(db: Db, turn_id: UUID) -> Manner:
    """How a turn is to be answered."""
    async with db.cursor(row_factory=class_row(Manner)) as cursor:
        return await (await cursor.execute(_MANNER, {"turn_id": turn_id})).fetchone() or Manner()


async def chain(db: Db, manner: Manner) -> list[ProviderRow]:
    """The tenant's providers, then the platform's, in the order in which they are asked, five at most.

    Each is as it is to be asked.
    """
    async with db.cursor(row_factory=class_row(ProviderRow)) as cursor:
        found = await cursor.execute(_CHAIN, {"limit": _MOST_ASKED, "first": manner.provider_id})
        return [_in_its_manner(row, manner) for row in await found.fetchall()]


async def to_test(db: Db, test_id: UUID) -> ProviderRow | None:
    """The provider of a test that is not over; None when nobody waits for it any more."""
    async with db.cursor(row_factory=class_row(ProviderRow)) as cursor:
        return await (await cursor.execute(_TO_TEST, {"test_id": test_id})).fetchone()


async def tested(db: Db, test_id: UUID, result: Mapping[str, Any]) -> None:
    """Note what a test has shown, once."""
    await db.execute(_TESTED, {"test_id": test_id, "result": Jsonb(dict(result))})


async def reserve(db: Db, use_id: UUID, turn_id: UUID | None, row: ProviderRow, tokens: int) -> bool:
    """Note that a provider is asked. False when the month's tokens do not suffice, or it is gone.

    turn_id: None for a test, which one that is switched off may have as well.
    """
    values: dict[str, object] = {"use_id": use_id, "turn_id": turn_id, "tokens": tokens}
    values |= {"provider_id": row.provider_id, "model": row.model}
    await db.execute(_ONE_AT_A_TIME, values)
    return (await db.execute(_RESERVE, values)).rowcount == 1


async def settle(db: Db, use_id: UUID, input_tokens: int, output_tokens: int, outcome: Outcome) -> None:
    """Note what a question to a provider has taken in the end."""
    values = {"use_id": use_id, "input": input_tokens, "output": output_tokens, "outcome": outcome}
    await db.execute(_SETTLE, values)


def _in_its_manner(row: ProviderRow, manner: Manner) -> ProviderRow:
    model = manner.model if row.provider_id == manner.provider_id else None
    temperature = row.temperature if manner.temperature is None else manner.temperature
    most = min(row.most_tokens, manner.most_tokens or row.most_tokens)
    return replace(row, model=model or row.model, temperature=temperature, most_tokens=most)
