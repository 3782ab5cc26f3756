"""All SQL of publishable keys, of whose conversation it is, and of how often they are used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.dataset_errors import ConversationNotFound
from sightglass_common.db import Db
from sightglass_common.errors import KeyNotFound

_COLUMNS: Final = """
    SELECT p.key_id, p.key, p.bot_id, p.origins, v.allowed_origins, p.questions_a_day, p.created_at
    FROM publishable_key p JOIN api_key k USING (tenant_id, key_id)
                           JOIN bot b USING (tenant_id, bot_id)
                           JOIN bot_version v USING (tenant_id, bot_id, version)
    WHERE k.revoked_at IS NULL AND b.deleted_at IS NULL
"""
_ONE: Final = _COLUMNS + " AND p.key_id = %(key_id)s"
_OF_BOT: Final = _COLUMNS + " AND p.bot_id = %(bot_id)s ORDER BY p.created_at DESC, p.key_id LIMIT %(limit)s"
_INSERT: Final = """
    INSERT INTO publishable_key (tenant_id, key_id, bot_id, key, origins, questions_a_day)
    VALUES (%(tenant_id)s, %(key_id)s, %(bot_id)s, %(key)s, %(origins)s, %(questions_a_day)s)
"""
_INSERT_VISIT: Final = """
    INSERT INTO visit (tenant_id, conversation_id, secret_sha256)
    VALUES (%(tenant_id)s, %(conversation_id)s, %(secret_sha256)s)
"""
_VISIT: Final = """
    SELECT FROM visit WHERE conversation_id = %(conversation_id)s AND secret_sha256 = %(secret_sha256)s
"""
_USE: Final = """
    INSERT INTO publishable_use AS u (tenant_id, key_id, kind, client, since, uses)
    VALUES (%(tenant_id)s, %(key_id)s, %(kind)s, %(client)s, date_trunc('minute', now()), 1),
           (%(tenant_id)s, %(key_id)s, %(kind)s, '', date_trunc('day', now(), 'UTC'), 1)
    ON CONFLICT (tenant_id, key_id, kind, client, since) DO UPDATE SET uses = u.uses + 1
    RETURNING client = '', uses
"""
# Another request that does the same is let go on: what it has held is gone then.
_FORGET: Final = """
    DELETE FROM publishable_use USING (
        SELECT kind, client, since FROM publishable_use
        WHERE key_id = %(key_id)s AND since < now() - CASE client WHEN '' THEN interval '2 days' ELSE '5 minutes' END
        LIMIT 100 FOR UPDATE SKIP LOCKED
    ) AS old
    WHERE publishable_use.key_id = %(key_id)s AND publishable_use.kind = old.kind
          AND publishable_use.client = old.client AND publishable_use.since = old.since
"""


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A publishable key that admits. allowed_origins: of its bot as it is now; none: all that its keys name."""

    key_id: str
    key: str
    bot_id: UUID
    origins: list[str]
    allowed_origins: list[str]
    questions_a_day: int
    created_at: datetime

    def is_for(self, origin: str) -> bool:
        """Whether pages of an origin may ask."""
        return origin in self.origins and (not self.allowed_origins or origin in self.allowed_origins)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often, this use counted. client: this minute; all: today."""

    client: int
    all: int


async def insert(db: Db, tenant_id: UUID, row: dict[str, Any]) -> None:
    """Bind a key, which stands among the API keys, to a bot and origins."""
    await db.execute(_INSERT, row | {"tenant_id": tenant_id})


async def published(db: Db, key_id: str) -> PublishedRow:
    """One key. Raises KeyNotFound, also where it is revoked, its bot is deleted, or it is no publishable one."""
    async with db.cursor(row_factory=class_row(PublishedRow)) as cursor:
        row = await (await cursor.execute(_ONE, {"key_id": key_id})).fetchone()
    if row is None:
        raise KeyNotFound
    return row


async def of_bot(db: Db, bot_id: UUID, *, limit: int) -> list[PublishedRow]:
    """A bot's keys, the newest first."""
    async with db.cursor(row_factory=class_row(PublishedRow)) as cursor:
        return await (await cursor.execute(_OF_BOT, {"bot_id": bot_id, "limit": limit})).fetchall()


async def insert_visit(db: Db, tenant_id: UUID, conversation_id: UUID, secret_sha256: bytes) -> None:
    """Note whose conversation it is."""
    values = {"tenant_id": tenant_id, "conversation_id": conversation_id, "secret_sha256": secret_sha256}
    await db.execute(_INSERT_VISIT, values)


async def check_visit(db: Db, conversation_id: UUID, secret_sha256: bytes) -> None:
    """Raise ConversationNotFound unless it is the conversation of the visitor who has this secret."""
    values = {"conversation_id": conversation_id, "secret_sha256": secret_sha256}
    if await (await db.execute(_VISIT, values)).fetchone() is None:
        raise ConversationNotFound


async def use(db: Db, tenant_id: UUID, key_id: str, kind: str, client: bytes) -> Uses:
    """Count a use. Of two at once the second waits for the first, so that none goes beyond a limit."""
    await db.execute(_FORGET, {"key_id": key_id})
    values = {"tenant_id": tenant_id, "key_id": key_id, "kind": kind, "client": client}
    counted = dict(await (await db.execute(_USE, values)).fetchall())
    return Uses(client=counted[False], all=counted[True])
