"""All SQL that finds the prefixes whose syncs are due, of all tenants, as role sightglass_relay."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db

_DUE: Final = """
    SELECT p.tenant_id, p.prefix_id
    FROM dataset_prefix p JOIN dataset d ON d.tenant_id = p.tenant_id AND d.dataset_id = p.dataset_id
    WHERE p.next_at <= now() AND d.deleted_at IS NULL
    ORDER BY p.next_at, p.prefix_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A prefix that is to be synced."""

    tenant_id: UUID
    prefix_id: UUID


async def due(db: Db, *, limit: int) -> list[Due]:
    """Some prefixes that are due, those that wait longest first."""
    async with db.cursor(row_factory=class_row(Due)) as cursor:
        return await (await cursor.execute(_DUE, {"limit": limit})).fetchall()
