"""All SQL of the objects that a sample of so many may come to. Each function runs in the caller's tenant transaction.

What goes from the table, or does not come into it, has `most` others below it that were listed: so whichever
transactions run side by side, and however little they see of each other, the `most` lowest of all stay.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db

# Materialised: looked for once, and not for each row that is compared, whatever the planner knows of the table.
_BOUND: Final = """
    WITH bound AS MATERIALIZED (
        SELECT place, object_key FROM scan_candidate WHERE scan_id = %(scan_id)s
        ORDER BY place, object_key OFFSET %(most)s - 1 LIMIT 1)
"""
_ADD: Final = (
    _BOUND
    + """,
    added AS (
        INSERT INTO scan_candidate (tenant_id, scan_id, place, object_key, size_bytes, etag, storage_class, look)
        SELECT %(tenant_id)s, %(scan_id)s, decode(c.place, 'hex'), c.key, c.size_bytes, c.etag, c.storage_class, c.look
        FROM jsonb_to_recordset(%(rows)s::jsonb) AS c (
            place text, key text, size_bytes bigint, etag text, storage_class text, look jsonb)
        WHERE NOT EXISTS (SELECT FROM bound b WHERE (decode(c.place, 'hex'), c.key) > (b.place, b.object_key))
        ORDER BY c.place, c.key
        ON CONFLICT DO NOTHING RETURNING size_bytes)
    SELECT count(*) AS objects, coalesce(sum(size_bytes), 0)::bigint AS bytes FROM added
"""
)
# What another transaction is just dropping is left to it. By their addresses, for the same reason.
_DROP: Final = (
    _BOUND
    + """,
    dropped AS (
        DELETE FROM scan_candidate WHERE ctid = ANY (ARRAY(
            SELECT s.ctid FROM scan_candidate s, bound b
            WHERE s.scan_id = %(scan_id)s AND (s.place, s.object_key) > (b.place, b.object_key)
            ORDER BY s.place, s.object_key FOR UPDATE OF s SKIP LOCKED))
        RETURNING size_bytes)
    SELECT count(*) AS objects, coalesce(sum(size_bytes), 0)::bigint AS bytes FROM dropped
"""
)
_DUE: Final = """
    SELECT EXISTS (SELECT FROM scan_candidate WHERE scan_id = %(scan_id)s)
       AND NOT EXISTS (SELECT FROM scan_part WHERE scan_id = %(scan_id)s AND kind = 'page')
"""
_TAKE: Final = """
    DELETE FROM scan_candidate
    WHERE scan_id = %(scan_id)s AND object_key <= (
        SELECT max(object_key) FROM (SELECT object_key FROM scan_candidate WHERE scan_id = %(scan_id)s
                                     ORDER BY object_key LIMIT %(at_once)s) AS first)
    RETURNING place, object_key AS key, size_bytes, etag, storage_class, look
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that a sample may take. place: lower ones are taken first. look: as 0021_sample_objects."""

    place: bytes
    key: str
    size_bytes: int
    etag: str
    storage_class: str
    look: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Amount:
    """How many objects, and their bytes."""

    objects: int
    bytes: int


async def add(db: Db, tenant_id: UUID, scan_id: UUID, some: Sequence[Candidate], *, most: int) -> Amount:
    """Add those that may be among the `most` lowest; how many these are."""
    rows = [{field: getattr(one, field) for field in Candidate.__slots__} | {"place": one.place.hex()} for one in some]
    values = {"tenant_id": tenant_id, "scan_id": scan_id, "rows": json.dumps(rows), "most": most}
    async with db.cursor(row_factory=class_row(Amount)) as cursor:
        await cursor.execute(_ADD, values)
        return await cursor.fetchone() or Amount(0, 0)


async def drop(db: Db, scan_id: UUID, *, most: int) -> Amount:
    """Remove those that are not among the `most` lowest; how many these were."""
    async with db.cursor(row_factory=class_row(Amount)) as cursor:
        await cursor.execute(_DROP, {"scan_id": scan_id, "most": most})
        return await cursor.fetchone() or Amount(0, 0)


async def due(db: Db, scan_id: UUID) -> bool:
    """Whether there are any, and the scan has nothing left to list."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_DUE, {"scan_id": scan_id})
        return bool(await cursor.fetchone())


async def take(db: Db, scan_id: UUID, *, at_once: int) -> list[Candidate]:
    """Remove the first of them by key, and give them in that order; none when there are none left."""
    async with db.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(_TAKE, {"scan_id": scan_id, "at_once": at_once})
        return sorted(await cursor.fetchall(), key=lambda one: one.key)
