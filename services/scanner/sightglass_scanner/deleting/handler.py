"""DeleteContent: what was deleted is removed for good, some of it in each transaction.

It is hidden before this begins. Each step leaves less, and looks anew for what is left: so an attempt may be killed
anywhere, and a message may come twice.
"""

from typing import TYPE_CHECKING, Final

from sightglass_common import segment_queries
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import ObjectNotFound
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import DeleteContent
from sightglass_common.s3 import s3_errors
from sightglass_scanner.deleting import queries
from sightglass_scanner.deleting.queries import Target

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_STAGE: Final = "delete"
# What one transaction changes, of rows that are small; a kill costs no more work than that.
_DOCUMENTS: Final = 200
_TURNS: Final = 50
_SOURCES: Final = 50
_NAMES: Final = 5000


class DeleteContentHandler:
    """Removes a dataset, or a source, a document or a prefix of it.

    bucket: the platform's own: of an object anywhere else, the row alone is ours.
    """

    def __init__(self, pool: Pool, s3: "S3Client", bucket: str) -> None:
        self._pool = pool
        self._s3 = s3
        self._bucket = bucket

    async def __call__(self, message: DeleteContent, job: JobContext) -> Effect:
        """Do the work of one attempt; what an earlier one has removed is gone. Raises what S3 raises."""
        target = Target(message.dataset_id, message.source_id, message.document_id, message.prefix_id)
        await self._documents(target, job)
        if target.document_id is None:
            await self._sources(target, job)
        if target.prefix_id is not None:
            async with job.transaction() as db:
                await queries.remove_prefixes(db, target.dataset_id, target.prefix_id)
        if target.is_all:
            await self._dataset(message, job)

        async def effect(_: Db) -> FinalStatus:
            return "done"

        return effect

    async def _documents(self, target: Target, job: JobContext) -> None:
        done = 0
        while True:
            await job.report(_STAGE, done)
            async with job.transaction() as db:
                ids = await queries.doomed(db, target, _DOCUMENTS)
                await queries.mark(db, target, ids)
            if not ids:
                return
            left = 1
            while left:
                async with job.transaction() as db:
                    left = await segment_queries.forget(db, target.dataset_id, ids)
            left = 1
            while left:
                async with job.transaction() as db:
                    left = await queries.withdraw(db, ids, _TURNS)
            async with job.transaction() as db:
                await queries.remove(db, ids)
            done += len(ids)

    async def _sources(self, target: Target, job: JobContext) -> None:
        while True:
            async with job.transaction() as db:
                found = await queries.sources(db, target, _SOURCES)
            if not found:
                return
            for source in found:
                # Only what was uploaded to us is ours.
                if source.object_key in source.uploaded:
                    await self._remove(source.bucket, source.object_key)
            async with job.transaction() as db:
                await queries.remove_sources(db, [source.source_id for source in found])

    async def _dataset(self, message: DeleteContent, job: JobContext) -> None:
        dataset_id = message.dataset_id
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            if not await queries.is_deleted(db, dataset_id):
                return
        left = True
        while left:
            async with job.transaction() as db:
                uploads = await queries.announced(db, dataset_id, _SOURCES)
            for upload in uploads:
                await self._remove(upload.bucket, upload.object_key)
            async with job.transaction() as db:
                await queries.remove_announced(db, [upload.upload_id for upload in uploads])
                names = await queries.remove_names(db, dataset_id, _NAMES)
            left = bool(uploads or names)
        async with job.transaction() as db:
            await queries.remove_dataset(db, dataset_id)

    async def _remove(self, bucket: str, key: str) -> None:
        """Remove an object of ours. One that is gone is removed already."""
        if bucket != self._bucket:
            return
        try:
            with s3_errors():
                await self._s3.delete_object(Bucket=bucket, Key=key)
        except ObjectNotFound:
            return
