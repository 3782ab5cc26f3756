"""Jobs of parts of scans go when nobody can ask for them; no other job does, and no part that is to be done."""

import pytest
from psycopg.errors import InsufficientPrivilege
from tests.integration.scanner.yard import Yard

from sightglass_common.db import Pool, untenanted_transaction
from sightglass_common.reconciler import forget_parts

JOBS = "SELECT kind, status FROM job WHERE tenant_id = %s ORDER BY job_id"
AGE = "UPDATE job SET finished_at = now() - make_interval(days => %s) WHERE tenant_id = %s AND finished_at IS NOT NULL"


async def forgotten(relay: Pool) -> int:
    async with untenanted_transaction(relay) as db:
        return await forget_parts(db)


async def test_parts_that_are_long_over_are_forgotten_and_their_scan_is_not(yard: Yard, relay_pool: Pool) -> None:
    await yard.put({f"{number}.txt": b"mail ann@example.com" for number in range(10)})
    scan = await yard.scanned()
    before = await yard.rows(JOBS, yard.tenant_id)
    await yard.rows(AGE + " RETURNING 1", 14, yard.tenant_id)
    assert await forgotten(relay_pool) == 0
    await yard.rows(AGE + " RETURNING 1", 16, yard.tenant_id)
    assert await forgotten(relay_pool) == len(before) - 1
    assert await yard.rows(JOBS, yard.tenant_id) == [{"kind": "scan", "status": "done"}]
    assert (await yard.scan(scan.scan_id)).findings.total == 10


async def test_a_part_that_is_still_to_be_done_is_kept_whatever_its_job_came_to(yard: Yard, relay_pool: Pool) -> None:
    await yard.put({"a.txt": b"mail ann@example.com"})
    scan_id = await yard.begin()
    (scan,) = await yard.sent()
    await yard.deliver(scan)
    parts = "UPDATE job SET status = 'failed', finished_at = now() WHERE tenant_id = %s AND kind = 'scan_part'"
    await yard.rows(parts + " RETURNING 1", yard.tenant_id)
    await yard.rows(AGE + " RETURNING 1", 99, yard.tenant_id)
    assert await forgotten(relay_pool) == 0
    await yard.rows("DELETE FROM scan_part WHERE scan_id = %s RETURNING 1", scan_id)
    assert await forgotten(relay_pool) == 1


async def test_the_relay_can_remove_no_other_job_and_read_no_token(yard: Yard, relay_pool: Pool) -> None:
    await yard.put({"a.txt": b"mail ann@example.com"})
    await yard.scanned()
    async with untenanted_transaction(relay_pool) as db:
        assert (await db.execute("DELETE FROM job")).rowcount == 0
    with pytest.raises(InsufficientPrivilege):
        async with untenanted_transaction(relay_pool) as db:
            await db.execute("SELECT token FROM scan_part")
