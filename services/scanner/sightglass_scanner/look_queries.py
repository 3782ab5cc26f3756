"""All SQL of what scans have looked through. Each function runs in the caller's tenant transaction."""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_scanner.looks import LookRow

_ADD: Final = """
    INSERT INTO scan_look (tenant_id, look_id, bucket, way, first_key, last_key, objects, remarks, wide)
    VALUES (%(tenant_id)s, %(look_id)s, %(bucket)s, %(way)s, %(first_key)s, %(last_key)s, %(objects)s,
            %(remarks)s::jsonb, %(wide)s)
"""
# Those that begin or end between the keys. One that does both outside is wider than a page: of those of samples the
# newest are looked at, and what others hold is read again.
_BETWEEN: Final = """
    SELECT look_id, first_key, last_key, objects, remarks FROM scan_look
    WHERE bucket = %(bucket)s AND way = %(way)s
      AND (first_key BETWEEN %(first_key)s AND %(last_key)s OR last_key BETWEEN %(first_key)s AND %(last_key)s)
    UNION ALL (
        SELECT look_id, first_key, last_key, objects, remarks FROM scan_look
        WHERE bucket = %(bucket)s AND way = %(way)s AND wide
          AND first_key < %(first_key)s AND last_key > %(last_key)s
        ORDER BY created_at DESC, look_id LIMIT %(wide_ones)s)
"""
# More of them around a page are not looked at, but the newest.
_WIDE_ONES: Final = 16
# Of more than so many the smallest are put together, before any is not looked at: a sample that is taken again and
# again leaves one each time, for the few objects that have changed.
_MANY_WIDE_ONES: Final = 8
# What a row may become by that, as it is stored: with 16 so large, a page of keys has 4 MiB to look through.
_TOGETHER_BYTES: Final = 256 * 1024
_PUT_WIDE_TOGETHER: Final = """
    WITH sized AS (
        SELECT look_id, way, octet_length(objects) + pg_column_size(remarks) AS bytes
        FROM scan_look WHERE bucket = %(bucket)s AND wide),
    small AS (
        SELECT look_id, count(*) OVER (PARTITION BY way) AS of_way,
               sum(bytes) OVER (PARTITION BY way ORDER BY bytes, look_id) AS up_to_here
        FROM sized),
    gone AS (
        DELETE FROM scan_look WHERE look_id IN (
            SELECT look_id FROM scan_look WHERE look_id IN (
                SELECT look_id FROM small WHERE of_way > %(many)s AND up_to_here <= %(most_bytes)s)
            ORDER BY look_id FOR UPDATE SKIP LOCKED)
        RETURNING way, first_key, last_key, objects, remarks)
    INSERT INTO scan_look (tenant_id, look_id, bucket, way, first_key, last_key, objects, remarks, wide)
    SELECT %(tenant_id)s, gen_random_uuid(), %(bucket)s, g.way, min(g.first_key), max(g.last_key),
           string_agg(g.objects, ''::bytea),
           (SELECT coalesce(jsonb_agg(r), '[]') FROM gone o, jsonb_array_elements(o.remarks) AS r WHERE o.way = g.way),
           true
    FROM gone g GROUP BY g.way
"""
# In one order, and leaving what another scan is at: both write down the same.
_REMOVE: Final = """
    DELETE FROM scan_look WHERE look_id IN (
        SELECT look_id FROM scan_look WHERE look_id = ANY(%(look_ids)s) ORDER BY look_id FOR UPDATE SKIP LOCKED)
"""
_THERE: Final = "SELECT finding_id FROM finding WHERE finding_id = ANY(%(finding_ids)s)"
_LINK: Final = """
    WITH linked AS (
        INSERT INTO scan_finding (tenant_id, scan_id, finding_id)
        SELECT %(tenant_id)s, %(scan_id)s, f FROM unnest(%(finding_ids)s::uuid[]) AS f ORDER BY f
        ON CONFLICT DO NOTHING RETURNING finding_id)
    SELECT severity, detector, count(*) AS findings FROM finding JOIN linked USING (finding_id)
    GROUP BY severity, detector
"""


async def add(db: Db, tenant_id: UUID, bucket: str, way: bytes, row: LookRow, *, wide: bool = False) -> None:
    """Note what was looked through. way: see `ways.way_of`. wide: whether its objects lie further apart than a page."""
    # Without `asdict`, which copies each remark.
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "look_id": row.look_id,
        "bucket": bucket,
        "way": way,
        "first_key": row.first_key,
        "last_key": row.last_key,
        "objects": row.objects,
        "remarks": json.dumps(row.remarks),
        "wide": wide,
    }
    await db.execute(_ADD, values)


async def between(db: Db, bucket: str, way: bytes, first_key: str, last_key: str) -> list[LookRow]:
    """What was looked through in the same way between two keys, with some beyond."""
    values = {"bucket": bucket, "way": way, "first_key": first_key, "last_key": last_key, "wide_ones": _WIDE_ONES}
    async with db.cursor(row_factory=class_row(LookRow)) as cursor:
        return await (await cursor.execute(_BETWEEN, values)).fetchall()


async def put_wide_together(db: Db, tenant_id: UUID, bucket: str) -> None:
    """Make one row of the small ones whose objects lie far apart, where there are many."""
    values = {"many": _MANY_WIDE_ONES, "most_bytes": _TOGETHER_BYTES}
    await db.execute(_PUT_WIDE_TOGETHER, values | {"tenant_id": tenant_id, "bucket": bucket})


async def remove(db: Db, look_ids: Sequence[UUID]) -> None:
    """Forget rows, which another one takes the place of."""
    await db.execute(_REMOVE, {"look_ids": list(look_ids)})


async def there(db: Db, finding_ids: Sequence[UUID]) -> list[UUID]:
    """Those findings that there are."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_THERE, {"finding_ids": list(finding_ids)})
        return await cursor.fetchall()


async def link(db: Db, tenant_id: UUID, scan_id: UUID, finding_ids: Sequence[UUID]) -> list[tuple[str, str, int]]:
    """Make stored findings a scan's too; severity, detector and number of those that were not."""
    values = {"tenant_id": tenant_id, "scan_id": scan_id, "finding_ids": list(finding_ids)}
    async with db.cursor() as cursor:
        await cursor.execute(_LINK, values)
        return await cursor.fetchall()
