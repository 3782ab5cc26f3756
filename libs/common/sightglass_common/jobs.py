"""Jobs as those see them who wait for them: put one in the queue, cancel it, try it again.

What a worker does with a job is in `leases`. Every function runs in the caller's tenant transaction.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, TypeVar
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common import outbox, waiting
from sightglass_common.db import Db
from sightglass_common.errors import JobNotCancellable, JobNotFound, JobNotRetryable, LeaseLost
from sightglass_common.ids import new_id
from sightglass_common.messages import Envelope, JobMessage, to_json
from sightglass_common.queues import Queue
from sightglass_common.tracing import Trace

J = TypeVar("J", bound=JobMessage)

FinalStatus: TypeAlias = Literal["done", "partial", "failed", "cancelled"]
Status: TypeAlias = Literal["queued", "running"] | FinalStatus

_SCAN: Final = "scan"

_ENQUEUE: Final = """
    INSERT INTO job (tenant_id, job_id, kind, queue, message, sends)
    VALUES (%(tenant_id)s, %(job_id)s, %(kind)s, %(queue)s, %(message)s::jsonb, 1)
"""
_STATUS: Final = "SELECT status, kind FROM job WHERE job_id = %(job_id)s FOR UPDATE"
_CANCEL_QUEUED: Final = """
    UPDATE job
    SET status = 'cancelled', cancel_requested_at = now(), finished_at = now(), revision = revision + 1
    WHERE job_id = %(job_id)s
"""
# Asked for twice, the first time stands.
_CANCEL_RUNNING: Final = """
    UPDATE job SET cancel_requested_at = now(), revision = revision + 1
    WHERE job_id = %(job_id)s AND cancel_requested_at IS NULL
"""
_FINISHED: Final = "SELECT tenant_id, status, queue, message FROM job WHERE job_id = %(job_id)s FOR UPDATE"
_RETRY: Final = """
    UPDATE job
    SET status = 'queued', message = %(message)s::jsonb, attempts_left = DEFAULT, sends = sends + 1,
        queued_at = now(), finished_at = NULL, cancel_requested_at = NULL, lease_until = NULL,
        stage = NULL, done = 0, total = NULL,
        error_code = NULL, error_detail = NULL, error_stage = NULL, error_retryable = NULL,
        revision = revision + 1
    WHERE job_id = %(job_id)s
"""
_HAND_ON: Final = """
    UPDATE job
    SET status = 'queued', queue = %(queue)s, message = %(message)s::jsonb, attempts_left = DEFAULT, sends = sends + 1,
        queued_at = now(), lease_until = NULL, attempts_before = attempt, revision = revision + 1
    WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running'
"""


@dataclass(frozen=True, slots=True)
class _Finished:
    tenant_id: UUID
    status: Status
    queue: str
    message: dict[str, Any]


async def enqueue(db: Db, queue: Queue[J], envelope: Envelope[J], *, kind: str, job_id: UUID) -> None:
    """Make a job, and send the message that starts it when this commits.

    Raises ValueError when the message names another job: no delivery could ever find this one.
    """
    message = envelope.message
    if message.job_id != job_id:
        raise ValueError(f"The message is for job {message.job_id}, not {job_id}.")
    row = {
        "tenant_id": message.tenant_id,
        "job_id": job_id,
        "kind": kind,
        "queue": queue.name,
        "message": to_json(envelope),
    }
    await db.execute(_ENQUEUE, row)
    await outbox.post(db, queue, envelope, job_id=job_id)


async def request_cancel(db: Db, job_id: UUID) -> Status:
    """Cancel a job; its status after that. A queued one is cancelled at once, a running one by its worker, soon.

    Raises JobNotFound, JobNotCancellable.
    """
    async with db.cursor() as cursor:
        await cursor.execute(_STATUS, {"job_id": job_id})
        row: tuple[Status, str] | None = await cursor.fetchone()
    status, kind = row or (None, "")
    match status:
        case None:
            raise JobNotFound(job_id=str(job_id))
        case "queued":
            await db.execute(_CANCEL_QUEUED, {"job_id": job_id})
            return "cancelled"
        case "running":
            await db.execute(_CANCEL_RUNNING, {"job_id": job_id})
            if kind == _SCAN:  # while it waits for others, nothing of it moves
                await waiting.wake_one(db, job_id)
            return "running"
        case _:
            raise JobNotCancellable(f"The job is {status}.", job_id=str(job_id))


async def retry(db: Db, job_id: UUID, *, trace: Trace | None = None) -> None:
    """Put a failed or cancelled job in its queue again, with all its attempts, as part of `trace`.

    The message gets a new id: under the old one its effect may be noted as done.
    Raises JobNotFound, JobNotRetryable.
    """
    async with db.cursor(row_factory=class_row(_Finished)) as cursor:
        await cursor.execute(_FINISHED, {"job_id": job_id})
        job = await cursor.fetchone()
    if job is None:
        raise JobNotFound(job_id=str(job_id))
    if job.status not in {"failed", "cancelled"}:
        raise JobNotRetryable(f"The job is {job.status}.", job_id=str(job_id))
    renewed = job.message | {
        "id": str(new_id()),
        "time": datetime.now(UTC).isoformat(),
        "traceparent": str((trace or Trace.new()).child()),
    }
    body = json.dumps(renewed, separators=(",", ":"))
    await db.execute(_RETRY, {"job_id": job_id, "message": body})
    await outbox.post_body(db, job.tenant_id, job.queue, body, job_id=job_id)


async def hand_on(db: Db, queue: Queue[J], envelope: Envelope[J], *, attempt: int) -> None:
    """Leave a claimed job to another service, with all its attempts: the next message of it is sent when this commits.

    Raises LeaseLost when another attempt has begun.
    """
    job_id = envelope.message.job_id
    values = {"job_id": job_id, "attempt": attempt, "queue": queue.name, "message": to_json(envelope)}
    if (await db.execute(_HAND_ON, values)).rowcount != 1:
        raise LeaseLost(job_id=str(job_id))
    await outbox.post(db, queue, envelope, job_id=job_id)
