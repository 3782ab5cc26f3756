"""A whole object from S3 to a file, by ranges read in parallel."""

import asyncio
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sightglass_common.errors import DownloadFailed, OutOfDisk
from sightglass_common.s3 import ObjectRef, read_range

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

PART_BYTES: Final = 8 * 1024 * 1024  # facts of the field: larger parts gain nothing, smaller ones cost requests
_PAUSES_S: Final = (0.2, 1.0, 3.0)
PARALLEL: Final = 4  # so that 32 MiB of parts are in memory at most


async def download(s3: "S3Client", ref: ObjectRef, descriptor: int) -> None:
    """Write the object in the state that `ref` names to a file, from its beginning.

    Each range asks for the same ETag, so an object that is replaced meanwhile fails instead of mixing.
    Raises OutOfDisk, and what `read_range` raises; what was written then is of no use.
    """
    parts = _parts(ref.size_bytes)

    async def work() -> None:
        for start, length in parts:
            data = await read_patiently(s3, ref, start, length)
            await asyncio.to_thread(_write, descriptor, data, start)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(PARALLEL):
                group.create_task(work())
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error


async def read_patiently(s3: "S3Client", ref: ObjectRef, start: int, length: int) -> bytes:
    """Read a range, several times if the connection breaks: that costs a part, and not the gigabytes before it.

    Raises what `read_range` raises.
    """
    for pause_s in _PAUSES_S:
        try:
            return await read_range(s3, ref, start, length)
        except DownloadFailed:
            await asyncio.sleep(pause_s)
    return await read_range(s3, ref, start, length)


def _parts(size_bytes: int) -> Iterator[tuple[int, int]]:
    for start in range(0, size_bytes, PART_BYTES):
        yield start, min(PART_BYTES, size_bytes - start)


def _write(descriptor: int, data: bytes, start: int) -> None:
    view = memoryview(data)
    try:
        while view:
            written = os.pwrite(descriptor, view, start)
            view, start = view[written:], start + written
    except OSError as error:
        raise OutOfDisk(f"The file could not be written: {error.strerror}.") from error
