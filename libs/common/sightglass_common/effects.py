"""Effects that happen once, however often their message is delivered: the rule is one row in `processed`."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import TenantNotFound
from sightglass_common.metrics import DUPLICATES

# A transaction that does the same at this moment is waited for, until it commits or rolls back.
_MARK: Final = """
    INSERT INTO processed (tenant_id, consumer, message_id) VALUES (%(tenant_id)s, %(consumer)s, %(message_id)s)
    ON CONFLICT DO NOTHING
"""

# SQS keeps a message 14 days at most, and nothing older can be delivered again.
_FORGET: Final = """
    DELETE FROM processed WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM processed WHERE processed_at < now() - interval '15 days'
        LIMIT 1000))
"""


async def once(
    pool: Pool, tenant_id: UUID, consumer: str, message_id: UUID, effect: Callable[[Db], Awaitable[None]]
) -> bool:
    """Run `effect` in a transaction that also notes the message as processed. False when it stood already.

    consumer: who has this effect; the name of its queue.
    Raises TenantNotFound for a message that names a tenant that we do not have, and whatever `effect` raises.
    """
    async with tenant_transaction(pool, tenant_id) as db:
        first = await mark(db, tenant_id, consumer, message_id)
        if first:
            await effect(db)
    return first


async def mark(db: Db, tenant_id: UUID, consumer: str, message_id: UUID) -> bool:
    """Note a message as processed, as the first statement of its effect's transaction. False: it is already."""
    values = {"tenant_id": tenant_id, "consumer": consumer, "message_id": message_id}
    try:
        marked = (await db.execute(_MARK, values)).rowcount == 1
    except ForeignKeyViolation as error:
        raise TenantNotFound(tenant_id=str(tenant_id)) from error
    if not marked:
        DUPLICATES.labels(consumer).inc()
    return marked


async def forget_old(db: Db) -> int:
    """Remove some of the notes that no delivery can ask for any more, as role sightglass_relay; how many went."""
    return (await db.execute(_FORGET)).rowcount
