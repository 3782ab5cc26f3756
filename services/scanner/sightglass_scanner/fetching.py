"""The objects of a batch, fetched group by group: one is fetched while the one before is looked through."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from sightglass_common.errors import SightglassError
from sightglass_common.s3_get import Told, gets_of
from sightglass_scanner.objects import BLOCK_BYTES, Refused, S3Object, opened
from sightglass_scanner.selection import Listed

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# What is held of a group; two of them are there at once.
_GROUP_OBJECTS: Final = 128
_GROUP_BYTES: Final = 16 * 1024**2
_AT_ONCE: Final = 16

# An object, or why there is none: that S3 refuses it, or what came between.
Fetched: TypeAlias = S3Object | Refused | SightglassError | OSError
Group: TypeAlias = Sequence[tuple[Listed, Fetched]]


async def fetched(s3: "S3Client", bucket: str, wanted: Sequence[Listed]) -> AsyncGenerator[Group]:
    """Groups of objects in their order, each object with its first block."""
    under_way: deque[asyncio.Task[Group]] = deque()
    try:
        for some in groups(wanted):
            under_way.append(asyncio.create_task(_fetched(s3, bucket, some)))
            if len(under_way) == 2:
                yield await under_way[0]
                under_way.popleft()
        if under_way:
            yield await under_way[0]
    finally:
        for fetching in under_way:
            fetching.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def groups(wanted: Sequence[Listed]) -> Iterator[Sequence[Listed]]:
    """Runs of objects of which so many, and so many bytes, are held at once; at least one in each."""
    start = held = 0
    for number, listed in enumerate(wanted):
        size_bytes = min(listed.size_bytes, BLOCK_BYTES)
        if number > start and (number - start == _GROUP_OBJECTS or held + size_bytes > _GROUP_BYTES):
            yield wanted[start:number]
            start, held = number, 0
        held += size_bytes
    if start < len(wanted):
        yield wanted[start:]


async def _fetched(s3: "S3Client", bucket: str, some: Sequence[Listed]) -> Group:
    keys = [listed.key for listed in some]
    told = await gets_of(s3).get_each(bucket, keys, BLOCK_BYTES, at_once=_AT_ONCE)
    return [(listed, _opened(s3, bucket, listed, one)) for listed, one in zip(some, told, strict=True)]


def _opened(s3: "S3Client", bucket: str, listed: Listed, told: Told) -> Fetched:
    try:
        return opened(s3, bucket, listed.key, told)
    except (SightglassError, OSError) as error:
        return error
