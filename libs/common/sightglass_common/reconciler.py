"""The reconciler: finds jobs that no message carries forward any more, and sends them again.

Messages get lost where we cannot see it: a queue is purged, a stand-in restarts empty, a worker dies and SQS has
given up on the message. The rows know. To send a job twice is harmless: the second finds it busy or over.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, LiteralString
from uuid import UUID

import structlog
from psycopg.rows import class_row, scalar_row

from sightglass_common import effects, outbox, waiting
from sightglass_common.db import Db, Pool, tenant_transaction, untenanted_transaction
from sightglass_common.errors import AttemptsExhausted
from sightglass_common.jobs import FinalStatus
from sightglass_common.metrics import JOBS, RECONCILED
from sightglass_common.outage import keep_on
from sightglass_common.outcomes import reason_of
from sightglass_common.queue_urls import QueueUrls
from sightglass_common.queues import BY_NAME

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

_EVERY_S: Final = 15.0
_QUEUED_FOR_S: Final = 120.0
_LEASE_OVER_FOR_S: Final = 30.0
# After so long a job is sent again even while its queue holds messages, one of which may be its own.
_SURELY_LOST_S: Final = 1800.0
_PAGE: Final = 500

# A job with a row in the outbox is on its way already; one that was never sent waits for another (see waiting.py).
_STRANDED: Final = """
    SELECT tenant_id, job_id, kind, status, queue, message::text AS body, attempts_left,
           cancel_requested_at IS NOT NULL AS cancel_requested,
           coalesce(lease_until > %(now)s, false) AS held
    FROM job
    WHERE (status = 'queued' AND queued_at <= %(now)s - make_interval(secs => %(queued_s)s)
           OR status = 'running' AND (%(held_too)s AND queued_at <= %(now)s OR
               lease_until <= %(now)s - make_interval(secs => %(lease_over_s)s)))
      AND sends > 0 AND queue = ANY(%(known)s)
      AND (queue = ANY(%(empty)s)
           OR queued_at <= %(now)s - make_interval(secs => %(surely_lost_s)s))
      AND NOT EXISTS (SELECT FROM outbox WHERE outbox.tenant_id = job.tenant_id AND outbox.job_id = job.job_id)
    ORDER BY queued_at LIMIT %(page)s FOR UPDATE SKIP LOCKED
"""
_REQUEUE: Final = """
    UPDATE job
    SET sends = sends + 1, queued_at = now(), status = 'queued', lease_until = NULL,
        attempts_left = attempts_left - (status = 'running')::int,
        revision = revision + (status = 'running')::int
    WHERE tenant_id = %(tenant_id)s AND job_id = %(job_id)s
"""
_SENT_AGAIN: Final = """
    UPDATE job SET sends = sends + 1, queued_at = now() WHERE tenant_id = %(tenant_id)s AND job_id = %(job_id)s
"""
# A new attempt number shuts out the worker that may still hold it.
_END: Final = """
    UPDATE job
    SET status = %(status)s, finished_at = now(), lease_until = NULL, attempt = attempt + 1, attempts_left = 0,
        error_code = %(code)s, error_detail = %(detail)s, error_retryable = %(retryable)s,
        error_stage = CASE WHEN %(code)s::text IS NOT NULL THEN stage END,
        revision = revision + 1
    WHERE tenant_id = %(tenant_id)s AND job_id = %(job_id)s
"""
# What was paid for so long ago is asked anew, of a model that may know better.
_FORGET_LABELS: Final = """
    DELETE FROM label_cache WHERE (tenant_id, key) IN (
        SELECT tenant_id, key FROM label_cache WHERE created_at < now() - interval '90 days'
        LIMIT 1000)
"""

# Whoever asked has long stopped waiting.
_FORGET_REVEALS: Final = "DELETE FROM reveal WHERE asked_at < now() - interval '5 minutes'"

# SQS keeps a message 14 days at most; a part that is still to be done, whatever became of its job, is not over.
_FORGET_PARTS: Final = """
    DELETE FROM job WHERE ctid = ANY(ARRAY(
        SELECT j.ctid FROM job j
        WHERE j.kind = 'scan_part' AND j.finished_at < now() - interval '15 days'
          AND NOT EXISTS (SELECT FROM scan_part p
                          WHERE p.tenant_id = j.tenant_id AND p.scan_id = (j.message->'data'->>'scan_id')::uuid
                            AND p.job_id = j.job_id)
        LIMIT 1000))
