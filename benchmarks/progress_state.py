"""A scan of ten million objects as its batches leave it, and a process that goes on committing batches."""

import asyncio
import sys
import time
from typing import Final
from uuid import UUID

from tests.integration.scanner.yard import Yard

from sightglass_common.db import Pool, open_pool, tenant_transaction
from sightglass_common.ids import new_id
from sightglass_detect import detectors
from sightglass_scanner import found_queries, queries
from sightglass_scanner.results import Tally

OBJECTS: Final = 10_000_000
BATCH: Final = 500  # as a service has them
# Counted one batch after the other, so that the rows have the history that they have in a service.
_COUNTED: Final = 2000
# Of 500 objects: what five cores come to that do 5,000 objects a second each.
_A_SECOND: Final = 50
_BEGUN: Final = "UPDATE scan SET begun = true WHERE scan_id = %s"
_RUNNING: Final = """
    UPDATE job SET status = 'running', attempt = 1, started_at = now() - interval '1 hour',
                   lease_until = now() + interval '1 hour'
    WHERE job_id = (SELECT job_id FROM scan WHERE scan_id = %s)
"""
_WAITING: Final = """
    INSERT INTO scan_part (tenant_id, scan_id, job_id, kind, objects)
    SELECT %s, %s, gen_random_uuid(), 'batch', '[]' FROM generate_series(1, %s)
"""


def tally_of(batches: int) -> Tally:
    """What so many batches come to: every tenth object has a finding, of each detector in turn."""
    tally = Tally()
    for name, share in (("listed", 1.0), ("done", 0.98), ("skipped:unsupported", 0.02), ("partly:encrypted", 0.002)):
        objects = round(batches * BATCH * share)
        tally.add(name, objects * 4096, objects)
    shipped = detectors()
    for detector in shipped:
        found = max(1, batches * BATCH // 10 // len(shipped))
        tally.add(f"finding:detector:{detector.id}", objects=found)
        tally.add(f"finding:severity:{detector.severity}", objects=found)
    return tally


async def made(yard: Yard) -> UUID:
    """A running scan, whose counters stand as after OBJECTS objects: through `count`, of the scanner's.

    The last 2,000 batches one by one, those before in one call for each shard with what their calls come to.
    """
    scan_id = await yard.begin()
    await yard.sent()
    async with yard.admin.connection() as db:
        await db.execute(_BEGUN, [scan_id])
        await db.execute(_RUNNING, [scan_id])
    left = OBJECTS // BATCH - _COUNTED
    async with tenant_transaction(yard.scanner, yard.tenant_id) as db:
        for shard in range(found_queries.SHARDS):
            tally = tally_of(left // found_queries.SHARDS)
            await found_queries.count(db, yard.tenant_id, scan_id, UUID(int=shard), tally)
    for _ in range(_COUNTED):
        await commit(yard.scanner, yard.tenant_id, scan_id)
    return scan_id


async def with_waiting(yard: Yard, scan_id: UUID) -> None:
    """Let as many batches wait as are done. Their objects, which lie beside the rows and are not read, are left out."""
    async with yard.admin.connection() as db:
        await db.execute(_WAITING, [yard.tenant_id, scan_id, OBJECTS // BATCH])


async def commit(pool: Pool, tenant_id: UUID, scan_id: UUID, tally: Tally | None = None) -> None:
    """What a batch does to a scan's progress: its counters, in one transaction."""
    async with tenant_transaction(pool, tenant_id) as db:
        await found_queries.count(db, tenant_id, scan_id, new_id(), tally or tally_of(1))


async def _go_on(url: str, tenant_id: UUID, scan_id: UUID) -> None:
    """Commit batches until killed, so many a second, and show them on the scan's job as a scanner does."""
    due = time.monotonic()
    async with open_pool(url, name="bench-writer", max_size=1) as pool:
        while True:
            due = max(due + 1 / _A_SECOND, time.monotonic() - 1.0)
            await asyncio.sleep(due - time.monotonic())
            await commit(pool, tenant_id, scan_id)
            async with tenant_transaction(pool, tenant_id) as db:
                scan = await queries.locked(db, scan_id)
                await queries.show_progress(db, scan_id, scan.job_id, every_s=1.0)


if __name__ == "__main__":
    asyncio.run(_go_on(sys.argv[1], UUID(sys.argv[2]), UUID(sys.argv[3])))
