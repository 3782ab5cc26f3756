"""The outbox: a message is a row, written in the transaction that makes it true. The relay sends it."""

import asyncio
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

import structlog

from sightglass_common.db import Db, Pool
from sightglass_common.ids import new_id
from sightglass_common.messages import Envelope, Message, to_json
from sightglass_common.outage import OUTAGES
from sightglass_common.queues import Queue

M = TypeVar("M", bound=Message)

CHANNEL: Final = "sightglass_outbox"
# A NOTIFY takes a lock that all commits with one share: rare enough, it costs nothing that can be measured.
_HINT_EVERY_S: Final = 0.05

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_POST: Final = """
    INSERT INTO outbox (tenant_id, outbox_id, queue, body, job_id, reason, not_before)
    VALUES (%(tenant_id)s, %(outbox_id)s, %(queue)s, %(body)s, %(job_id)s, %(reason)s,
            coalesce(%(not_before)s, now()))
"""
_HINT: Final = "NOTIFY sightglass_outbox"


async def post(
    db: Db,
    queue: Queue[M],
    envelope: Envelope[M],
    *,
    job_id: UUID | None = None,
    not_before: datetime | None = None,
) -> None:
    """Send `envelope` if, and only if, the caller's transaction commits.

    job_id: the job that the message carries forward, if it does.
    not_before: when to send it; any time, as it waits here and not in SQS.
    """
    await post_body(db, envelope.message.tenant_id, queue.name, to_json(envelope), job_id=job_id, not_before=not_before)


async def post_body(
    db: Db,
    tenant_id: UUID,
    queue_name: str,
    body: str,
    *,
    job_id: UUID | None = None,
    reason: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Send a body that is an envelope's JSON already, to a queue or a dead-letter queue by name.

    reason: why it goes to a dead-letter queue.
    """
    row = {
        "tenant_id": tenant_id,
        "outbox_id": new_id(),  # not the envelope's: the reconciler may send the same envelope once more
        "queue": queue_name,
        "body": body,
        "job_id": job_id,
        "reason": reason,
        "not_before": not_before,
    }
    await db.execute(_POST, row)


class Hint:
    """Tells relays, after a commit, that there is something to send; without it they look each second.

    Rings of one process are merged to one NOTIFY in 50 ms, on a connection of its own, never in a transaction.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._rung = False
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Call after the commit; returns at once and never fails."""
        self._rung = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._notify())

    async def aclose(self) -> None:
        """Wait for what was rung."""
        if self._task is not None:
            await self._task

    async def _notify(self) -> None:
        while self._rung:
            self._rung = False
            try:
                async with self._pool.connection() as db:
                    await db.execute(_HINT)
            except OUTAGES as error:
                # A lost hint costs at most one poll of the relay.
                _log.warning("outbox.hint_lost", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(_HINT_EVERY_S)
