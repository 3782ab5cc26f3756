"""Long work of a thread, some of it at a time, so that it can be told how far it is, and ended."""

import asyncio
import time
import traceback
from collections.abc import AsyncGenerator, Iterator
from typing import Final, TypeVar

import structlog

from sightglass_common.errors import SightglassError
from sightglass_scanner.documents.whole import Unfit
from sightglass_scanner.objects import S3Object, Stopped

T = TypeVar("T")

_STEP_S: Final = 0.25

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Watched:
    """A `Source` that knows how far it was read."""

    def __init__(self, source: S3Object) -> None:
        self.read_bytes = 0
        self._source = source

    @property
    def size_bytes(self) -> int:
        """Its size."""
        return self._source.size_bytes

    def read(self, offset: int, length: int, /) -> bytes:
        """As of S3Object."""
        data = self._source.read(offset, length)
        self.read_bytes = max(self.read_bytes, offset + len(data))
        return data


async def stepped(work: Iterator[T], source: S3Object, most: int) -> AsyncGenerator[list[T]]:
    """What `work` gives, `most` at once or what comes in a quarter of a second. Cancelled, it stops the source.

    Raises what `work` raises; what is a fault of ours as SightglassError, as its words may quote the object.
    """
    over = False
    while not over:
        step = asyncio.create_task(asyncio.to_thread(_step, work, most))
        try:
            some, over = await asyncio.shield(step)
        except asyncio.CancelledError:
            # The thread goes on until it looks; what it ends with then is nobody's.
            source.stop()
            step.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise
        except (SightglassError, OSError, MemoryError, Stopped, Unfit):
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends this attempt
            last = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("source.not_read", error=type(error).__name__, at=f"{last.filename}:{last.lineno}")
            raise SightglassError from None
        if some:
            yield some


def _step(work: Iterator[T], most: int) -> tuple[list[T], bool]:
    """The next of them, and whether these are the last."""
    some: list[T] = []
    until = time.monotonic() + _STEP_S
    for one in work:
        some.append(one)
        if len(some) >= most or time.monotonic() >= until:
            return some, False
    return some, True
