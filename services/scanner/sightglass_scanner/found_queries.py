"""All SQL of what a scan finds and counts. Each function runs in the transaction of a part's effect."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from psycopg.rows import scalar_row

from sightglass_common.db import Db
from sightglass_scanner.results import FindingRow, ObjectNote, Tally

# In the order of the key, so that two transactions lock the same rows in the same order.
_FINDINGS: Final = """
    INSERT INTO finding (tenant_id, finding_id, bucket, object_key, version, detector, severity, confidence, locator,
                         masked, value_hash, detail)
    SELECT %(tenant_id)s, f.finding_id, f.bucket, f.object_key, f.version, f.detector, f.severity, f.confidence,
           f.locator, f.masked, decode(f.value_hash, 'hex'), f.detail
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS f (
        finding_id uuid, bucket text, object_key text, version text, detector text, severity text, confidence real,
        locator jsonb, masked text, value_hash text, detail text)
    ORDER BY f.finding_id
    ON CONFLICT DO NOTHING
"""
_OF_SCAN: Final = """
    INSERT INTO scan_finding (tenant_id, scan_id, finding_id)
    SELECT %(tenant_id)s, %(scan_id)s, f FROM unnest(%(ids)s::uuid[]) AS f ORDER BY f
    ON CONFLICT DO NOTHING RETURNING finding_id
"""
_NOTES: Final = """
    INSERT INTO scan_object (tenant_id, scan_id, object_key, version, outcome, reason, detail)
    SELECT %(tenant_id)s, %(scan_id)s, n.object_key, n.version, n.outcome, n.reason, n.detail
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (
        object_key text, version text, outcome text, reason text, detail text)
    ON CONFLICT DO NOTHING
"""
_COUNT: Final = """
    INSERT INTO scan_count AS c (tenant_id, scan_id, shard, name, objects, bytes)
    SELECT %(tenant_id)s, %(scan_id)s, %(shard)s, n.name, n.objects, n.bytes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (name text, objects bigint, bytes bigint)
    ORDER BY n.name
    ON CONFLICT (tenant_id, scan_id, shard, name)
    DO UPDATE SET objects = c.objects + excluded.objects, bytes = c.bytes + excluded.bytes
"""
_FAILED: Final = """
    SELECT coalesce(sum(objects), 0) > 0 FROM scan_count WHERE scan_id = %(scan_id)s AND name = 'failed'
"""
# Each read sums up all shards of all counters, so no more of them than writers need: a transaction holds its shard from
# here to its commit, a few milliseconds.
SHARDS: Final = 4
_ROWS_AT_ONCE: Final = 1000


async def add_findings(db: Db, tenant_id: UUID, scan_id: UUID, findings: Sequence[FindingRow]) -> set[UUID]:
    """Store findings as a scan's; the ids of those that it did not have."""
    await store(db, tenant_id, findings)
    new: set[UUID] = set()
    ids = sorted(row.finding_id for row in findings)
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        values = {"tenant_id": tenant_id, "scan_id": scan_id, "ids": ids[start : start + _ROWS_AT_ONCE]}
        async with db.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(_OF_SCAN, values)
            new.update(await cursor.fetchall())
    return new


async def store(db: Db, tenant_id: UUID, findings: Sequence[FindingRow]) -> None:
    """Store findings; those that are there stay as they are."""
    ordered = sorted(findings, key=lambda row: row.finding_id)
    for start in range(0, len(ordered), _ROWS_AT_ONCE):
        some = ordered[start : start + _ROWS_AT_ONCE]
        rows = json.dumps([_json(row) for row in some])
        await db.execute(_FINDINGS, {"tenant_id": tenant_id, "rows": rows})


def _json(row: FindingRow) -> dict[str, Any]:
    # Without `asdict`, which copies whatever is in a row, and so costs more than storing it.
    fields = {field: getattr(row, field) for field in FindingRow.__slots__}
    return fields | {"finding_id": str(row.finding_id), "value_hash": row.value_hash.hex()}


async def add_notes(db: Db, tenant_id: UUID, scan_id: UUID, notes: Sequence[ObjectNote]) -> None:
    """Note objects that were not read as a whole."""
    if notes:
        rows = json.dumps([asdict(note) for note in notes])
        await db.execute(_NOTES, {"tenant_id": tenant_id, "scan_id": scan_id, "rows": rows})


async def count(db: Db, tenant_id: UUID, scan_id: UUID, part_id: UUID, tally: Tally) -> None:
    """Add to a scan's counters. part_id: of the part whose effect this is; it chooses the shard."""
    rows: list[dict[str, Any]] = [
        {"name": name, "objects": objects, "bytes": tally.bytes[name]} for name, objects in tally.objects.items()
    ]
    values = {"tenant_id": tenant_id, "scan_id": scan_id, "shard": part_id.int % SHARDS, "rows": json.dumps(rows)}
    await db.execute(_COUNT, values)


async def any_failed(db: Db, scan_id: UUID) -> bool:
    """Whether an object of a scan could not be read."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_FAILED, {"scan_id": scan_id})
        return bool(await cursor.fetchone())
