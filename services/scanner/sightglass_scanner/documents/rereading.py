"""ReadDataset: the sources of a dataset are read anew, each by a job of its own."""

from typing import Final
from uuid import UUID

from sightglass_common import reading_queries
from sightglass_common.dataset_errors import SourceNotFound
from sightglass_common.db import Db
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ReadDataset
from sightglass_scanner.documents import queries
from sightglass_scanner.parts import SOURCE

_STAGE: Final = "begin"
# Begun by one transaction.
_SOURCES: Final = 100
_FIRST: Final = UUID(int=0)


class ReadDatasetHandler:
    """Begins the readings. Those that an earlier attempt has begun are newer than this job, and are left alone."""

    async def __call__(self, message: ReadDataset, job: JobContext) -> Effect:
        """Do the work of one attempt."""
        begun, last = 0, _FIRST
        await job.report(_STAGE)
        while True:
            async with job.transaction() as db:
                found = await queries.read_before(db, message.dataset_id, message.job_id, last, _SOURCES)
                for source_id in found:
                    begun += await _begun(db, message, source_id, job)
            if not found:
                break
            last = found[-1]
            await job.report(_STAGE, begun)

        async def effect(_: Db) -> FinalStatus:
            return "done"

        return effect


async def _begun(db: Db, message: ReadDataset, source_id: UUID, job: JobContext) -> bool:
    """Have a source read anew; False when that is somebody else's by now."""
    try:
        async with db.transaction():
            await reading_queries.read_anew(db, message.tenant_id, source_id, sender=SOURCE, trace=job.trace)
    except SourceNotFound:
        return False
    return True
