"""All SQL of findings for clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import FindingNotFound

_COLUMNS: Final = """
    f.finding_id, f.bucket, f.object_key, f.version, f.detector, f.severity, f.confidence, f.locator, f.masked,
    encode(f.value_hash, 'hex') AS value_hash, f.state, f.note, f.found_at
"""
_FILTERS: Final = """
        (%(detector)s::text IS NULL OR f.detector = %(detector)s)
    AND (%(severity)s::text IS NULL OR f.severity = %(severity)s)
    AND (%(min_confidence)s::real IS NULL OR f.confidence >= %(min_confidence)s::real)
    AND (%(bucket)s::text IS NULL OR f.bucket = %(bucket)s)
    AND (%(prefix)s::text IS NULL OR starts_with(f.object_key, %(prefix)s))
    AND (%(state)s::text IS NULL OR f.state = %(state)s)
"""
_NEWEST: Final = (
    "SELECT"
    + _COLUMNS
    + "FROM finding f WHERE"
    + _FILTERS
    + """
    AND (%(found_at)s::timestamptz IS NULL
         OR (f.found_at, f.finding_id) < (%(found_at)s::timestamptz, %(finding_id)s::uuid))
    ORDER BY f.found_at DESC, f.finding_id DESC LIMIT %(limit)s
"""
)
_OF_SCAN: Final = (
    "SELECT"
    + _COLUMNS
    + """
    FROM scan_finding s JOIN finding f ON f.tenant_id = s.tenant_id AND f.finding_id = s.finding_id
    WHERE s.scan_id = %(scan_id)s AND (%(finding_id)s::uuid IS NULL OR s.finding_id > %(finding_id)s::uuid) AND"""
    + _FILTERS
    + "ORDER BY s.finding_id LIMIT %(limit)s"
)
_CHANGE: Final = (
    """
    UPDATE finding AS f SET state = coalesce(%(state)s, f.state), note = coalesce(%(note)s, f.note)
    WHERE f.finding_id = %(finding_id)s RETURNING"""
    + _COLUMNS
)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as it is stored."""

    finding_id: UUID
    bucket: str
    object_key: str
    version: str
    detector: str
    severity: str
    confidence: float
    locator: Mapping[str, Any]
    masked: str
    value_hash: str
    state: str
    note: str
    found_at: datetime


async def newest(
    db: Db, filters: Mapping[str, object], *, before: tuple[datetime, UUID] | None, limit: int
) -> list[FindingRow]:
    """Findings, the newest first. filters: a value, or None, for each of _FILTERS."""
    found_at, finding_id = before or (None, None)
    values = {**filters, "found_at": found_at, "finding_id": finding_id, "limit": limit}
    async with db.cursor(row_factory=class_row(FindingRow)) as cursor:
        return await (await cursor.execute(_NEWEST, values)).fetchall()


async def of_scan(
    db: Db, scan_id: UUID, filters: Mapping[str, object], *, after: UUID | None, limit: int
) -> list[FindingRow]:
    """Findings of a scan, by their ids."""
    values = {**filters, "scan_id": scan_id, "finding_id": after, "limit": limit}
    async with db.cursor(row_factory=class_row(FindingRow)) as cursor:
        return await (await cursor.execute(_OF_SCAN, values)).fetchall()


async def change(db: Db, finding_id: UUID, *, state: str | None, note: str | None) -> FindingRow:
    """Note what a person says of a finding. Raises FindingNotFound."""
    values = {"finding_id": finding_id, "state": state, "note": note}
    async with db.cursor(row_factory=class_row(FindingRow)) as cursor:
        row = await (await cursor.execute(_CHANGE, values)).fetchone()
    if row is None:
        raise FindingNotFound
    return row
