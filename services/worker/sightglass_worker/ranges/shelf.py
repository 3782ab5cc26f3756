"""Where ranges put what they find, and how it is cleared away."""

from typing import TYPE_CHECKING, Final

from sightglass_common.messages import AnalyzeRange
from sightglass_common.s3 import s3_errors
from sightglass_worker.artifacts import Shelf

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_DELETE_AT_ONCE: Final = 1000  # S3's limit of one DeleteObjects call


def shelf_of(bucket: str, message: AnalyzeRange) -> Shelf:
    """The shelf of the attempt that planned the ranges: all that they leave begins with its key."""
    return Shelf(bucket, message.tenant_id, message.analysis_id, abs(message.plan))


def range_key(bucket: str, message: AnalyzeRange, attempt: int) -> str:
    """The key of what one attempt at one range has found."""
    way = "whole" if message.plan < 0 else "range"
    return shelf_of(bucket, message).key(f"{way}-{message.number:05}-{attempt}")


async def clear(s3: "S3Client", shelf: Shelf, *, keep: set[str]) -> int:
    """Delete what an attempt has left, but for what its result refers to; how many objects went."""
    gone = 0
    with s3_errors():
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=shelf.bucket, Prefix=shelf.key(""), PaginationConfig={"PageSize": _DELETE_AT_ONCE}
        )
        async for page in pages:
            stale = [key for entry in page.get("Contents", []) if (key := entry.get("Key", "")) not in keep]
            if stale:
                await s3.delete_objects(
                    Bucket=shelf.bucket, Delete={"Objects": [{"Key": key} for key in stale], "Quiet": True}
                )
                gone += len(stale)
    return gone
