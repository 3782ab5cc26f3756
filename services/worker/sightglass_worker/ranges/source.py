"""The object that an analysis is of, in the state in which it was when the job was made."""

from typing import TYPE_CHECKING

from sightglass_common.errors import BucketNotLinked, ObjectChanged
from sightglass_common.s3 import ObjectRef, head
from sightglass_common.video_errors import EmptyFile
from sightglass_worker.queries import Source

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


async def object_of(s3: "S3Client", source: Source) -> ObjectRef:
    """The object in S3. Raises BucketNotLinked, ObjectChanged when it is another now, EmptyFile, and S3's errors."""
    if not source.linked:
        raise BucketNotLinked(bucket=source.bucket)
    ref = await head(s3, source.bucket, source.object_key, source.version_id)
    if (ref.etag, ref.size_bytes) != (source.etag, source.size_bytes):
        raise ObjectChanged
    if not ref.size_bytes:
        raise EmptyFile
    return ref
