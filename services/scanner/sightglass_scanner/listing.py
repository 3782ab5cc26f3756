"""One page of a listing of S3, or one key of it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightglass_common.errors import AccessDenied, BucketNotFound, ObjectNotFound
from sightglass_common.s3 import s3_errors
from sightglass_scanner.selection import Listed
from sightglass_scanner.spans import Span

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page. next_token: where the listing of its range goes on; None at its end."""

    objects: list[Listed]
    next_token: str | None


async def list_page(s3: "S3Client", bucket: str, prefix: str, span: Span, *, most: int) -> ListedPage:
    """The page with which what is left of a range begins.

    Raises BucketNotFound, AccessDenied for the bucket as a whole, and what `s3_errors` names.
    """
    with _errors(bucket):
        if span.token is not None:
            answer = await s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=most, ContinuationToken=span.token)
        elif span.after is not None:
            answer = await s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=most, StartAfter=span.after)
        else:
            answer = await s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=most)
    listed = [
        Listed(entry.get("Key", ""), entry.get("Size", 0), entry.get("ETag", ""), entry.get("StorageClass", "STANDARD"))
        for entry in answer.get("Contents", [])
    ]
    objects = [one for one in listed if span.holds(one.key)]
    over = len(objects) < len(listed) or (bool(objects) and objects[-1].key == span.upto)
    return ListedPage(objects, None if over else answer.get("NextContinuationToken"))


async def next_key(s3: "S3Client", bucket: str, prefix: str, after: str) -> str | None:
    """The first key of a listing behind another one; None: there is none. Raises what `list_page` does."""
    with _errors(bucket):
        answer = await s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1, StartAfter=after)
    return next((entry.get("Key", "") for entry in answer.get("Contents", [])), None)


@contextmanager
def _errors(bucket: str) -> Generator[None]:
    try:
        with s3_errors():
            yield
    except AccessDenied as error:
        raise AccessDenied(f"S3 denies listing the bucket {bucket}.") from error
    except ObjectNotFound as error:
        raise BucketNotFound(f"S3 has no bucket {bucket}.") from error
