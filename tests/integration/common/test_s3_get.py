"""Our GETs of S3 beside the SDK's own, of the same objects."""

import asyncio
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from tests.stack import Aws
from types_aiobotocore_s3.client import S3Client

from sightglass_common.s3_get import gets_of

KEYS = [
    "plain.txt",
    "a b+c%20d%2Fe.txt",
    "Grüße/こんにちは/🔍.txt",
    "//twice//",
    "dots/../in/./it",
    "?query=1&x=2#part",
    "quo'te\"s<&>;:@=$,!*()[]{}|\\^`~",
    "x" * 1024,
    "é" * 512,
]


async def by_sdk(s3: S3Client, bucket: str, key: str, **wanted: Any) -> tuple[bytes, str, str, int]:
    answer = await s3.get_object(Bucket=bucket, Key=key, **wanted)
    total = int(answer.get("ContentRange", "").rpartition("/")[2] or answer["ContentLength"])
    return await answer["Body"].read(), answer["ETag"], answer.get("VersionId", ""), total


async def by_us(s3: S3Client, bucket: str, key: str, **wanted: Any) -> tuple[bytes, str, str, int]:
    got = await gets_of(s3).get(bucket, key, 2, 8, **wanted)
    return got.body, got.etag, got.version_id, got.size_bytes


async def code_of(call: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        await call
    response = caught.value.response
    metadata = response.get("ResponseMetadata", {})
    return str(caught.value), metadata.get("HTTPStatusCode", 0), response.get("Error", {}).get("Code", "")


@pytest.mark.parametrize("key", KEYS)
async def test_a_range_is_the_one_that_the_sdk_gives(s3: S3Client, aws: Aws, key: str) -> None:
    put = await s3.put_object(Bucket=aws.bucket, Key=key, Body=key.encode() * 3)
    theirs = await by_sdk(s3, aws.bucket, key, Range="bytes=2-9", IfMatch=put["ETag"])
    assert await by_us(s3, aws.bucket, key, etag=put["ETag"]) == theirs
    assert theirs[0] == (key.encode() * 3)[2:10]


async def test_a_version_is_the_one_that_the_sdk_gives(s3: S3Client, aws: Aws) -> None:
    bucket = f"versions-{aws.bucket}"
    await s3.create_bucket(Bucket=bucket)
    await s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    puts = [await s3.put_object(Bucket=bucket, Key="k", Body=body) for body in (b"the first", b"the second")]
    for put in puts:
        version = put["VersionId"]
        theirs = await by_sdk(s3, bucket, "k", Range="bytes=2-9", VersionId=version)
        assert await by_us(s3, bucket, "k", version_id=version) == theirs
        assert theirs[2] == version


async def test_refusals_are_those_of_the_sdk(s3: S3Client, aws: Aws) -> None:
    await s3.put_object(Bucket=aws.bucket, Key="k", Body=b"0123456789")
    await s3.put_object(Bucket=aws.bucket, Key="one", Body=b"0")
    for bucket, key, theirs, ours in (
        (aws.bucket, "gone", {}, {}),
        (aws.bucket, "one", {}, {}),  # no byte is in the range
        (aws.bucket, "k", {"IfMatch": '"other"'}, {"etag": '"other"'}),
        (aws.bucket, "k" * 1025, {}, {}),
        (aws.bucket, "k", {"VersionId": "no-version"}, {"version_id": "no-version"}),
        ("no-such-bucket-anywhere", "k", {}, {}),
    ):
        expected = await code_of(by_sdk(s3, bucket, key, Range="bytes=2-9", **theirs))
        assert await code_of(by_us(s3, bucket, key, **ours)) == expected


@pytest.mark.parametrize(("bucket", "key"), [("NOT A BUCKET", "k"), ("a-bucket", "")])
async def test_what_can_be_no_object_is_not_asked_for(s3: S3Client, bucket: str, key: str) -> None:
    with pytest.raises(ParamValidationError):
        await by_us(s3, bucket, key)


async def test_many_at_once_and_large_ones_come_whole(s3: S3Client, aws: Aws) -> None:
    body = bytes(range(256)) * 4096 * 9
    await s3.put_object(Bucket=aws.bucket, Key="large", Body=body)
    gets = gets_of(s3)
    starts = range(0, len(body), 1024 * 1024)
    read = await asyncio.gather(*(gets.get(aws.bucket, "large", start, 1024 * 1024) for start in starts))
    assert b"".join(got.body for got in read) == body
    assert {got.size_bytes for got in read} == {len(body)}
