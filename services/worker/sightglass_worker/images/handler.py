"""ReadImage: fetch an image, have the text engine's process decode and read it, store what it says."""

from typing import TYPE_CHECKING, Final

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, ObjectTooLarge, SightglassError, all_errors
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ReadImage
from sightglass_common.s3 import ObjectRef
from sightglass_common.video_errors import TextNotRead
from sightglass_worker.download import read_patiently
from sightglass_worker.engines.errors import CallFailed
from sightglass_worker.images import queries
from sightglass_worker.ocr.pictures import PART_BYTES, PictureRead, picture_read
from sightglass_worker.ocr.readers import TextReaders
from sightglass_worker.settings import WorkerSettings
from sightglass_worker.storing import rounded

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_BY_CODE: Final = {error.code: error for error in all_errors()}


class ReadImageHandler:
    """Reads one image. It has no effect until the one that it returns is run.

    readers: of text; None where none is to be read.
    """

    def __init__(self, pool: Pool, s3: "S3Client", settings: WorkerSettings, readers: TextReaders | None) -> None:
        self._pool = pool
        self._s3 = s3
        self._most_bytes = settings.max_image_bytes
        self._most_pixels = settings.max_image_pixels
        self._readers = readers

    async def __call__(self, message: ReadImage, job: JobContext) -> Effect:
        """Do the work of one attempt.

        Raises TextNotRead, BucketNotLinked, ObjectTooLarge, the errors of S3, and those of what cannot be read.
        """
        if self._readers is None:
            raise TextNotRead
        await job.report("download", 0, None)
        data = await self._fetched(message)
        await job.report("read", 0, None)
        read = await self._read(self._readers, data)
        lines = [{"text": line.text, "box": rounded(line.box)} for line in read.lines]

        async def effect(db: Db) -> FinalStatus:
            await queries.store(db, message.job_id, lines, read.left_out)
            return "done"

        return effect

    async def _fetched(self, message: ReadImage) -> list[bytes]:
        """The object in the state in which the scan has seen it, in parts."""
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            source = await queries.source_of(db, message.job_id)
        if not source.linked:
            raise BucketNotLinked(bucket=source.bucket)
        if source.size_bytes > self._most_bytes:
            raise ObjectTooLarge(f"It has {source.size_bytes} bytes; images of up to {self._most_bytes} are read.")
        ref = ObjectRef(source.bucket, source.object_key, source.version_id, source.etag, source.size_bytes)
        starts = range(0, ref.size_bytes, PART_BYTES)
        sizes = [min(PART_BYTES, ref.size_bytes - start) for start in starts]
        return [await read_patiently(self._s3, ref, start, size) for start, size in zip(starts, sizes, strict=True)]

    async def _read(self, readers: TextReaders, parts: list[bytes]) -> PictureRead:
        try:
            async with readers.reader() as reader:
                read = await picture_read(reader, parts, self._most_pixels)
        except CallFailed as failed:
            raise _BY_CODE.get(failed.reason, SightglassError) from failed
        if read.refused:
            raise _BY_CODE.get(read.refused, SightglassError)
        return read
