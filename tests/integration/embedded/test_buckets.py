"""Buckets that outlive the stand-in that forgets them."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from types_aiobotocore_s3.client import S3Client

from sightglass_common.aws import open_s3
from sightglass_embedded.bucket_index import BucketIndex, indexes_in
from sightglass_embedded.buckets import export_buckets, restore_buckets
from sightglass_embedded.localstack import LocalStack

KEYS = ("a", "../../etc/passwd", "%2e%2e/x", "a//b", "a/", "ü 日本", "k" * 1024, "with\tcontrol\x01", "a+b c&d=?#")


@pytest.fixture(scope="module")
async def own(state_folder: Path) -> AsyncGenerator[S3Client]:
    """S3 of a LocalStack that no other module uses: a copy is one of all buckets."""
    async with LocalStack(state_folder / "own localstack").running() as aws, open_s3(aws.endpoint_url) as s3:
        yield s3


@pytest.fixture
async def empty(own: S3Client) -> S3Client:
    """The same without any bucket."""
    for bucket in (await own.list_buckets()).get("Buckets", []):
        await remove(own, bucket.get("Name", ""))
    return own


async def remove(s3: S3Client, bucket: str) -> None:
    for key in await listed(s3, bucket):
        await s3.delete_object(Bucket=bucket, Key=key)
    await s3.delete_bucket(Bucket=bucket)


async def listed(s3: S3Client, bucket: str) -> dict[str, tuple[str, int]]:
    answer = await s3.list_objects_v2(Bucket=bucket)
    return {item.get("Key", ""): (item.get("ETag", ""), item.get("Size", 0)) for item in answer.get("Contents", [])}


async def put_parts(s3: S3Client, bucket: str, key: str, sizes: tuple[int, ...]) -> None:
    upload = await s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType="video/mp4")
    name: dict[str, Any] = {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}
    parts: list[Any] = []
    for number, size in enumerate(sizes, start=1):
        part = await s3.upload_part(**name, PartNumber=number, Body=os.urandom(size))
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    await s3.complete_multipart_upload(**name, MultipartUpload={"Parts": parts})


async def test_objects_come_back_with_content_etag_type_and_metadata(empty: S3Client, tmp_path: Path) -> None:
    s3 = empty
    await s3.create_bucket(Bucket="videos")
    for key in KEYS:
        await s3.put_object(Bucket="videos", Key=key, Body=key.encode(), ContentType="text/x", Metadata={"m": "1"})
    await put_parts(s3, "videos", "in parts", (6 << 20, 5 << 20, 100))
    before = await listed(s3, "videos")
    assert await export_buckets(s3, tmp_path) == len(KEYS) + 1
    assert await export_buckets(s3, tmp_path) == 0  # only what changed
    await remove(s3, "videos")

    restored = await restore_buckets(s3, tmp_path)

    assert (restored.objects, restored.lost) == (len(KEYS) + 1, [])
    assert await listed(s3, "videos") == before
    for key in KEYS:
        answer = await s3.get_object(Bucket="videos", Key=key)
        assert await answer["Body"].read() == key.encode()
        assert (answer["ContentType"], answer["Metadata"]) == ("text/x", {"m": "1"})


async def test_what_is_deleted_or_replaced_is_so_in_the_copy(empty: S3Client, tmp_path: Path) -> None:
    s3 = empty
    for bucket in ("videos", "gone"):
        await s3.create_bucket(Bucket=bucket)
        for key in ("kept", "replaced", "deleted"):
            await s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    await export_buckets(s3, tmp_path)
    await s3.delete_object(Bucket="videos", Key="deleted")
    await s3.put_object(Bucket="videos", Key="replaced", Body=b"22")
    await remove(s3, "gone")
    assert await export_buckets(s3, tmp_path) == 1
    index = BucketIndex(tmp_path, "videos")
    assert {key: index.path_of(entry).read_bytes() for key, entry in index.read().items()} == {
        "kept": b"1",
        "replaced": b"22",
    }
    assert [copy.bucket for copy in indexes_in(tmp_path)] == ["videos"]
    assert not BucketIndex(tmp_path, "gone").folder.exists()


async def test_a_lost_file_is_named_and_a_newer_object_stays(empty: S3Client, tmp_path: Path) -> None:
    s3 = empty
    await s3.create_bucket(Bucket="videos")
    for key in ("lost", "newer", "kept"):
        await s3.put_object(Bucket="videos", Key=key, Body=b"old")
    await export_buckets(s3, tmp_path)
    await remove(s3, "videos")
    await s3.create_bucket(Bucket="videos")
    await s3.put_object(Bucket="videos", Key="newer", Body=b"new")
    index = BucketIndex(tmp_path, "videos")
    index.path_of(index.read()["lost"]).unlink()

    restored = await restore_buckets(s3, tmp_path)

    assert (restored.objects, restored.lost) == (1, ["videos/lost"])
    assert await (await s3.get_object(Bucket="videos", Key="newer"))["Body"].read() == b"new"


async def test_a_full_disk_leaves_the_copy_before_it_whole(
    empty: S3Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = empty
    await s3.create_bucket(Bucket="videos")
    await s3.put_object(Bucket="videos", Key="a", Body=b"1")
    await export_buckets(s3, tmp_path)
    await s3.put_object(Bucket="videos", Key="b", Body=b"2")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        await export_buckets(s3, tmp_path)
    index = BucketIndex(tmp_path, "videos")
    assert list(index.read()) == ["a"]
    assert len(list(index.objects.iterdir())) == 1
