"""Objects in S3: looked at, read by ranges, linked to; S3's errors as ours."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, TypedDict

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ParamValidationError

from sightglass_common.errors import (
    AccessDenied,
    DependencyUnavailable,
    DownloadFailed,
    ObjectChanged,
    ObjectNotFound,
)
from sightglass_common.s3_get import gets_of

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# HEAD answers have no body, so S3's client names the status where it has no code.
_GONE: Final = {"404", "NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound"}
_DENIED: Final = {"403", "AccessDenied", "Forbidden", "AllAccessDisabled", "InvalidObjectState"}
_CHANGED: Final = {"412", "PreconditionFailed"}
_NOT_AN_OBJECT: Final = {"400", "InvalidBucketName", "KeyTooLongError", "InvalidArgument", "BadRequest"}
# For one object that is written. The SDK limits the time between two bytes.
_CALL_WALL_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One object in one state. `version_id` is "" in a bucket without versions."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    content_type: str = "application/octet-stream"


class _Address(TypedDict, total=False):
    Bucket: str
    Key: str
    VersionId: str


def _address(bucket: str, key: str, version_id: str) -> _Address:
    address = _Address(Bucket=bucket, Key=key)
    if version_id:
        address["VersionId"] = version_id
    return address


@contextmanager
def s3_errors() -> Generator[None]:
    """Turn what S3's client raises into our errors.

    ObjectNotFound, AccessDenied, ObjectChanged: final. DependencyUnavailable: S3 is away or throttles.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _GONE | _NOT_AN_OBJECT:
            raise ObjectNotFound from error
        if code in _DENIED:
            raise AccessDenied from error
        if code in _CHANGED:
            raise ObjectChanged from error
        raise DependencyUnavailable(f"S3 answered {code}.") from error
    except ParamValidationError as error:
        raise ObjectNotFound("No object can have this address.") from error
    except BotoCoreError as error:
        raise DependencyUnavailable(f"S3 does not answer: {type(error).__name__}.") from error


async def head(s3: "S3Client", bucket: str, key: str, version_id: str = "") -> ObjectRef:
    """Look at an object. Raises what `s3_errors` names."""
    with s3_errors():
        answer = await s3.head_object(**_address(bucket, key, version_id))
    return ObjectRef(
        bucket=bucket,
        key=key,
        version_id=answer.get("VersionId", version_id),
        etag=answer["ETag"],
        size_bytes=answer["ContentLength"],
        content_type=answer.get("ContentType", "application/octet-stream"),
    )


async def read_range(s3: "S3Client", ref: ObjectRef, start: int, length: int) -> bytes:
    """Read `length` bytes from `start` of the object in the state that `ref` names.

    Raises ObjectChanged when it was replaced, DownloadFailed when the connection broke, stood or gave too few bytes,
    and what `s3_errors` names.
    """
    with s3_errors():
        try:
            got = await gets_of(s3).get(ref.bucket, ref.key, start, length, version_id=ref.version_id, etag=ref.etag)
        except HTTPClientError as error:
            raise DownloadFailed(f"The connection broke: {type(error).__name__}.") from error
    if len(got.body) != length:
        raise DownloadFailed(f"S3 gave {len(got.body)} of {length} bytes.")
    return got.body


async def put(
    s3: "S3Client", bucket: str, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream"
) -> None:
    """Write a small object at once; a file from where it stands. Raises what `s3_errors` names."""
    with s3_errors():
        try:
            async with asyncio.timeout(_CALL_WALL_S):
                await s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        except TimeoutError as error:
            raise DependencyUnavailable("S3 took too long to take an object.") from error
