"""ScanBatch: the objects of a batch are read one after the other, and what is found in them is stored at once."""

import asyncio
import time
import traceback
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, ObjectChanged, SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ScanBatch
from sightglass_detect import Settings
from sightglass_detect.scanning import engine_for
from sightglass_scanner import found_queries
from sightglass_scanner.beginning import detection_of
from sightglass_scanner.objects import Refused, S3Object, Stopped, open_object
from sightglass_scanner.parts import current, objects_of, send_batch, take
from sightglass_scanner.queries import Scan
from sightglass_scanner.reading import read_object
from sightglass_scanner.results import FindingRow, ObjectNote, ObjectResult, Tally
from sightglass_scanner.sealing import tenant_key
from sightglass_scanner.selection import Listed
from sightglass_scanner.settings import ScannerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

# Objects whose first blocks are fetched while another is looked through: 32 MiB at most.
_AHEAD: Final = 8
# After so much a batch ends, and the rest of it is one of its own: findings come soon, and a kill costs little.
_LONG_S: Final = 20.0
_MANY_FINDINGS: Final = 20_000
_ATTEMPTS: Final = 5  # as the column's default says
_LOOK_EVERY_S: Final = 1.0
# An object that is replaced again and again while it is read.
_TRIES: Final = 3


@dataclass(slots=True)
class _Read:
    """What has been read of a batch so far."""

    tally: Tally = field(default_factory=Tally)
    findings: list[FindingRow] = field(default_factory=list[FindingRow])
    notes: list[ObjectNote] = field(default_factory=list[ObjectNote])
    objects: int = 0

    def add(self, result: ObjectResult) -> None:
        result.count(self.tally)
        self.findings += result.findings
        self.notes += result.notes
        self.objects += 1


class ScanBatchHandler:
    """Reads one batch. It has no effect until the one that it returns is run."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._secret = settings.finding_key

    async def __call__(self, message: ScanBatch, job: JobContext) -> Effect:
        """Do the work of one attempt.

        Raises BucketNotLinked, Cancelled when the scan is over or to be, and what reading the first object raises.
        """
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            scan, part = await current(db, message.scan_id, message)
        if not scan.linked:
            raise BucketNotLinked(bucket=scan.bucket)
        listed = objects_of(part)
        wanted = listed[: portion(len(listed), job.claim.attempts_left)]
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch(message))
                read = await self._read(scan, wanted, job)
                watching.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return _done(scan, message, job, read, listed[read.objects :])

    async def _read(self, scan: Scan, wanted: Sequence[Listed], job: JobContext) -> _Read:
        settings = detection_of(scan)
        await asyncio.to_thread(engine_for, settings)
        key = tenant_key(self._secret.get_secret_value(), scan.tenant_id)
        began, read = time.monotonic(), _Read()
        try:
            async with aclosing(self._opened(scan, wanted)) as opened:
                async for listed, source in opened:
                    read.add(await self._result(scan, listed, source, key, settings))
                    if len(read.findings) >= _MANY_FINDINGS or time.monotonic() - began >= _LONG_S:
                        break
        except (SightglassError, OSError) as error:
            if not read.objects:
                raise
            job.log.info("batch.cut", objects=read.objects, error=type(error).__name__)
        return read

    async def _opened(self, scan: Scan, wanted: Sequence[Listed]) -> AsyncGenerator[tuple[Listed, S3Object | Refused]]:
        """Each object in order, some of them asked for ahead."""
        ahead: deque[tuple[Listed, asyncio.Task[S3Object | Refused]]] = deque()
        left = iter(wanted)
        try:
            while True:
                while len(ahead) < _AHEAD and (listed := next(left, None)):
                    ahead.append((listed, asyncio.create_task(open_object(self._s3, scan.bucket, listed.key))))
                if not ahead:
                    return
                listed, opening = ahead.popleft()
                try:
                    source = await opening
                finally:
                    opening.cancel()
                yield listed, source
        finally:
            for _, opening in ahead:
                opening.cancel()
            await asyncio.gather(*(opening for _, opening in ahead), return_exceptions=True)

    async def _result(
        self, scan: Scan, listed: Listed, source: S3Object | Refused, key: bytes, settings: Settings
    ) -> ObjectResult:
        for _ in range(_TRIES):
            if isinstance(source, Refused):
                return _skipped(listed, source.reason)
            if source.size_bytes > scan.max_object_bytes:
                return _skipped(listed, "too_large")
            try:
                return await _looked_through(source, scan, key, settings)
            except ObjectChanged:
                source = await open_object(self._s3, scan.bucket, listed.key)
            except (SightglassError, MemoryError, OSError, Stopped):
                raise
            except Exception as error:  # noqa: BLE001  # a fault in a reader is the same at each attempt
                # Its words may quote the object.
                _log.error("object.not_read", error=type(error).__name__, at=_where(error))
                return _failed(listed, SightglassError.code)
        return _failed(listed, ObjectChanged.code)

    async def _watch(self, message: ScanBatch) -> None:
        """Look whether the scan goes on for as long as the batch is under way. Raises Cancelled when it does not."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                await current(db, message.scan_id, message)


def portion(objects: int, attempts_left: int) -> int:
    """How many of a batch's first objects an attempt is at: the fewer, the more attempts were killed; at last one."""
    if attempts_left <= 1:
        return 1
    return max(1, objects // 8 ** max(0, _ATTEMPTS - attempts_left))


async def _looked_through(source: S3Object, scan: Scan, key: bytes, settings: Settings) -> ObjectResult:
    reading = asyncio.create_task(asyncio.to_thread(read_object, source, scan.tenant_id, key, settings))
    try:
        return await asyncio.shield(reading)
    finally:
        # Cancelled, the thread goes on until it looks; what it ends with then is nobody's.
        source.stop()
        reading.add_done_callback(_taken_note_of)


def _taken_note_of(reading: asyncio.Task[ObjectResult]) -> None:
    if not reading.cancelled():
        reading.exception()


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


def _done(scan: Scan, message: ScanBatch, job: JobContext, read: _Read, rest: Sequence[Listed]) -> Effect:
    """The effect of a batch. rest: what of it was not reached."""

    async def effect(db: Db) -> FinalStatus:
        await take(db, scan.scan_id, message.job_id)
        new = await found_queries.add_findings(db, scan.tenant_id, scan.scan_id, read.findings)
        tally = read.tally
        for row in read.findings:
            if row.finding_id in new:
                new.discard(row.finding_id)
                tally.add(f"finding:severity:{row.severity}")
                tally.add(f"finding:detector:{row.detector}")
        await found_queries.add_notes(db, scan.tenant_id, scan.scan_id, read.notes)
        await found_queries.count(db, scan.tenant_id, scan.scan_id, message.job_id, tally)
        if rest:
            await send_batch(db, scan, rest, job.trace)
        return "done"

    return effect
