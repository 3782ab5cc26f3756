"""All SQL of reveals and of the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.ids import new_id

_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended('reveal ' || %(tenant_id)s::text, 0))"
_ASKED_LATELY: Final = """
    SELECT count(*) FROM audit_entry
    WHERE at > now() - interval '1 minute' AND action = 'finding.reveal' AND outcome = 'asked'
"""
_ASK: Final = """
    INSERT INTO reveal (tenant_id, reveal_id, finding_id, public_key)
    SELECT tenant_id, %(reveal_id)s, finding_id, %(public_key)s FROM finding WHERE finding_id = %(finding_id)s
"""
_SHOWN: Final = "SELECT locator->>'kind' IN ('screen', 'image') FROM finding WHERE finding_id = %(finding_id)s"
_ANSWER: Final = "SELECT answer, error_code FROM reveal WHERE reveal_id = %(reveal_id)s"
_FORGET: Final = "DELETE FROM reveal WHERE reveal_id = %(reveal_id)s"
_NOTE: Final = """
    INSERT INTO audit_entry (tenant_id, audit_id, key_id, action, call_id, finding_id, reason, outcome)
    VALUES (%(tenant_id)s, %(audit_id)s, %(key_id)s, 'finding.reveal', %(call_id)s, %(finding_id)s, %(reason)s,
            %(outcome)s)
"""
_AUDIT: Final = """
    SELECT audit_id, at, key_id, action, call_id, finding_id, reason, outcome FROM audit_entry
    WHERE (%(before)s::uuid IS NULL OR audit_id < %(before)s::uuid)
      AND (%(finding_id)s::uuid IS NULL OR finding_id = %(finding_id)s::uuid)
    ORDER BY audit_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What a scanner has answered: neither, until it has."""

    answer: bytes | None
    error_code: str | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit."""

    audit_id: UUID
    at: datetime
    key_id: str
    action: str
    call_id: UUID
    finding_id: UUID
    reason: str
    outcome: str


async def one_at_a_time(db: Db, tenant_id: UUID) -> None:
    """Wait for the tenant's other transactions that ask, so that their number is exact."""
    await db.execute(_ONE_AT_A_TIME, {"tenant_id": tenant_id})


async def asked_lately(db: Db) -> int:
    """How many values were asked for within a minute."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_ASKED_LATELY)
        return int(await cursor.fetchone() or 0)


async def ask(db: Db, reveal_id: UUID, finding_id: UUID, public_key: bytes) -> bool:
    """Ask for a value. False when there is no such finding."""
    values = {"reveal_id": reveal_id, "finding_id": finding_id, "public_key": public_key}
    return (await db.execute(_ASK, values)).rowcount == 1


async def shown(db: Db, finding_id: UUID) -> bool:
    """Whether a picture shows what was found; False when there is no such finding."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_SHOWN, {"finding_id": finding_id})
        return bool(await cursor.fetchone())


async def answered(db: Db, reveal_id: UUID) -> AnswerRow | None:
    """What there is of an answer; None when nothing is asked any more."""
    async with db.cursor(row_factory=class_row(AnswerRow)) as cursor:
        return await (await cursor.execute(_ANSWER, {"reveal_id": reveal_id})).fetchone()


async def forget(db: Db, reveal_id: UUID) -> None:
    """Ask no longer."""
    await db.execute(_FORGET, {"reveal_id": reveal_id})


async def note(db: Db, call: Mapping[str, object], outcome: str) -> None:
    """Add to the audit. call: tenant_id, key_id, call_id, finding_id and reason."""
    await db.execute(_NOTE, {**call, "audit_id": new_id(), "outcome": outcome})


async def audit(db: Db, *, finding_id: UUID | None, before: UUID | None, limit: int) -> list[AuditRow]:
    """Entries, the newest first."""
    values = {"finding_id": finding_id, "before": before, "limit": limit}
    async with db.cursor(row_factory=class_row(AuditRow)) as cursor:
        return await (await cursor.execute(_AUDIT, values)).fetchall()
