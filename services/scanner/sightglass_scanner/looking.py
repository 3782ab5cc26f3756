"""Objects of a batch, looked through: what each comes to, whatever happens to it meanwhile."""

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Final, TypeGuard

import structlog

from sightglass_common.errors import ObjectChanged, SightglassError
from sightglass_detect import Settings
from sightglass_scanner.fetching import Fetched, Group
from sightglass_scanner.looks import Look, look_of
from sightglass_scanner.media.handing import is_for_others
from sightglass_scanner.objects import Refused, S3Object, Stopped, open_object
from sightglass_scanner.queries import Scan
from sightglass_scanner.reading import read_objects
from sightglass_scanner.results import FindingRow, ObjectNote, ObjectResult, Tally
from sightglass_scanner.selection import Listed

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_MANY_FINDINGS: Final = 20_000
# An object that is replaced again and again while it is read.
_TRIES: Final = 3


@dataclass(slots=True)
class Read:
    """What has been read of a batch so far. way: see ways.py. handed: what others are to look at."""

    way: bytes
    tally: Tally = field(default_factory=Tally)
    findings: list[FindingRow] = field(default_factory=list[FindingRow])
    notes: list[ObjectNote] = field(default_factory=list[ObjectNote])
    looks: list[Look] = field(default_factory=list[Look])
    handed: list[tuple[Listed, ObjectResult]] = field(default_factory=list[tuple[Listed, ObjectResult]])
    objects: int = 0

    def add(self, result: ObjectResult) -> None:
        """What the next object comes to."""
        result.count(self.tally)
        self.findings += result.findings
        self.notes += result.notes
        self.objects += 1

    def hand_on(self, listed: Listed, result: ObjectResult) -> None:
        """The next object is for others to look at: its notes wait until they have."""
        result.handed_on().count(self.tally)
        self.findings += result.findings
        self.handed.append((listed, result))
        self.objects += 1


@dataclass(frozen=True, slots=True)
class Looking:
    """How the objects of a batch are read. until: a moment of `time.monotonic`."""

    s3: "S3Client"
    scan: Scan
    key: bytes
    settings: Settings
    until: float

    async def through(self, group: Group, read: Read) -> bool:
        """Add what the objects come to. Whether to go on. Raises what is nothing that an object comes to."""
        sources = [source for _, source in takewhile(_is_got, group) if self._to_be_read(source)]
        results = deque(await self._looked_through(sources, _MANY_FINDINGS - len(read.findings)))
        for listed, source in group:
            if isinstance(source, Exception):
                raise source
            if isinstance(source, Refused):
                read.add(_skipped(listed, source.reason))
            elif not self._to_be_read(source):
                read.add(_skipped(listed, "too_large"))
            elif results:
                result = results.popleft()
                judged = result if isinstance(result, ObjectResult) else await self._judged(listed, result)
                if is_for_others(self.scan, judged):
                    read.hand_on(listed, judged)
                    continue
                read.add(judged)
                look = look_of(listed.key, source.ref.etag, result) if isinstance(result, ObjectResult) else None
                if look is not None:
                    read.looks.append(look)
            else:
                return False
        return len(read.findings) < _MANY_FINDINGS and time.monotonic() < self.until

    def _to_be_read(self, source: Fetched) -> TypeGuard[S3Object]:
        return isinstance(source, S3Object) and source.size_bytes <= self.scan.max_object_bytes

    async def _judged(self, listed: Listed, result: ObjectResult | Exception) -> ObjectResult:
        """What an object comes to, read again if it was replaced meanwhile."""
        for _ in range(_TRIES - 1):
            if not isinstance(result, ObjectChanged):
                break
            source = await open_object(self.s3, self.scan.bucket, listed.key)
            if isinstance(source, Refused):
                return _skipped(listed, source.reason)
            if not self._to_be_read(source):
                return _skipped(listed, "too_large")
            (result,) = await self._looked_through([source], 1)
        if isinstance(result, ObjectResult):
            return result
        if isinstance(result, ObjectChanged):
            return _failed(listed, ObjectChanged.code)
        if isinstance(result, SightglassError | MemoryError | OSError | Stopped):
            raise result
        # Its words may quote the object.
        _log.error("object.not_read", error=type(result).__name__, at=_where(result))
        return _failed(listed, SightglassError.code)

    async def _looked_through(
        self, sources: Sequence[S3Object], most_findings: int
    ) -> Sequence[ObjectResult | Exception]:
        if not sources:
            return ()
        tenant_id, until = self.scan.tenant_id, self.until
        looking = asyncio.create_task(
            asyncio.to_thread(
                read_objects, sources, tenant_id, self.key, self.settings, until=until, most_findings=most_findings
            )
        )
        try:
            return await asyncio.shield(looking)
        finally:
            # Cancelled, the thread goes on until it looks; what it ends with then is nobody's.
            for source in sources:
                source.stop()
            looking.add_done_callback(_taken_note_of)


def _is_got(fetched: tuple[Listed, Fetched]) -> bool:
    return not isinstance(fetched[1], Exception)


def _taken_note_of(looking: asyncio.Task[list[ObjectResult | Exception]]) -> None:
    if not looking.cancelled():
        looking.exception()


def _skipped(listed: Listed, reason: str) -> ObjectResult:
    note = ObjectNote(listed.key, listed.etag.strip('"'), "skipped", reason)
    return ObjectResult("skipped", listed.size_bytes, notes=[note])


def _failed(listed: Listed, reason: str) -> ObjectResult:
    note = ObjectNote(listed.key, listed.etag.strip('"'), "failed", reason)
    return ObjectResult("failed", listed.size_bytes, notes=[note])


def _where(error: Exception) -> str:
    """The line of ours that an error came from."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"
