"""Where an attempt's pictures lie in the platform's bucket. Only a committed result refers to them."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sightglass_common.s3 import put, s3_errors
from sightglass_worker.spill.file import Spill

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_DELETE_AT_ONCE: Final = 1000  # S3's limit of one DeleteObjects call
_UPLOADS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """The keys of one attempt at one analysis. Attempts never share a key, so none overwrites another's."""

    bucket: str
    tenant_id: UUID
    analysis_id: UUID
    attempt: int

    @property
    def analysis_prefix(self) -> str:
        """What the keys of all attempts at this analysis begin with."""
        return f"tenants/{self.tenant_id}/analyses/{self.analysis_id}/"

    def is_stale(self, key: str, *, keep_own: bool) -> bool:
        """Whether a key below `analysis_prefix` is of an attempt before this one, or of this and that is not to stay.

        Never one of a newer attempt, which may be at work.
        """
        number = key.removeprefix(self.analysis_prefix).partition("/")[0]
        return number.isdigit() and int(number) < self.attempt + (not keep_own)

    def key(self, name: str) -> str:
        """The key of one artifact of this attempt."""
        return f"{self.analysis_prefix}{self.attempt}/{name}"


class Uploads:
    """Artifacts on their way to S3, a few at a time, while decoding goes on."""

    def __init__(self, s3: "S3Client", shelf: Shelf, group: asyncio.TaskGroup) -> None:
        self._s3 = s3
        self._shelf = shelf
        self._group = group
        self._room = asyncio.Semaphore(_UPLOADS_AT_ONCE)

    async def put(self, name: str, body: bytes | Spill, content_type: str) -> str:
        """Begin to store an artifact; returns its key. Waits while too many are under way: memory stays bounded.

        What was spilled is read while it is sent, and is to be left alone from here on.
        A failure ends the task group, with what `s3_errors` names.
        """
        key = self._shelf.key(name)
        await self._room.acquire()
        self._group.create_task(self._put(key, body, content_type))
        return key

    async def _put(self, key: str, body: bytes | Spill, content_type: str) -> None:
        try:
            if isinstance(body, Spill):
                await put(self._s3, self._shelf.bucket, key, body.rewound(), content_type)
            else:
                await put(self._s3, self._shelf.bucket, key, body, content_type)
        finally:
            self._room.release()


async def sweep(s3: "S3Client", shelf: Shelf, *, keep_own: bool) -> int:
    """Delete what earlier attempts at this analysis have left, killed ones too; returns how many objects went.

    keep_own: leave this attempt's objects; False once it has failed.
    Nothing refers to any of them: an analysis that has a result is never worked on again.
    """
    gone = 0
    with s3_errors():
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=shelf.bucket, Prefix=shelf.analysis_prefix, PaginationConfig={"PageSize": _DELETE_AT_ONCE}
        )
        async for page in pages:
            keys = [entry.get("Key", "") for entry in page.get("Contents", [])]
            stale = [key for key in keys if shelf.is_stale(key, keep_own=keep_own)]
            if stale:
                await s3.delete_objects(
                    Bucket=shelf.bucket, Delete={"Objects": [{"Key": key} for key in stale], "Quiet": True}
                )
                gone += len(stale)
    return gone
