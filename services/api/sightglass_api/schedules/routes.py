"""Schedules: made, looked at, changed, paused and removed. The relay begins what is due."""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from psycopg.types.json import Jsonb

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.detectors.choice import check_detectors
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.scans.submission import check_buckets
from sightglass_api.schedules import queries
from sightglass_api.schedules.queries import ScheduleRow
from sightglass_api.schedules.schemas import NewSchedule, Schedule, ScheduleChange
from sightglass_api.schedules.timing import NeverDue, next_due
from sightglass_common.db import Db
from sightglass_common.errors import BucketNotLinked, InvalidCursor, InvalidRequest, ScheduleNotFound, UnknownDetectors
from sightglass_common.ids import new_id

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

_LISTING: Final = "schedules"


@router.post("", status_code=201, **guarded(Permission.SCAN, BucketNotLinked, UnknownDetectors, body=True))
async def create_schedule(new: NewSchedule, tenant: CallersTenant) -> Schedule:
    """Have a bucket scanned again and again. Each due time begins one scan, unless the one before is under way."""
    await check_detectors(tenant, new.scan)
    async with tenant.transaction() as db:
        await check_buckets(db, new.scan, platforms_own=tenant.context.settings.bucket)
        next_at = await _next(db, new.cron, new.timezone, paused=new.paused)
        row = await queries.insert(
            db,
            tenant.tenant_id,
            new_id(),
            cron=new.cron,
            timezone=new.timezone,
            scan=new.scan,
            paused=new.paused,
            next_at=next_at,
        )
    return _schedule_of(row)


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_schedules(
    db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Schedule]:
    """The tenant's schedules, the newest first."""
    rows = await queries.schedules(db, before=cursors.decode_id(_LISTING, cursor), limit=limit + 1)
    return cursors.page(_LISTING, [_schedule_of(row) for row in rows], limit, lambda item: str(item.schedule_id))


@router.get("/{schedule_id}", **guarded(Permission.READ, ScheduleNotFound))
async def get_schedule(schedule_id: UUID, db: TenantDb) -> Schedule:
    """One schedule, with what came of it."""
    return _schedule_of(await queries.schedule(db, schedule_id))


@router.patch(
    "/{schedule_id}", **guarded(Permission.SCAN, ScheduleNotFound, BucketNotLinked, UnknownDetectors, body=True)
)
async def change_schedule(schedule_id: UUID, change: ScheduleChange, tenant: CallersTenant) -> Schedule:
    """Change a schedule, pause it, or let it go on. It is next due after now."""
    if change.scan is not None:
        await check_detectors(tenant, change.scan)
    async with tenant.transaction() as db:
        row = await queries.schedule(db, schedule_id, lock=True)
        if change.scan is not None:
            await check_buckets(db, change.scan, platforms_own=tenant.context.settings.bucket)
        cron = row.cron if change.cron is None else change.cron
        timezone = row.timezone if change.timezone is None else change.timezone
        paused = row.paused if change.paused is None else change.paused
        same_time = (cron, timezone, paused) == (row.cron, row.timezone, row.paused)
        changed = await queries.change(
            db,
            schedule_id,
            cron=cron,
            timezone=timezone,
            scan=Jsonb(row.scan if change.scan is None else change.scan.model_dump(mode="json")),
            paused=paused,
            next_at=row.next_at if same_time else await _next(db, cron, timezone, paused=paused),
        )
    return _schedule_of(changed)


@router.delete("/{schedule_id}", status_code=204, **guarded(Permission.SCAN, ScheduleNotFound))
async def delete_schedule(schedule_id: UUID, db: TenantDb) -> None:
    """Remove a schedule. The scans that it has begun stay, and go on."""
    await queries.delete(db, schedule_id)


async def _next(db: Db, cron: str, timezone: str, *, paused: bool) -> datetime | None:
    try:
        due = next_due(cron, timezone, await queries.now(db))
    except NeverDue as error:
        raise InvalidRequest(str(error), errors=[{"pointer": f"/{error.field}", "detail": str(error)}]) from error
    return None if paused else due


def _schedule_of(row: ScheduleRow) -> Schedule:
    # A version that knew more settings may have written it.
    return Schedule.model_validate(asdict(row), extra="ignore")
