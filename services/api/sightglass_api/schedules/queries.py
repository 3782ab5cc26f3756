"""All SQL of schedules. Each function but `due` runs in a transaction inside the tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from sightglass_api.scans.schemas import NewScan
from sightglass_common.db import Db
from sightglass_common.errors import ScheduleNotFound

_COLUMNS: Final = """
    schedule_id, cron, timezone, scan, paused, next_at, last_at, last_scan_id, started, skipped, refused,
    error_code, error_detail, created_at
"""
_NOW: Final = "SELECT now()"
_INSERT: Final = (
    """
    INSERT INTO schedule (tenant_id, schedule_id, cron, timezone, scan, paused, next_at)
    VALUES (%(tenant_id)s, %(schedule_id)s, %(cron)s, %(timezone)s, %(scan)s, %(paused)s, %(next_at)s)
    RETURNING"""
    + _COLUMNS
)
_ONE: Final = "SELECT" + _COLUMNS + "FROM schedule WHERE schedule_id = %(schedule_id)s"
_LOCKED: Final = _ONE + " FOR UPDATE"
_PAGE: Final = (
    "SELECT"
    + _COLUMNS
    + """FROM schedule WHERE (%(before)s::uuid IS NULL OR schedule_id < %(before)s)
    ORDER BY schedule_id DESC LIMIT %(limit)s
"""
)
_CHANGE: Final = (
    """
    UPDATE schedule SET cron = %(cron)s, timezone = %(timezone)s, scan = %(scan)s, paused = %(paused)s,
                        next_at = %(next_at)s
    WHERE schedule_id = %(schedule_id)s RETURNING"""
    + _COLUMNS
)
_DELETE: Final = "DELETE FROM schedule WHERE schedule_id = %(schedule_id)s"
_DUE: Final = """
    SELECT tenant_id, schedule_id FROM schedule WHERE next_at <= %(now)s ORDER BY next_at, schedule_id LIMIT %(limit)s
"""
# Whom it is locked for does it; another relay finds it done, or held.
_TAKE: Final = _ONE + " AND next_at <= %(now)s FOR UPDATE SKIP LOCKED"
_UNDER_WAY: Final = """
    SELECT EXISTS (SELECT FROM scan s JOIN job j ON j.tenant_id = s.tenant_id AND j.job_id = s.job_id
                   WHERE s.scan_id = %(scan_id)s AND j.status IN ('queued', 'running'))
"""
_DONE: Final = """
    UPDATE schedule
    SET last_at = next_at, next_at = %(next_at)s, paused = %(next_at)s::timestamptz IS NULL,
        last_scan_id = coalesce(%(scan_id)s, last_scan_id),
        started = started + (%(outcome)s = 'started')::int, skipped = skipped + (%(outcome)s = 'skipped')::int,
        refused = refused + (%(outcome)s = 'refused')::int,
        error_code = %(error_code)s, error_detail = %(error_detail)s
    WHERE schedule_id = %(schedule_id)s
"""


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as it is stored."""

    schedule_id: UUID
    cron: str
    timezone: str
    scan: Mapping[str, Any]
    paused: bool
    next_at: datetime | None
    last_at: datetime | None
    last_scan_id: UUID | None
    started: int
    skipped: int
    refused: int
    error_code: str | None
    error_detail: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Which schedule is due."""

    tenant_id: UUID
    schedule_id: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done at a due time: started, skipped or refused, and what that began or why not."""

    outcome: str
    scan_id: UUID | None = None
    error_code: str | None = None
    error_detail: str | None = None


async def now(db: Db) -> datetime:
    """The database's clock, so that it is one for all."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        moment: datetime | None = await (await cursor.execute(_NOW)).fetchone()
    if moment is None:
        raise RuntimeError("Postgres does not tell the time.")
    return moment


async def insert(
    db: Db,
    tenant_id: UUID,
    schedule_id: UUID,
    *,
    cron: str,
    timezone: str,
    scan: NewScan,
    paused: bool,
    next_at: datetime | None,
) -> ScheduleRow:
    """Add a schedule."""
    values = {
        "tenant_id": tenant_id,
        "schedule_id": schedule_id,
        "cron": cron,
        "timezone": timezone,
        "scan": Jsonb(scan.model_dump(mode="json")),
        "paused": paused,
        "next_at": next_at,
    }
    return await _one(db, _INSERT, values)


async def schedule(db: Db, schedule_id: UUID, *, lock: bool = False) -> ScheduleRow:
    """One schedule, and held until the transaction ends if `lock`. Raises ScheduleNotFound."""
    return await _one(db, _LOCKED if lock else _ONE, {"schedule_id": schedule_id})


async def schedules(db: Db, *, before: UUID | None, limit: int) -> list[ScheduleRow]:
    """Schedules, the newest first."""
    async with db.cursor(row_factory=class_row(ScheduleRow)) as cursor:
        return await (await cursor.execute(_PAGE, {"before": before, "limit": limit})).fetchall()


async def change(db: Db, schedule_id: UUID, **columns: object) -> ScheduleRow:
    """Set cron, timezone, scan, paused and next_at. Raises ScheduleNotFound."""
    return await _one(db, _CHANGE, {"schedule_id": schedule_id, **columns})


async def delete(db: Db, schedule_id: UUID) -> None:
    """Remove a schedule; its scans stay. Raises ScheduleNotFound."""
    if (await db.execute(_DELETE, {"schedule_id": schedule_id})).rowcount == 0:
        raise ScheduleNotFound


async def due(db: Db, moment: datetime, *, limit: int) -> list[Due]:
    """Schedules of any tenant that are due, as role sightglass_relay and outside of any tenant."""
    async with db.cursor(row_factory=class_row(Due)) as cursor:
        return await (await cursor.execute(_DUE, {"now": moment, "limit": limit})).fetchall()


async def take(db: Db, schedule_id: UUID, moment: datetime) -> ScheduleRow | None:
    """A schedule that is due still, held until the transaction ends; None when another relay does or did it."""
    async with db.cursor(row_factory=class_row(ScheduleRow)) as cursor:
        return await (await cursor.execute(_TAKE, {"schedule_id": schedule_id, "now": moment})).fetchone()


async def under_way(db: Db, scan_id: UUID) -> bool:
    """Whether a scan is not over."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return bool(await (await cursor.execute(_UNDER_WAY, {"scan_id": scan_id})).fetchone())


async def done(db: Db, schedule_id: UUID, outcome: Outcome, *, next_at: datetime | None) -> None:
    """Note what was done at the due time, and move on to the next; None: there is none, and it is paused."""
    values = {
        "schedule_id": schedule_id,
        "next_at": next_at,
        "outcome": outcome.outcome,
        "scan_id": outcome.scan_id,
        "error_code": outcome.error_code,
        "error_detail": outcome.error_detail,
    }
    await db.execute(_DONE, values)


async def _one(db: Db, statement: Any, values: Mapping[str, object]) -> ScheduleRow:
    async with db.cursor(row_factory=class_row(ScheduleRow)) as cursor:
        row = await (await cursor.execute(statement, values)).fetchone()
    if row is None:
        raise ScheduleNotFound
    return row
