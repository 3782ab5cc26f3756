"""One page of a listing of S3."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightglass_common.errors import AccessDenied, BucketNotFound, ObjectNotFound
from sightglass_common.s3 import s3_errors
from sightglass_scanner.selection import Listed

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page. next_token: where the listing goes on; None at its end."""

    objects: list[Listed]
    next_token: str | None


async def list_page(s3: "S3Client", bucket: str, prefix: str, token: str | None, *, most: int) -> ListedPage:
    """The page of a bucket's listing that begins at `token`; None begins it.

    Raises BucketNotFound, AccessDenied for the bucket as a whole, and what `s3_errors` names.
    """
    try:
        with s3_errors():
            if token is None:
                answer = await s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=most)
            else:
                answer = await s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=most, ContinuationToken=token)
    except AccessDenied as error:
        raise AccessDenied(f"S3 denies listing the bucket {bucket}.") from error
    except ObjectNotFound as error:
        raise BucketNotFound(f"S3 has no bucket {bucket}.") from error
    return ListedPage(
        [
            Listed(
                entry.get("Key", ""), entry.get("Size", 0), entry.get("ETag", ""), entry.get("StorageClass", "STANDARD")
            )
            for entry in answer.get("Contents", [])
        ],
        answer.get("NextContinuationToken"),
    )
