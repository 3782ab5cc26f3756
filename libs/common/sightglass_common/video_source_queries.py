"""Videos of datasets, as those see them who change what there is of them: the API and the worker.

All videos of a dataset are one source. Whoever reads it looks for what has changed, so it can be asked for at any time.
Every function runs in the caller's tenant transaction.
"""

from typing import Final
from uuid import UUID

from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanSource, wrap
from sightglass_common.queues import SOURCES_TO_SCAN
from sightglass_common.tracing import Trace

_KIND: Final = "indexing"
_CHANGING: Final = "SELECT pg_advisory_xact_lock(hashtextextended('dataset videos ' || current_tenant()::text, 0))"
_LOOKING: Final = (
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('dataset videos ' || current_tenant()::text, 0))"
)
_HOLDING: Final = """
    SELECT s.source_id
    FROM analysis a JOIN source s ON s.tenant_id = a.tenant_id AND s.of_videos
                    JOIN dataset d ON d.tenant_id = s.tenant_id AND d.dataset_id = s.dataset_id
                    LEFT JOIN dataset_video c ON c.tenant_id = a.tenant_id AND c.dataset_id = d.dataset_id
                                             AND c.video_id = a.video_id
    WHERE a.analysis_id = %(analysis_id)s AND d.deleted_at IS NULL AND coalesce(c.held, d.all_videos)
    ORDER BY s.source_id
"""


_NEWEST_JOB: Final = "UPDATE source SET job_id = %(job_id)s WHERE source_id = %(source_id)s"


async def changing(db: Db) -> None:
    """Before which videos the tenant's datasets hold is changed: until this commits, others wait in `looking`.

    So of an analysis that ends and a dataset that takes its video, one always sees the other.
    """
    await db.execute(_CHANGING)


async def looking(db: Db) -> None:
    """Before it is looked up which videos datasets hold."""
    await db.execute(_LOOKING)


async def have_read(db: Db, tenant_id: UUID, source_id: UUID, *, source: str, trace: Trace) -> UUID:
    """Have what is new of a dataset's videos read and indexed when this commits; the id of the job."""
    message = ScanSource(tenant_id=tenant_id, job_id=new_id(), source_id=source_id)
    envelope = wrap(message, source=source, trace=trace)
    await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind=_KIND, job_id=message.job_id)
    await db.execute(_NEWEST_JOB, {"source_id": source_id, "job_id": message.job_id})
    return message.job_id


async def have_film_read(db: Db, tenant_id: UUID, analysis_id: UUID, *, source: str, trace: Trace) -> None:
    """Have the video of an analysis read by all datasets that hold it when this commits."""
    await looking(db)
    held = await (await db.execute(_HOLDING, {"analysis_id": analysis_id})).fetchall()
    for (source_id,) in held:
        await have_read(db, tenant_id, source_id, source=source, trace=trace)
