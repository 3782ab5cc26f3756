"""Syncs of a dataset's prefix begin: on demand, and when one is due. All inside the caller's tenant transaction."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common import jobs
from sightglass_common.dataset_errors import PrefixNotFound
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import SyncPrefix, wrap
from sightglass_common.queues import PREFIXES_TO_SYNC
from sightglass_common.tracing import Trace

KIND: Final = "syncing"

# Who asks for the same waits here until this is committed.
_LAST: Final = """
    SELECT p.job_id, coalesce(p.next_at <= now(), false) AS due, j.status IN ('queued', 'running') AS under_way
    FROM dataset_prefix p JOIN job j ON j.tenant_id = p.tenant_id AND j.job_id = p.job_id
    WHERE p.prefix_id = %(prefix_id)s AND p.deleted_at IS NULL FOR NO KEY UPDATE OF p
"""
_BEGIN: Final = """
    UPDATE dataset_prefix
    SET job_id = %(job_id)s, number = number + 1, position = NULL, listed_all = false, listed = 0, new = 0, changed = 0,
        retried = 0, unchanged = 0, removed = 0, skipped = '{}'
    WHERE prefix_id = %(prefix_id)s
"""
# From now on: what was missed is done once.
_PLAN: Final = """
    UPDATE dataset_prefix SET next_at = now() + make_interval(mins => every_minutes::int)
    WHERE prefix_id = %(prefix_id)s
"""


@dataclass(frozen=True, slots=True)
class _Last:
    job_id: UUID
    due: bool
    under_way: bool


async def enqueue(db: Db, message: SyncPrefix, *, sender: str, trace: Trace) -> None:
    """Have a sync begin when the caller's transaction commits."""
    await jobs.enqueue(
        db, PREFIXES_TO_SYNC, wrap(message, source=sender, trace=trace), kind=KIND, job_id=message.job_id
    )


async def begin(db: Db, tenant_id: UUID, prefix_id: UUID, *, sender: str, trace: Trace, if_due: bool = False) -> UUID:
    """Begin a sync when the caller's transaction commits; its job, or that of the one that is under way.

    if_due: only if it is due. Raises PrefixNotFound, also when it is not due then.
    """
    async with db.cursor(row_factory=class_row(_Last)) as cursor:
        last = await (await cursor.execute(_LAST, {"prefix_id": prefix_id})).fetchone()
    if last is None or (if_due and not last.due):
        raise PrefixNotFound(prefix_id=str(prefix_id))
    await db.execute(_PLAN, {"prefix_id": prefix_id})
    if last.under_way:
        return last.job_id
    message = SyncPrefix(tenant_id=tenant_id, job_id=new_id(), prefix_id=prefix_id)
    await enqueue(db, message, sender=sender, trace=trace)
    await db.execute(_BEGIN, {"prefix_id": prefix_id, "job_id": message.job_id})
    return message.job_id
