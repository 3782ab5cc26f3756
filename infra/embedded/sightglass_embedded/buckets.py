"""Copies all buckets of the AWS stand-in, which forgets them, to a folder and back.

Kept: content, ETag (with the same parts), content type and the like, user metadata. Not kept: versions,
tags, a bucket's own settings, uploads that were begun and not completed, and a change of metadata alone.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from sightglass_embedded.bucket_index import BucketIndex, Stored, indexes_in
from sightglass_embedded.bucket_objects import fetch, put

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

T = TypeVar("T")
R = TypeVar("R")

_PARALLEL: Final = 4


@dataclass
class Restored:
    """What came back. `lost` names objects, as bucket/key, whose bytes are not in the copy any more."""

    objects: int = 0
    lost: list[str] = field(default_factory=list[str])


async def export_buckets(s3: "S3Client", folder: Path) -> int:
    """Make the copy in `folder` equal to the buckets; returns how many objects had to be fetched.

    Only what has a new ETag is fetched. An index is replaced when all its objects are on disk, so a run
    that is killed, or ends with OSError for a full disk, leaves the copy before it whole.
    """
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    names = [str(bucket.get("Name")) for bucket in (await s3.list_buckets()).get("Buckets", [])]
    fetched = 0
    for name in names:
        fetched += await _export(s3, BucketIndex(folder, name))
    for index in indexes_in(folder):
        if index.bucket not in names:
            shutil.rmtree(index.folder)
    return fetched


async def restore_buckets(s3: "S3Client", folder: Path) -> Restored:
    """Put everything of the copy in `folder` back. What lies in a bucket already is newer, and stays."""
    restored = Restored()
    present = {bucket.get("Name") for bucket in (await s3.list_buckets()).get("Buckets", [])}
    for index in indexes_in(folder):
        if index.bucket not in present:
            await s3.create_bucket(Bucket=index.bucket)
        await _restore(s3, index, restored)
    return restored


async def _export(s3: "S3Client", index: BucketIndex) -> int:
    before = index.read()
    listed = await _listed(s3, index.bucket)
    kept = [entry for key, entry in before.items() if listed.get(key) == entry.etag and _whole(index, entry)]
    if len(kept) == len(listed) == len(before) and index.objects.exists():
        return 0
    index.objects.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = listed.keys() - {entry.key for entry in kept}
    fetched = await _each(missing, lambda key: fetch(s3, index, key))
    index.write([*kept, *(entry for entry in fetched if entry is not None)])
    return len(fetched)


async def _restore(s3: "S3Client", index: BucketIndex, restored: Restored) -> None:
    there = await _listed(s3, index.bucket)

    async def restore(entry: Stored) -> None:
        try:
            await put(s3, index, entry)
            restored.objects += 1
        except FileNotFoundError:
            restored.lost.append(f"{index.bucket}/{entry.key}")

    await _each((entry for key, entry in index.read().items() if key not in there), restore)


async def _listed(s3: "S3Client", bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item.get("Key", ""): item.get("ETag", "") async for page in pages for item in page.get("Contents", [])}


def _whole(index: BucketIndex, entry: Stored) -> bool:
    path = index.path_of(entry)
    return path.is_file() and path.stat().st_size == entry.size_bytes


async def _each(items: Iterable[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """Run `work` on all items, a few at once; the first failure ends the rest."""
    queue = iter(items)
    results: list[R] = []

    async def run() -> None:
        for item in queue:
            results.append(await work(item))  # noqa: PERF401  # an async comprehension would hide the sharing

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_PARALLEL):
                group.create_task(run())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return results
