"""Sources are read anew, each by a job of its own that takes the place of the one before."""

from contextlib import suppress
from typing import Final
from uuid import UUID

from sightglass_common import jobs
from sightglass_common.dataset_errors import SourceNotFound
from sightglass_common.db import Db
from sightglass_common.errors import JobNotCancellable
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanSource, wrap
from sightglass_common.queues import SOURCES_TO_SCAN
from sightglass_common.tracing import Trace

KIND: Final = "indexing"
# Of an object of a prefix: there may be a million, and nobody waits for one of them.
OBJECT_KIND: Final = "object"

_JOB: Final = "SELECT job_id, prefix_id IS NOT NULL FROM source WHERE source_id = %(source_id)s AND deleted_at IS NULL"
_GIVE: Final = """
    UPDATE source SET job_id = %(job_id)s
    WHERE source_id = %(source_id)s AND job_id = %(before)s AND deleted_at IS NULL
"""


async def read_anew(db: Db, tenant_id: UUID, source_id: UUID, *, sender: str, trace: Trace) -> UUID:
    """Have a source read anew when the caller's transaction commits; its job. One that reads it already is cancelled.

    What was read of it before is searched until what is read now takes its place. Raises SourceNotFound, also when
    somebody else has just deleted it, or begun the same.
    """
    found = await (await db.execute(_JOB, {"source_id": source_id})).fetchone()
    if found is None:
        raise SourceNotFound(source_id=str(source_id))
    before, of_a_prefix = found
    # The job first, then the source: in this order who reads it holds both.
    with suppress(JobNotCancellable):
        await jobs.request_cancel(db, before)
    message = ScanSource(tenant_id=tenant_id, job_id=new_id(), source_id=source_id)
    envelope, kind = wrap(message, source=sender, trace=trace), OBJECT_KIND if of_a_prefix else KIND
    await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind=kind, job_id=message.job_id)
    values = {"source_id": source_id, "job_id": message.job_id, "before": before}
    if (await db.execute(_GIVE, values)).rowcount == 0:
        raise SourceNotFound(source_id=str(source_id))
    return message.job_id
