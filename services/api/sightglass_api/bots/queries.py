"""All SQL of bots."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from sightglass_common.dataset_errors import BotNameTaken, BotNotFound, ModelWithoutProvider
from sightglass_common.db import Db

_COLUMNS: Final = """
    SELECT b.bot_id, b.name, v.version, v.description, v.greeting, v.dataset_ids, v.provider_id, v.model,
           v.system_prompt, v.temperature, v.language, v.allowed_origins, v.created_at
    FROM bot b JOIN bot_version v USING (tenant_id, bot_id)
    WHERE b.deleted_at IS NULL
"""
_NEWEST: Final = " AND v.version = b.version"
_ONE: Final = _COLUMNS + _NEWEST + " AND b.bot_id = %(bot_id)s"
_NAMED: Final = _COLUMNS + _NEWEST + " AND b.name = %(name)s"
_PAGE: Final = (
    _COLUMNS
    + _NEWEST
    + """ AND (%(before)s::uuid IS NULL OR b.bot_id < %(before)s) ORDER BY b.bot_id DESC LIMIT %(limit)s"""
)
_VERSIONS: Final = (
    _COLUMNS
    + """ AND b.bot_id = %(bot_id)s AND (%(before)s::bigint IS NULL OR v.version < %(before)s)
          ORDER BY v.version DESC LIMIT %(limit)s"""
)
_INSERT: Final = """
    INSERT INTO bot (tenant_id, bot_id, name, version) VALUES (%(tenant_id)s, %(bot_id)s, %(name)s, %(version)s)
"""
# Of two changes at once the second is one of what the first has made.
_HELD: Final = _ONE + " FOR UPDATE OF b"
_RAISE: Final = "UPDATE bot SET version = %(version)s, name = %(name)s WHERE bot_id = %(bot_id)s"
_INSERT_VERSION: Final = """
    INSERT INTO bot_version (tenant_id, bot_id, version, description, greeting, dataset_ids, provider_id, model,
                             system_prompt, temperature, language, allowed_origins)
    VALUES (%(tenant_id)s, %(bot_id)s, %(version)s, %(description)s, %(greeting)s, %(dataset_ids)s, %(provider_id)s,
            %(model)s, %(system_prompt)s, %(temperature)s, %(language)s, %(allowed_origins)s)
"""
_DELETE: Final = "UPDATE bot SET deleted_at = now() WHERE bot_id = %(bot_id)s AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class BotRow:
    """A version of a bot that is not deleted. dataset_ids: None for all of the tenant's.

    provider_id: of that which is asked first; it may be gone by now.
    """

    bot_id: UUID
    name: str
    version: int
    description: str
    greeting: str
    dataset_ids: Sequence[UUID] | None
    provider_id: UUID | None
    model: str | None
    system_prompt: str
    temperature: float | None
    language: str | None
    allowed_origins: Sequence[str]
    created_at: datetime


async def insert(db: Db, tenant_id: UUID, bot_id: UUID, told: Mapping[str, Any]) -> None:
    """Add a bot. told: by the names of columns, all that is of its first version. Raises BotNameTaken."""
    values = {"tenant_id": tenant_id, "bot_id": bot_id, "version": 1} | dict(told)
    try:
        await db.execute(_INSERT, values)
    except UniqueViolation as error:
        raise BotNameTaken from error
    await db.execute(_INSERT_VERSION, values)


async def change(db: Db, tenant_id: UUID, bot_id: UUID, changes: Mapping[str, Any]) -> None:
    """Make the next version; the same change twice makes one. Raises BotNotFound, BotNameTaken, ModelWithoutProvider.

    changes: by the names of columns, what is to be other.
    """
    newest = asdict(await _one(db, _HELD, {"bot_id": bot_id}))
    values = newest | dict(changes)
    if values == newest:
        return
    if values["model"] is not None and values["provider_id"] is None:
        raise ModelWithoutProvider
    values |= {"tenant_id": tenant_id, "version": newest["version"] + 1}
    try:
        await db.execute(_RAISE, values)
    except UniqueViolation as error:
        raise BotNameTaken from error
    await db.execute(_INSERT_VERSION, values)


async def bot(db: Db, bot_id: UUID) -> BotRow:
    """The newest version of a bot. Raises BotNotFound, also for another tenant's and for a deleted one."""
    return await _one(db, _ONE, {"bot_id": bot_id})


async def named(db: Db, name: str) -> BotRow:
    """The newest version of the bot of a name. Raises BotNotFound."""
    return await _one(db, _NAMED, {"name": name})


async def bots(db: Db, *, before: UUID | None, limit: int) -> list[BotRow]:
    """The newest versions of some bots, the newest bot first."""
    return await _some(db, _PAGE, {"before": before, "limit": limit})


async def versions(db: Db, bot_id: UUID, *, before: int | None, limit: int) -> list[BotRow]:
    """Some versions of a bot, the newest first; none where there is no such bot."""
    return await _some(db, _VERSIONS, {"bot_id": bot_id, "before": before, "limit": limit})


async def delete(db: Db, bot_id: UUID) -> None:
    """End a bot: it takes no more questions. Raises BotNotFound."""
    if (await db.execute(_DELETE, {"bot_id": bot_id})).rowcount == 0:
        raise BotNotFound


async def _one(db: Db, query: LiteralString, values: Mapping[str, Any]) -> BotRow:
    rows = await _some(db, query, values)
    if not rows:
        raise BotNotFound
    return rows[0]


async def _some(db: Db, query: LiteralString, values: Mapping[str, Any]) -> list[BotRow]:
    async with db.cursor(row_factory=class_row(BotRow)) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
