"""Objects of S3 as readers take them: by blocks, in one state, from a thread beside the loop."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from sightglass_common.errors import DownloadFailed, ObjectNotFound, SightglassError
from sightglass_common.s3 import ObjectRef, read_range, s3_errors
from sightglass_common.s3_get import Got, Told, gets_of

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# Most objects are smaller: one GET is all that they cost.
BLOCK_BYTES: Final = 4 * 1024**2
_BLOCKS: Final = 4
# What S3 says of an object that it does not give, and why we count it as skipped.
_REASONS: Final = {
    "AccessDenied": "denied",
    "AllAccessDisabled": "denied",
    "InvalidObjectState": "archived",
    "InvalidRange": "empty",
    "InvalidRequest": "encrypted",  # with a key that the client has to send (SSE-C)
    "NoSuchKey": "gone",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """S3 does not give the object, and never will as it is."""

    reason: str


class Stopped(Exception):
    """Nobody waits for this object any more."""


class S3Object:
    """A `Source` in the state in which it was opened. Its `read` is called from a thread, while the loop runs.

    version: its version id, or its ETag in a bucket without versions. first: its first block.
    """

    def __init__(self, s3: "S3Client", ref: ObjectRef, first: bytes) -> None:
        self.ref = ref
        self._s3 = s3
        self._loop = asyncio.get_running_loop()
        self._blocks: OrderedDict[int, bytes] = OrderedDict({0: first})
        self._stopped = False

    @property
    def size_bytes(self) -> int:
        """Its size."""
        return self.ref.size_bytes

    @property
    def version(self) -> str:
        """Which state of the object it is."""
        return self.ref.version_id or self.ref.etag.strip('"')

    @property
    def stopped(self) -> bool:
        """Whether to read on is in vain."""
        return self._stopped

    def stop(self) -> None:
        """Have the next `read` raise Stopped."""
        self._stopped = True

    def read(self, offset: int, length: int, /) -> bytes:
        """The bytes there. Raises Stopped, ObjectChanged when it was replaced, and the errors of `read_range`."""
        end = min(offset + length, self.size_bytes)
        if end <= offset:
            return b""
        first, last = offset // BLOCK_BYTES, (end - 1) // BLOCK_BYTES
        data = (
            b"".join(self._block(number) for number in range(first, last + 1)) if last > first else self._block(first)
        )
        start = offset - first * BLOCK_BYTES
        return data if start == 0 and end - offset == len(data) else data[start : start + end - offset]

    def _block(self, number: int) -> bytes:
        if self._stopped:
            raise Stopped
        if number not in self._blocks:
            start = number * BLOCK_BYTES
            reading = read_range(self._s3, self.ref, start, min(BLOCK_BYTES, self.size_bytes - start))
            self._blocks[number] = asyncio.run_coroutine_threadsafe(reading, self._loop).result()
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]


async def open_object(s3: "S3Client", bucket: str, key: str) -> S3Object | Refused:
    """An object as it is now, whatever it was when it was listed. Raises what `opened` raises."""
    (told,) = await gets_of(s3).get_each(bucket, [key], BLOCK_BYTES, at_once=1)
    return opened(s3, bucket, key, told)


def opened(s3: "S3Client", bucket: str, key: str, told: Told) -> S3Object | Refused:
    """An object by what the GET of its first block came to.

    Raises DownloadFailed when the connection broke or stood, DependencyUnavailable, and OSError.
    """
    if isinstance(told, Got):
        return S3Object(s3, ObjectRef(bucket, key, told.version_id, told.etag, told.size_bytes), told.body)
    if isinstance(told, HTTPClientError):
        raise DownloadFailed(f"The connection broke: {type(told).__name__}.") from told
    if isinstance(told, OSError):
        raise told
    return _refused(told)


def _refused(error: BotoCoreError | ClientError) -> Refused:
    """What a refusal means. Raises what `s3_errors` makes of one that does not last."""
    if isinstance(error, ClientError) and (code := error.response.get("Error", {}).get("Code", "")) in _REASONS:
        return Refused(_REASONS[code])
    try:
        with s3_errors():
            raise error
    except ObjectNotFound:
        return Refused("gone")
    except SightglassError as judged:
        if judged.retryable:
            raise
        return Refused("denied")
