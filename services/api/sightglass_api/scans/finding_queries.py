"""All SQL of findings for clients."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import FindingNotFound

_COLUMNS: Final = """
    f.finding_id, f.bucket, f.object_key, f.version, f.detector, f.severity, f.confidence, f.locator, f.masked,
    encode(f.value_hash, 'hex') AS value_hash, f.state, f.note, f.found_at, f.detail
"""
_FILTERS: Final = """
        (%(detector)s::text IS NULL OR f.detector = %(detector)s)
    AND (%(severity)s::text IS NULL OR f.severity = %(severity)s)
    AND (%(confidence)s::real IS NULL OR f.confidence >= %(confidence)s::real)
    AND (%(bucket)s::text IS NULL OR f.bucket = %(bucket)s)
    AND (%(prefix)s::text IS NULL OR starts_with(f.object_key, %(prefix)s))
    AND (%(state)s::text IS NULL OR f.state = %(state)s)
"""
_EVERY: Final = "SELECT" + _COLUMNS + "FROM finding f WHERE" + _FILTERS
_EVERY_NEWEST: Final = _EVERY + "ORDER BY f.found_at DESC, f.finding_id DESC"
_NEWEST: Final = (
    _EVERY
    + """
    AND (%(found_at)s::timestamptz IS NULL
         OR (f.found_at, f.finding_id) < (%(found_at)s::timestamptz, %(finding_id)s::uuid))
    ORDER BY f.found_at DESC, f.finding_id DESC LIMIT %(limit)s
"""
)
_EVERY_OF_SCAN: Final = (
    "SELECT"
    + _COLUMNS
    + """
    FROM scan_finding s JOIN finding f ON f.tenant_id = s.tenant_id AND f.finding_id = s.finding_id
    WHERE s.scan_id = %(scan_id)s AND (%(finding_id)s::uuid IS NULL OR s.finding_id > %(finding_id)s::uuid) AND"""
    + _FILTERS
    + "ORDER BY s.finding_id"
)
_OF_SCAN: Final = _EVERY_OF_SCAN + " LIMIT %(limit)s"
_GIVE_UP: Final = "SELECT set_config('idle_in_transaction_session_timeout', %(wait_ms)s, true)"
_ROWS_AT_ONCE: Final = 500
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
    detail: str


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


async def every(db: Db, filters: Mapping[str, object], scan_id: UUID | None) -> AsyncGenerator[list[FindingRow]]:
    """All findings of a scan, or of all scans, some at a time, by a cursor that the database keeps."""
    statement = _EVERY_NEWEST if scan_id is None else _EVERY_OF_SCAN
    async with db.cursor(name="every_finding", row_factory=class_row(FindingRow)) as cursor:
        await cursor.execute(statement, {**filters, "scan_id": scan_id, "finding_id": None})
        while rows := await cursor.fetchmany(_ROWS_AT_ONCE):
            yield rows


async def give_up_after(db: Db, idle_s: int) -> None:
    """Have the database end this transaction when it is asked nothing for so long."""
    await db.execute(_GIVE_UP, {"wait_ms": str(idle_s * 1000)})


async def change(db: Db, finding_id: UUID, *, state: str | None, note: str | None) -> FindingRow:
    """Note what a person says of a finding. Raises FindingNotFound."""
    values = {"finding_id": finding_id, "state": state, "note": note}
    async with db.cursor(row_factory=class_row(FindingRow)) as cursor:
        row = await (await cursor.execute(_CHANGE, values)).fetchone()
    if row is None:
        raise FindingNotFound
    return row
