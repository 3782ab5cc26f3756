"""All SQL of quotas: set, looked at, and taken from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.dataset_errors import QuotaSpent
from sightglass_common.db import Db
from sightglass_common.errors import KeyNotFound
from sightglass_common.ids import new_id

_TODAY: Final = "(now() AT TIME ZONE 'UTC')::date"
_TAKEN: Final = f"CASE WHEN day >= {_TODAY} THEN questions ELSE 0 END"
_TOMORROW: Final = f"({_TODAY} + 1)::timestamp AT TIME ZONE 'UTC'"
# Each waits for the one before, in one order: whoever holds a row has counted, and is seen by the next.
_HOLD: Final = f"""
    SELECT quota_id, bot_id, key_id, questions_a_day, {_TAKEN} AS taken, {_TOMORROW} AS ends_at,
           ceil(extract(epoch FROM {_TOMORROW} - now()))::int AS ends_in_s
    FROM quota
    WHERE questions_a_day IS NOT NULL AND (bot_id IS NULL OR bot_id = %(bot_id)s::uuid)
      AND (key_id IS NULL OR key_id = %(key_id)s)
    ORDER BY quota_id FOR UPDATE
"""
# A transaction that began before midnight, and waited until after, takes of the new day.
_TAKE: Final = f"""
    UPDATE quota SET questions = {_TAKEN} + %(count)s, day = greatest(day, {_TODAY}) WHERE quota_id = ANY(%(quota_ids)s)
"""
_LIST: Final = f"""
    SELECT q.bot_id, q.key_id, q.questions_a_day, {_TAKEN} AS questions_today, q.tokens_a_month,
           CASE WHEN q.tokens_a_month IS NOT NULL THEN
               (SELECT coalesce(sum(coalesce(u.input_tokens + u.output_tokens, u.reserved_tokens)), 0)::bigint
                FROM answer_use u
                WHERE u.tenant_id = q.tenant_id AND u.at >= date_trunc('month', now(), 'UTC')
                  AND (q.bot_id IS NULL OR u.bot_id = q.bot_id) AND (q.key_id IS NULL OR u.key_id = q.key_id))
           END AS tokens_this_month
    FROM quota q ORDER BY q.bot_id NULLS FIRST, q.key_id NULLS FIRST
"""
_KEY: Final = "SELECT FROM api_key WHERE key_id = %(key_id)s"
_PUT: Final = """
    INSERT INTO quota (tenant_id, quota_id, bot_id, key_id, questions_a_day, tokens_a_month)
    VALUES (%(tenant_id)s, %(quota_id)s, %(bot_id)s, %(key_id)s, %(questions_a_day)s, %(tokens_a_month)s)
    ON CONFLICT (tenant_id, bot_id, key_id)
    DO UPDATE SET questions_a_day = excluded.questions_a_day, tokens_a_month = excluded.tokens_a_month,
                  changed_at = now()
"""
_REMOVE: Final = """
    DELETE FROM quota WHERE bot_id IS NOT DISTINCT FROM %(bot_id)s::uuid AND key_id IS NOT DISTINCT FROM %(key_id)s
"""


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """A quota, and what is taken of it."""

    bot_id: UUID | None
    key_id: str | None
    questions_a_day: int | None
    questions_today: int
    tokens_a_month: int | None
    tokens_this_month: int | None


@dataclass(frozen=True, slots=True)
class _Held:
    quota_id: UUID
    bot_id: UUID | None
    key_id: str | None
    questions_a_day: int
    taken: int
    ends_at: datetime
    ends_in_s: int

    @property
    def of(self) -> str:
        """What it limits."""
        return "bot" if self.bot_id is not None else "tenant" if self.key_id is None else "key"


async def take(db: Db, key_id: str, bot_id: UUID | None, count: int = 1) -> None:
    """Take so many questions of a key, and of a bot if it is asked, from all quotas that they come under, or from none.

    They are given back when the transaction does not commit. Others' questions wait until it ends: be soon. Raises
    QuotaSpent.
    """
    async with db.cursor(row_factory=class_row(_Held)) as cursor:
        held = await (await cursor.execute(_HOLD, {"key_id": key_id, "bot_id": bot_id})).fetchall()
    for one in held:
        if one.taken + count > one.questions_a_day:
            raise QuotaSpent(
                f"The {one.of} may put {one.questions_a_day} questions a day, of which {one.taken} are put.",
                quota_of=one.of,
                resets_at=one.ends_at.isoformat(),
                retry_after_s=one.ends_in_s,
            )
    if held:
        await db.execute(_TAKE, {"quota_ids": [one.quota_id for one in held], "count": count})


async def quotas(db: Db) -> Sequence[QuotaRow]:
    """All quotas of the tenant; its own is the first."""
    async with db.cursor(row_factory=class_row(QuotaRow)) as cursor:
        return await (await cursor.execute(_LIST)).fetchall()


async def put(
    db: Db,
    tenant_id: UUID,
    *,
    bot_id: UUID | None,
    key_id: str | None,
    questions_a_day: int | None,
    tokens_a_month: int | None,
) -> None:
    """Set a quota; without limits, remove it. What is taken of it stays taken. Raises KeyNotFound."""
    values: dict[str, object] = {"tenant_id": tenant_id, "quota_id": new_id(), "bot_id": bot_id, "key_id": key_id}
    if key_id is not None and await (await db.execute(_KEY, values)).fetchone() is None:
        raise KeyNotFound
    statement = _REMOVE if questions_a_day is None and tokens_a_month is None else _PUT
    await db.execute(statement, values | {"questions_a_day": questions_a_day, "tokens_a_month": tokens_a_month})
