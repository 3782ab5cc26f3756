"""Parts of scans that wait for another job to be over: queued, with a message that nobody has sent yet (`sends` 0).

Who ends a job that may be waited for calls `wake` after that has been committed. Who comes to wait holds the job's row
meanwhile: it sees the end, or it is seen. Every function runs in the caller's tenant transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString, TypeVar
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common import outbox
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import Envelope, JobMessage, to_json
from sightglass_common.queues import Queue

J = TypeVar("J", bound=JobMessage)

_ADD: Final = """
    INSERT INTO job (tenant_id, job_id, kind, queue, message, sends)
    VALUES (%(tenant_id)s, %(job_id)s, %(kind)s, %(queue)s, %(message)s::jsonb, 0)
"""
# The message gets a new id: of the one that was delivered, the effect is to wait again.
_AGAIN: Final = """
    UPDATE job
    SET status = 'queued', sends = 0, queued_at = now(), lease_until = NULL, attempts_left = DEFAULT,
        message = message || jsonb_build_object('id', %(message_id)s::text), revision = revision + 1
    WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running'
"""
_SEND: Final = """
    UPDATE job SET sends = 1, queued_at = now()
    FROM scan_part p JOIN job w ON w.tenant_id = p.tenant_id AND w.job_id = p.awaits
    WHERE job.tenant_id = p.tenant_id AND job.job_id = p.job_id AND job.status = 'queued' AND job.sends = 0
"""
_OVER: Final = " AND w.status IN ('done', 'partial', 'failed', 'cancelled')"
_SENT: Final = " RETURNING job.tenant_id, job.job_id, job.queue, job.message::text AS body"
_WAKE: Final = _SEND + " AND p.awaits = %(awaited)s" + _OVER + _SENT
_WAKE_OF_SCAN: Final = _SEND + " AND p.scan_id = %(scan_id)s" + _OVER + _SENT
_WAKE_ONE: Final = (
    _SEND
    + """ AND p.job_id = (
        SELECT q.job_id FROM scan s JOIN scan_part q ON q.tenant_id = s.tenant_id AND q.scan_id = s.scan_id
                                    JOIN job o ON o.tenant_id = q.tenant_id AND o.job_id = q.job_id
        WHERE s.job_id = %(job_id)s AND q.awaits IS NOT NULL AND o.status = 'queued' AND o.sends = 0 LIMIT 1)"""
    + _SENT
)
# The scan's own message: who gets it finds what has stopped, as when nothing has moved for long.
_WAKE_SCAN: Final = (
    """
    UPDATE job SET status = 'queued', sends = job.sends + 1, queued_at = now(), lease_until = NULL,
                   revision = job.revision + 1
    FROM scan_part p JOIN scan s ON s.tenant_id = p.tenant_id AND s.scan_id = p.scan_id
    WHERE job.tenant_id = s.tenant_id AND job.job_id = s.job_id AND job.status = 'running' AND p.job_id = %(part_id)s
"""
    + _SENT
)


@dataclass(frozen=True, slots=True)
class _Woken:
    tenant_id: UUID
    job_id: UUID
    queue: str
    body: str


async def add(db: Db, queue: Queue[J], envelope: Envelope[J], *, kind: str) -> None:
    """Make a job whose message is sent by `wake`."""
    message = envelope.message
    row = {"tenant_id": message.tenant_id, "job_id": message.job_id, "kind": kind, "queue": queue.name}
    await db.execute(_ADD, row | {"message": to_json(envelope)})


async def wait_again(db: Db, job_id: UUID, attempt: int) -> bool:
    """Leave a claimed job to wait once more. False when another attempt has begun."""
    values = {"job_id": job_id, "attempt": attempt, "message_id": new_id()}
    return (await db.execute(_AGAIN, values)).rowcount == 1


async def wake(db: Db, awaited: UUID) -> None:
    """Send the messages of those that wait for a job, if it is over; each once, however often this is called."""
    await _send(db, _WAKE, {"awaited": awaited})


async def wake_of_scan(db: Db, scan_id: UUID) -> None:
    """The same for all that a scan waits for: the net below those who were killed before they called `wake`."""
    await _send(db, _WAKE_OF_SCAN, {"scan_id": scan_id})


async def wake_one(db: Db, scan_job_id: UUID) -> None:
    """Send the message of one part that waits, of the scan with this job, if there is any: it learns of a cancel."""
    await _send(db, _WAKE_ONE, {"job_id": scan_job_id})


async def wake_scan(db: Db, part_id: UUID) -> None:
    """Have a scan looked after one of whose parts has ended without a scanner; another job is nobody's part."""
    await _send(db, _WAKE_SCAN, {"part_id": part_id})


async def _send(db: Db, statement: LiteralString, values: Mapping[str, UUID]) -> None:
    async with db.cursor(row_factory=class_row(_Woken)) as cursor:
        await cursor.execute(statement, values)
        woken = await cursor.fetchall()
    for job in woken:
        await outbox.post_body(db, job.tenant_id, job.queue, job.body, job_id=job.job_id)
