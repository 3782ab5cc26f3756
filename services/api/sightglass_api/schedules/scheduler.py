"""Begins the scans of schedules that are due. Any number may run at once, and be killed at any moment.

A due time is done in one transaction, which holds the schedule's row: scan, job, message and the next due time stand
together, or nothing does. What was missed, while no relay ran, is done once and late.
"""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from sightglass_api.scans import submission
from sightglass_api.scans.schemas import NewScan
from sightglass_api.schedules import queries
from sightglass_api.schedules.queries import Due, Outcome, ScheduleRow
from sightglass_api.schedules.timing import NeverDue, next_due
from sightglass_common.db import Db, Pool, tenant_transaction, untenanted_transaction
from sightglass_common.errors import BucketNotLinked
from sightglass_common.metrics import SCHEDULED
from sightglass_common.outage import keep_on
from sightglass_common.tracing import Trace

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

# Cron counts in minutes.
_EVERY_S: Final = 5.0
_PAGE: Final = 100


class Scheduler:
    """Looks for schedules that are due for as long as it runs.

    pool: as role sightglass_relay. platforms_own: the bucket that no tenant may name.
    """

    def __init__(self, pool: Pool, platforms_own: str, *, every_s: float = _EVERY_S) -> None:
        self._pool = pool
        self._platforms_own = platforms_own
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until `stop`. Survives outages."""
        await keep_on("scheduler", self.run_once, stop, self._every_s)

    async def run_once(self, now: datetime | None = None) -> int:
        """Do what is due; how many due times were done. now: instead of the database's clock."""
        async with untenanted_transaction(self._pool) as db:
            moment = now or await queries.now(db)
        done = 0
        while True:
            async with untenanted_transaction(self._pool) as db:
                due = await queries.due(db, moment, limit=_PAGE)
            did = 0
            for schedule in due:
                did += await self._do(schedule, moment)
            done += did
            # What others hold they do; without progress, the next look is soon enough.
            if did == 0 or len(due) < _PAGE:
                return done

    async def _do(self, due: Due, moment: datetime) -> bool:
        async with tenant_transaction(self._pool, due.tenant_id) as db:
            schedule = await queries.take(db, due.schedule_id, moment)
            if schedule is None:
                return False
            outcome, next_at = await self._outcome(db, due, schedule), None
            try:
                next_at = next_due(schedule.cron, schedule.timezone, moment)
            except NeverDue as error:  # such as a time zone that was given up
                outcome = Outcome(outcome.outcome, outcome.scan_id, "never_due", str(error))
            await queries.done(db, due.schedule_id, outcome, next_at=next_at)
        SCHEDULED.labels(outcome.outcome).inc()
        _log.info(
            "schedule.due",
            tenant_id=str(due.tenant_id),
            schedule_id=str(due.schedule_id),
            due_at=str(schedule.next_at),
            outcome=outcome.outcome,
            error=outcome.error_code,
        )
        return True

    async def _outcome(self, db: Db, due: Due, schedule: ScheduleRow) -> Outcome:
        if schedule.last_scan_id and await queries.under_way(db, schedule.last_scan_id):
            return Outcome("skipped")
        try:
            new = NewScan.model_validate(schedule.scan)
            own = self._platforms_own
            started = await submission.begin(db, due.tenant_id, new, platforms_own=own, trace=Trace.new())
        except BucketNotLinked as error:
            return Outcome("refused", error_code=error.code, error_detail=error.detail)
        except ValueError:  # pydantic's: written by a version that knew other settings
            return Outcome("refused", error_code="invalid_request", error_detail="The scan is none any more.")
        return Outcome("started", started.scan_id)
