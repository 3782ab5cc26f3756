"""`Objects` on the real S3 client. Imported beside the start, never by a module that the start waits for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sightglass_api.objects import Form, Head, Link, ReceivedPart
from sightglass_common import s3 as common_s3
from sightglass_common.clock import Clock
from sightglass_common.s3 import s3_errors

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client
    from types_aiobotocore_s3.type_defs import GetObjectRequestTypeDef

# Signing takes 0.3 ms of CPU (measured): after so many, others get a turn.
_SIGNATURES_AT_A_TIME = 16
# S3 refuses a part list without end; a page holds 1,000.
_PARTS_A_PAGE = 1000


class S3Objects:
    """Objects in S3.

    s3: the client that the service itself talks through.
    signer: the client that links are made with: S3's address as clients see it.
    link_s: life of links that read, in seconds.
    """

    def __init__(self, s3: "S3Client", signer: "S3Client", clock: Clock, *, link_s: int) -> None:
        self._s3 = s3
        self._signer = signer
        self._clock = clock
        self._link_s = link_s
        self._signatures = 0

    async def head(self, bucket: str, key: str, version_id: str = "") -> Head:
        """Look at an object. Raises ObjectNotFound, AccessDenied, DependencyUnavailable."""
        ref = await common_s3.head(self._s3, bucket, key, version_id)
        return Head(ref.etag, ref.version_id, ref.size_bytes, ref.content_type)

    async def read(self, bucket: str, key: str) -> bytes:
        """Read a small object whole. Raises ObjectNotFound."""
        with s3_errors():
            answer = await self._s3.get_object(Bucket=bucket, Key=key)
            async with answer["Body"] as body:
                return await body.read()

    async def put(self, bucket: str, key: str, body: bytes, content_type: str) -> None:
        """Write a small object."""
        await common_s3.put(self._s3, bucket, key, body, content_type)

    async def remove_all(self, bucket: str, prefix: str) -> None:
        """Remove the objects whose keys begin so; a thousand at most, S3's limit for one call."""
        with s3_errors():
            page = await self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
            keys = [entry.get("Key", "") for entry in page.get("Contents", [])]
            if keys:
                await self._s3.delete_objects(
                    Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
                )

    async def reach(self, bucket: str) -> None:
        """Check that S3 answers and has the bucket. Raises ObjectNotFound when it has not."""
        with s3_errors():
            await self._s3.head_bucket(Bucket=bucket)

    async def link(
        self, bucket: str, key: str, version_id: str = "", *, disposition: str = "", content_type: str = ""
    ) -> Link:
        """A link that reads an object, also by Range: the range is not part of what is signed."""
        await self._give_way()
        wanted: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if version_id:
            wanted["VersionId"] = version_id
        if disposition:
            wanted["ResponseContentDisposition"] = disposition
        if content_type:
            wanted["ResponseContentType"] = content_type
        # Taken before signing, so that the link never ends before the time that is told.
        expires_at = self._clock.now() + timedelta(seconds=self._link_s)
        with s3_errors():
            url = await self._signer.generate_presigned_url("get_object", Params=wanted, ExpiresIn=self._link_s)
        return Link(url, expires_at)

    async def form(self, bucket: str, key: str, *, content_type: str, size_bytes: int, expires_s: int) -> Form:
        """A form that takes exactly this key, type and size: S3 refuses any other."""
        with s3_errors():
            made = await self._signer.generate_presigned_post(
                bucket,
                key,
                Fields={"Content-Type": content_type},
                Conditions=[{"Content-Type": content_type}, ["content-length-range", size_bytes, size_bytes]],
                ExpiresIn=expires_s,
            )
        return Form(made["url"], made["fields"])

    async def begin_multipart(self, bucket: str, key: str, content_type: str) -> str:
        """Begin a multipart upload; returns its id. The bucket's lifecycle rule aborts one that is left."""
        with s3_errors():
            begun = await self._s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type)
        return begun["UploadId"]

    async def part_links(
        self, bucket: str, key: str, multipart_id: str, sizes: Sequence[int], *, expires_s: int
    ) -> list[str]:
        """A link for each part, in order; the part's length is signed with it, so S3 takes no other."""
        links: list[str] = []
        for number, size in enumerate(sizes, start=1):
            await self._give_way()
            wanted = {
                "Bucket": bucket,
                "Key": key,
                "UploadId": multipart_id,
                "PartNumber": number,
                "ContentLength": size,
            }
            with s3_errors():
                links.append(
                    await self._signer.generate_presigned_url("upload_part", Params=wanted, ExpiresIn=expires_s)
                )
        return links

    async def received(self, bucket: str, key: str, multipart_id: str) -> list[ReceivedPart] | None:
        """The parts that S3 has, by number; None when there is no such upload (any more)."""
        found: list[ReceivedPart] = []
        marker = 0
        with s3_errors():
            try:
                while True:
                    page = await self._s3.list_parts(
                        Bucket=bucket,
                        Key=key,
                        UploadId=multipart_id,
                        PartNumberMarker=marker,
                        MaxParts=_PARTS_A_PAGE,
                    )
                    found += [
                        ReceivedPart(part.get("PartNumber", 0), part.get("ETag", ""), part.get("Size", 0))
                        for part in page.get("Parts", [])
                    ]
                    if not page.get("IsTruncated"):
                        return found
                    marker = page["NextPartNumberMarker"]
            except ClientError as error:
                if _is_gone(error):
                    return None
                raise

    async def finish_multipart(self, bucket: str, key: str, multipart_id: str, parts: Sequence[ReceivedPart]) -> None:
        """Put the parts together. An upload that is gone already is no error: the caller looks at the object."""
        with s3_errors():
            try:
                await self._s3.complete_multipart_upload(
                    Bucket=bucket,
                    Key=key,
                    UploadId=multipart_id,
                    MultipartUpload={"Parts": [{"PartNumber": p.number, "ETag": p.etag} for p in parts]},
                )
            except ClientError as error:
                if not _is_gone(error):
                    raise

    async def _give_way(self) -> None:
        self._signatures += 1
        if self._signatures % _SIGNATURES_AT_A_TIME == 0:
            await asyncio.sleep(0)


def _is_gone(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in {"NoSuchUpload", "404"}
