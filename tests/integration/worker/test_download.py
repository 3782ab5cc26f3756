"""Objects come whole from S3 to disk, or not at all."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.stack import Aws
from types_aiobotocore_s3.client import S3Client

from sightglass_common import s3 as objects
from sightglass_common.errors import (
    AccessDenied,
    DependencyUnavailable,
    DownloadFailed,
    ObjectChanged,
    ObjectNotFound,
    OutOfDisk,
)
from sightglass_common.s3 import s3_errors
from sightglass_worker import download as parts
from sightglass_worker.download import PART_BYTES, download
from sightglass_worker.scratch import scratch_file


@pytest.mark.parametrize("size", [0, 1, PART_BYTES, PART_BYTES * 5 + 7])
async def test_the_file_is_the_object(s3: S3Client, aws: Aws, tmp_path: Path, size: int) -> None:
    body = os.urandom(size)
    await s3.put_object(Bucket=aws.bucket, Key="o", Body=body)
    ref = await objects.head(s3, aws.bucket, "o")
    with scratch_file(tmp_path, size, reserve_bytes=0) as descriptor:
        await download(s3, ref, descriptor)
        assert os.pread(descriptor, size + 1, 0) == body


async def test_an_object_replaced_meanwhile_fails_instead_of_mixing(s3: S3Client, aws: Aws, tmp_path: Path) -> None:
    await s3.put_object(Bucket=aws.bucket, Key="o", Body=b"first")
    ref = await objects.head(s3, aws.bucket, "o")
    await s3.put_object(Bucket=aws.bucket, Key="o", Body=b"other")
    with scratch_file(tmp_path, 5, reserve_bytes=0) as descriptor, pytest.raises(ObjectChanged):
        await download(s3, ref, descriptor)


@pytest.mark.parametrize(("bucket", "key"), [(None, "gone"), ("no-such-bucket-here", "o"), ("NOT A BUCKET", "o")])
async def test_an_object_that_is_not_there_is_not_found(s3: S3Client, aws: Aws, bucket: str | None, key: str) -> None:
    with pytest.raises(ObjectNotFound):
        await objects.head(s3, bucket or aws.bucket, key)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("403", AccessDenied),
        ("AccessDenied", AccessDenied),
        ("404", ObjectNotFound),
        ("SlowDown", DependencyUnavailable),
    ],
)
def test_answers_of_s3_become_errors_of_ours(code: str, expected: type[Exception]) -> None:
    answer: Any = {"Error": {"Code": code}}
    with pytest.raises(expected), s3_errors():
        raise ClientError(answer, "HeadObject")


def test_a_file_has_no_name(tmp_path: Path) -> None:
    with scratch_file(tmp_path, 10, reserve_bytes=0) as descriptor:
        assert os.fstat(descriptor).st_nlink == 0
        assert list(tmp_path.iterdir()) == []


def test_no_room_is_said_before_a_byte_is_written(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(OutOfDisk, match="bytes are needed"), scratch_file(tmp_path, 1, reserve_bytes=free + 2**30):
        pytest.fail("There was room.")


def test_room_is_taken_when_it_is_promised(tmp_path: Path) -> None:
    size = 64 * 2**20
    with scratch_file(tmp_path, size, reserve_bytes=0) as descriptor:
        assert os.fstat(descriptor).st_blocks * 512 >= size


async def test_a_connection_that_breaks_costs_a_part_and_not_the_download(
    s3: S3Client, aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = os.urandom(PART_BYTES + 1)
    await s3.put_object(Bucket=aws.bucket, Key="o", Body=body)
    ref = await objects.head(s3, aws.bucket, "o")
    asked: list[int] = []

    async def breaking(client: S3Client, ref: objects.ObjectRef, start: int, length: int) -> bytes:
        asked.append(start)
        if asked.count(start) == 1:
            raise DownloadFailed
        return await objects.read_range(client, ref, start, length)

    monkeypatch.setattr(parts, "read_range", breaking)
    with scratch_file(tmp_path, len(body), reserve_bytes=0) as descriptor:
        await download(s3, ref, descriptor)
        assert os.pread(descriptor, len(body) + 1, 0) == body
    assert sorted(asked) == [0, 0, PART_BYTES, PART_BYTES]
