"""The relay: sends what stands in the outbox to SQS, and deletes each row that SQS has taken.

Sending and deleting are one transaction: killed between the two, it sends once more, and consumers know the
envelope's id. Any number of relays may run at once: each skips what another holds.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from psycopg.rows import class_row, scalar_row

from sightglass_common import sending
from sightglass_common.announcing_queries import listen
from sightglass_common.db import Db, Pool, untenanted_transaction
from sightglass_common.metrics import OUTBOX_LAG_SECONDS, OUTBOX_REFUSED, OUTBOX_SENT
from sightglass_common.outage import OUTAGES, Outage, pause
from sightglass_common.outbox import CHANNEL
from sightglass_common.packing import Row, packed
from sightglass_common.queue_urls import QueueUrls

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

# Measured: 100 rows a claim send 11,000 a second, 500 send 28,000; a claim is also what a crash sends twice.
_CLAIM_ROWS: Final = 200
_POLL_S: Final = 1.0
_MEASURE_EVERY_S: Final = 5.0

_CLAIM: Final = """
    SELECT tenant_id, outbox_id, queue, body, reason, refusals FROM outbox
    WHERE not_before <= now() ORDER BY not_before LIMIT %(rows)s FOR UPDATE SKIP LOCKED
"""
_DELETE: Final = "DELETE FROM outbox WHERE outbox_id = ANY(%(ids)s)"
# Refused, it is tried again after 2, 4, 8 ... seconds, at most 15 minutes.
_PUT_OFF: Final = """
    UPDATE outbox SET refusals = refusals + 1, last_refusal = refusal,
           not_before = now() + make_interval(secs => least(power(2, least(refusals, 20) + 1), 900))
    FROM unnest(%(ids)s::uuid[], %(refusals)s::text[]) AS refused (id, refusal) WHERE outbox_id = id
"""
# What waits for its time by intent is not late.
_LAG: Final = """
    SELECT coalesce(max(extract(epoch FROM now() - CASE WHEN refusals > 0 THEN created_at ELSE not_before END)),
                    0)::float8
    FROM outbox WHERE refusals > 0 OR not_before <= now()
"""


class Relay:
    """Empties the outbox for as long as it runs.

    pool: as role sightglass_relay, which sees every tenant's outbox and nothing else of theirs but jobs.
    """

    def __init__(self, pool: Pool, sqs: "Sqs", queue_prefix: str = "") -> None:
        self._pool = pool
        self._sqs = sqs
        self._urls = QueueUrls(sqs, queue_prefix)
        self._hinted = asyncio.Event()
        self._outage = Outage("relay")
        self._measured_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`. Lives on while Postgres or SQS is away."""
        listener = asyncio.create_task(listen(self._pool, CHANNEL, lambda _: self._hinted.set(), stop))
        stopper = asyncio.create_task(self._wake_on(stop))
        try:
            while not stop.is_set():
                await self._pass(stop)
        finally:
            for task in (listener, stopper):
                task.cancel()
            await asyncio.gather(listener, stopper, return_exceptions=True)

    async def send_due(self) -> int:
        """Claim once, and send it; the number of rows claimed. Raises what made a send impossible."""
        async with untenanted_transaction(self._pool) as db:
            rows = await _claim(db)
            sent = await sending.send_all(self._sqs, self._urls, packed(rows))
            await _settle(db, sent)
        _count(rows, sent)
        if sent.failure is not None:
            raise sent.failure
        return len(rows)

    async def _pass(self, stop: asyncio.Event) -> None:
        self._hinted.clear()
        try:
            full = await self.send_due() == _CLAIM_ROWS
            await self._measure()
        except OUTAGES as error:
            await pause(stop, self._outage.began(error))
            return
        self._outage.over()
        if not full and not stop.is_set():
            await pause(self._hinted, _POLL_S)

    async def _measure(self) -> None:
        if time.monotonic() - self._measured_at < _MEASURE_EVERY_S:
            return
        self._measured_at = time.monotonic()
        async with untenanted_transaction(self._pool) as db, db.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(_LAG)
            OUTBOX_LAG_SECONDS.set(await cursor.fetchone() or 0.0)

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._hinted.set()


async def _claim(db: Db) -> list[Row]:
    async with db.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(_CLAIM, {"rows": _CLAIM_ROWS})
        return await cursor.fetchall()


async def _settle(db: Db, sent: sending.Sent) -> None:
    if sent.accepted:
        await db.execute(_DELETE, {"ids": [row.outbox_id for row in sent.accepted]})
    if sent.refused:
        ids = [row.outbox_id for row, _ in sent.refused]
        await db.execute(_PUT_OFF, {"ids": ids, "refusals": [refusal for _, refusal in sent.refused]})


def _count(rows: Sequence[Row], sent: sending.Sent) -> None:
    for row in sent.accepted:
        OUTBOX_SENT.labels(row.queue).inc()
    for row, _ in sent.refused:
        OUTBOX_REFUSED.labels(row.queue).inc()
    if not rows:
        OUTBOX_LAG_SECONDS.set(0)
