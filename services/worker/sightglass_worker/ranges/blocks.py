"""An object in S3 as a decoder reads it: in order mostly, in large blocks, the next one under way already."""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Self

from sightglass_common.s3 import ObjectRef
from sightglass_worker.download import read_patiently

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# Half of a part of a download: more requests, but less memory.
BLOCK_BYTES: Final = 4 * 1024 * 1024
# The one read from, the one before it and the next. The header is read once, before them.
_HELD: Final = 3


class BlockReader:
    """Reads an object in the state that `ref` names, and nothing of it to the disk."""

    def __init__(self, s3: "S3Client", ref: ObjectRef) -> None:
        self._s3 = s3
        self._ref = ref
        self._blocks: OrderedDict[int, asyncio.Task[bytes]] = OrderedDict()
        self._newest = -1

    @property
    def size_bytes(self) -> int:
        """Size of the whole object."""
        return self._ref.size_bytes

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._blocks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def read(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset`, within the object. Raises what `read_range` raises."""
        parts: list[bytes] = []
        while size:
            number, within = divmod(offset, BLOCK_BYTES)
            block = await self._block(number)
            parts.append(block[within : within + size])
            offset, size = offset + len(parts[-1]), size - len(parts[-1])
        return b"".join(parts)

    async def _block(self, number: int) -> bytes:
        task = self._begun(number)
        if number == self._newest + 1 and (number + 1) * BLOCK_BYTES < self._ref.size_bytes:
            self._begun(number + 1)
        self._newest = number
        return await task

    def _begun(self, number: int) -> "asyncio.Task[bytes]":
        if number not in self._blocks:
            start = number * BLOCK_BYTES
            length = min(BLOCK_BYTES, self._ref.size_bytes - start)
            self._blocks[number] = asyncio.create_task(read_patiently(self._s3, self._ref, start, length))
            while len(self._blocks) > _HELD:
                _, oldest = self._blocks.popitem(last=False)
                oldest.cancel()
        self._blocks.move_to_end(number)
        return self._blocks[number]
