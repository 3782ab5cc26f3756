"""One object of a bucket: to its file on disk, and back with the same ETag."""

import asyncio
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sightglass_embedded.bucket_index import BucketIndex, Stored

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client
    from types_aiobotocore_s3.type_defs import GetObjectOutputTypeDef

_ATTEMPTS: Final = 3
_CHUNK_BYTES: Final = 1024 * 1024
_HEADERS: Final = (
    "ContentType",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
)
# Replaced or deleted while we looked: what is there then comes with the next export.
_CHANGED_SINCE: Final = frozenset({"NoSuchKey", "404", "PreconditionFailed", "412"})
_PARTED: Final = re.compile(r'-(\d+)"$')  # the ETag of an object that was uploaded in N parts ends with -N


async def fetch(s3: "S3Client", index: BucketIndex, key: str) -> Stored | None:
    """Copy an object to its file. None when it is gone by now. Raises OSError when the disk is full."""
    from aiohttp import ClientPayloadError  # noqa: PLC0415  # not at the start of the command line
    from botocore.exceptions import ClientError  # noqa: PLC0415  # as above

    for attempt in range(_ATTEMPTS):
        try:
            return await _fetched(s3, index, key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _CHANGED_SINCE:
                return None
            raise
        except ClientPayloadError:  # a busy LocalStack now and then ends an answer early
            if attempt == _ATTEMPTS - 1:
                raise
    return None


async def _fetched(s3: "S3Client", index: BucketIndex, key: str) -> Stored:
    answer = await s3.get_object(Bucket=index.bucket, Key=key)
    entry = _entry(key, answer, ())
    async with answer["Body"]:
        await _save(answer, index.path_of(entry))
    return replace(entry, part_bytes=await _part_sizes(s3, index.bucket, key, entry.etag))


def _entry(key: str, answer: "GetObjectOutputTypeDef", parts: tuple[int, ...]) -> Stored:
    return Stored(
        key=key,
        etag=answer["ETag"],
        size_bytes=answer["ContentLength"],
        headers={name: str(cast("Any", answer)[name]) for name in _HEADERS if name in answer},
        metadata=answer.get("Metadata", {}),
        part_bytes=parts,
    )


async def put(s3: "S3Client", index: BucketIndex, entry: Stored) -> None:
    """Put an object back. Raises FileNotFoundError when its file is gone or has another size."""
    path = index.path_of(entry)
    if not path.is_file() or path.stat().st_size != entry.size_bytes:
        raise FileNotFoundError(path)
    about: dict[str, Any] = {**entry.headers, "Metadata": dict(entry.metadata)}
    with path.open("rb") as file:
        if not entry.part_bytes:
            await s3.put_object(Bucket=index.bucket, Key=entry.key, Body=file, **about)
            return
        upload = await s3.create_multipart_upload(Bucket=index.bucket, Key=entry.key, **about)
        name: dict[str, Any] = {"Bucket": index.bucket, "Key": entry.key, "UploadId": upload["UploadId"]}
        parts: list[Any] = []
        for number, size in enumerate(entry.part_bytes, start=1):
            part = await s3.upload_part(**name, PartNumber=number, Body=file.read(size))
            parts.append({"PartNumber": number, "ETag": part["ETag"]})
        await s3.complete_multipart_upload(**name, MultipartUpload={"Parts": parts})


async def _part_sizes(s3: "S3Client", bucket: str, key: str, etag: str) -> tuple[int, ...]:
    parted = _PARTED.search(etag)
    count = int(parted[1]) if parted else 0
    sizes: list[int] = []
    for number in range(1, count + 1):
        head = await s3.head_object(Bucket=bucket, Key=key, PartNumber=number, IfMatch=etag)
        sizes.append(head["ContentLength"])
    return tuple(sizes)


async def _save(answer: "GetObjectOutputTypeDef", path: Path) -> None:
    new = path.with_suffix(".new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123, ASYNC230  # a mode; short writes to the page cache
            while chunk := await answer["Body"].read(_CHUNK_BYTES):
                file.write(chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