"""

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Stranded:
    tenant_id: UUID
    job_id: UUID
    kind: str
    status: str
    queue: str
    body: str
    attempts_left: int
    cancel_requested: bool
    held: bool

    @property
    def key(self) -> dict[str, object]:
        return {"tenant_id": self.tenant_id, "job_id": self.job_id}


class Reconciler:
    """Looks through the unfinished jobs for as long as it runs. Any number may run at once.

    pool: as role sightglass_relay.
    """

    def __init__(self, pool: Pool, sqs: "Sqs", queue_prefix: str = "", *, every_s: float = _EVERY_S) -> None:
        self._pool = pool
        self._sqs = sqs
        self._urls = QueueUrls(sqs, queue_prefix)
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Look every 15 seconds until `stop`, and remove old notes, labels, reveals and parts. Survives outages."""
        await keep_on("reconciler", self._look, stop, self._every_s)

    async def _look(self) -> None:
        await self.run_once()
        async with untenanted_transaction(self._pool) as db:
            await effects.forget_old(db)
            await forget_labels(db)
            await forget_reveals(db)
            await forget_parts(db)

    async def run_once(self, *, now: datetime | None = None, older_than_s: float = _QUEUED_FOR_S) -> int:
        """Send again what is stranded; how many jobs were sent, or ended as their attempts are spent.

        now: instead of the database's clock.
        older_than_s: how long a job has waited at least since it was last sent. 0 is for when the queues were lost:
            it sends every unfinished job at once, whatever the queues seem to hold; to one that a worker may still
            hold, a message that waits for that lease to run out.
        """
        lost = older_than_s <= 0
        names = list(BY_NAME)
        values: dict[str, object] = {
            # Fixed for all pages, so that what one page has sent is not found again by the next.
            "now": now or await self._now(),
            "known": names,
            "queued_s": older_than_s,
            "held_too": lost,
            "lease_over_s": _LEASE_OVER_FOR_S,
            "empty": names if lost else await self._empty(names),
            "surely_lost_s": _SURELY_LOST_S,
            "page": _PAGE,
        }
        found = 0
        while page := await self._page(values):
            found += page
            if page < _PAGE:
                break
        return found

    async def _now(self) -> datetime:
        async with untenanted_transaction(self._pool) as db, db.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute("SELECT now()")
            now: datetime = await cursor.fetchone() or datetime.now(UTC)
        return now

    async def _page(self, values: dict[str, object]) -> int:
        async with untenanted_transaction(self._pool) as db:
            async with db.cursor(row_factory=class_row(_Stranded)) as cursor:
                await cursor.execute(_STRANDED, values)
                stranded = await cursor.fetchall()
            ended = [job for job in stranded if await _reconcile(db, job)]
        for job in ended:
            await self._tell(job)
        return len(stranded)

    async def _tell(self, job: _Stranded) -> None:
        """Tell those who wait for a job of its end. Killed before, they are looked after when nothing has moved."""
        async with tenant_transaction(self._pool, job.tenant_id) as db:
            await waiting.wake(db, job.job_id)
            await waiting.wake_scan(db, job.job_id)

    async def _empty(self, names: Iterable[str]) -> list[str]:
        """The queues that hold nothing: a job of theirs that is not running is lost."""
        return [name for name in names if await self._depth(name) == 0]

    async def _depth(self, name: str) -> int:
        answer = await self._sqs.get_queue_attributes(
            QueueUrl=await self._urls.of(name),
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )
        return sum(map(int, answer["Attributes"].values()))


async def forget_labels(db: Db) -> int:
    """Remove some of the labels that were kept for 90 days, as role sightglass_relay; how many pictures' went."""
    return (await db.execute(_FORGET_LABELS)).rowcount


async def forget_reveals(db: Db) -> int:
    """Remove questions whose asker was killed, with their sealed answers, as role sightglass_relay; how many."""
    return (await db.execute(_FORGET_REVEALS)).rowcount


async def forget_parts(db: Db) -> int:
    """Remove some of the jobs of scans' parts that are long over, as role sightglass_relay; how many."""
    return (await db.execute(_FORGET_PARTS)).rowcount


async def _reconcile(db: Db, job: _Stranded) -> bool:
    """Whether it was ended, and not sent again."""
    _log.warning("job.stranded", job_id=str(job.job_id), tenant_id=str(job.tenant_id), status=job.status)
    if job.held:
        await _send(db, job, _SENT_AGAIN, "queues_lost")
        return False
    if job.cancel_requested:
        await _end(db, job, "cancelled", None)
    elif job.status == "running" and job.attempts_left <= 1:
        error = AttemptsExhausted()
        await _end(db, job, "failed", error)
        dead = BY_NAME[job.queue].dead_letters
        await outbox.post_body(db, job.tenant_id, dead, job.body, job_id=job.job_id, reason=reason_of(error))
    else:
        await _send(db, job, _REQUEUE, "lease_over" if job.status == "running" else "stranded")
        return False
    return True


async def _send(db: Db, job: _Stranded, statement: LiteralString, reason: str) -> None:
    await db.execute(statement, job.key)
    await outbox.post_body(db, job.tenant_id, job.queue, job.body, job_id=job.job_id)
    RECONCILED.labels(reason).inc()


async def _end(db: Db, job: _Stranded, status: FinalStatus, error: AttemptsExhausted | None) -> None:
    columns = {"code": None, "detail": None, "retryable": None}
    if error is not None:
        columns = {"code": error.code, "detail": error.detail, "retryable": error.retryable}
    await db.execute(_END, {"status": status, **job.key, **columns})
    JOBS.labels(job.kind, status, error.code if error else "").inc()
