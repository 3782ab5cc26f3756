"""AnalyzeRange: one range of a long film is decoded where it lies, and what it shows is stored for the merge."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import Cancelled
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeRange
from sightglass_common.s3 import ObjectRef, put
from sightglass_worker.decode.range_results import PieceFound, TileFound, Unsound
from sightglass_worker.decode.range_run import range_decoder
from sightglass_worker.decode.results import Progress
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.ocr.readers import TextReaders
from sightglass_worker.queries import source_of
from sightglass_worker.ranges import planning, queries
from sightglass_worker.ranges.blocks import BlockReader
from sightglass_worker.ranges.found import FoundWriter
from sightglass_worker.ranges.queries import RangeRow
from sightglass_worker.ranges.shelf import range_key
from sightglass_worker.ranges.source import object_of
from sightglass_worker.ranges.texts import RangeTexts
from sightglass_worker.settings import WorkerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# How often the film's progress is set, and a cancel of its analysis noticed.
_TELL_EVERY_S: Final = 0.5


class _Under:
    """A range under way, and what it has found so far: some hundred kilobytes a minute of film, pictures included."""

    def __init__(self, row: RangeRow, job: JobContext) -> None:
        self._row = row
        self._job = job
        self.done_us = 0
        self.found = FoundWriter()

    async def progress(self, progress: Progress) -> None:
        """Note how far decoding has come."""
        length_us = self._row.end_us - self._row.start_us
        self.done_us = max(0, min(length_us, progress.t_us - self._row.start_us))
        await self._job.report("range", self.done_us, length_us)

    async def piece(self, piece: PieceFound) -> None:
        """Take the next piece."""
        self.found.piece(piece)

    async def tile(self, tile: TileFound) -> None:
        """Take the next tile."""
        self.found.tile(tile)

    async def motion(self, sample: MotionSample) -> None:
        """Take the next sample of motion."""
        self.found.motion(sample)


class AnalyzeRangeHandler:
    """Analyses one range. It has no effect until the one that it returns is run, but for an object nobody refers to.

    readers: of text on screen; None where none is to be read.
    """

    def __init__(self, pool: Pool, s3: "S3Client", settings: WorkerSettings, readers: TextReaders | None) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings
        self._readers = readers

    async def __call__(self, message: AnalyzeRange, job: JobContext) -> Effect:
        """Do the work of one attempt at a range.

        Raises the errors of S3 and of decoding, BucketNotLinked, and Cancelled when the analysis is over or to be.
        """
        row, ref = await self._range(message)
        await job.report("range", 0, row.end_us - row.start_us)
        under = _Under(row, job)
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell(message, under))
                found = await self._found(row, ref, under)
                telling.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        if isinstance(found, Unsound):
            job.log.warning("ranges.unsound", reason=found.reason, number=message.number)
            return planning.begun_as_one(message, job, found.reason)
        key = range_key(self._settings.bucket, message, job.claim.attempt)
        await put(self._s3, self._settings.bucket, key, found)
        return _done(message, job, key)

    async def _found(self, row: RangeRow, ref: ObjectRef, under: _Under) -> bytes | Unsound:
        """What one range has found, as it is stored."""
        async with (
            self._texts(row, under) as texts,
            range_decoder(self._settings.limits) as film,
            BlockReader(self._s3, ref) as blocks,
        ):
            done = await film.analyze(
                planning.span_of(row),
                blocks.read,
                blocks.size_bytes,
                on_progress=under.progress,
                on_piece=under.piece,
                on_tile=under.tile,
                on_motion=under.motion,
                on_look=texts.take if texts else None,
            )
            if isinstance(done, Unsound):
                return done
            if texts is not None:
                await texts.finish(row.end_us if done.end_us is None else done.end_us)
            return under.found.finish(done, is_read=texts is not None)

    @asynccontextmanager
    async def _texts(self, row: RangeRow, under: _Under) -> AsyncGenerator[RangeTexts | None]:
        if self._readers is None:
            yield None
            return
        async with self._readers.reader() as reader:
            calls = self._settings.text_calls_per_minute
            yield RangeTexts(reader.read, calls, row.restarts_us, under.found.look)

    async def _range(self, message: AnalyzeRange) -> tuple[RangeRow, ObjectRef]:
        """Which part of which object to look at. Raises Cancelled when its plan is over."""
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            row, parent = await _current(db, message)
            source = await source_of(db, message.analysis_id, parent.job_id, own_bucket=self._settings.bucket)
        return row, await object_of(self._s3, source)

    async def _tell(self, message: AnalyzeRange, under: _Under) -> None:
        """Tell the film's progress for as long as the range is under way. Raises Cancelled when it need not be."""
        while True:
            await asyncio.sleep(_TELL_EVERY_S)
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                row, parent = await _current(db, message)
                await queries.moved(db, message.analysis_id, row.plan, row.number, under.done_us)
                await queries.show_progress(db, message.analysis_id, parent.job_id)


async def _current(db: Db, message: AnalyzeRange) -> tuple[RangeRow, queries.Parent]:
    """The range and its analysis' job, which is held. Raises Cancelled when there is nothing to be done for it."""
    parent = await queries.locked(db, message.analysis_id)
    row = await queries.one_range(db, message.analysis_id, message.plan, message.number or 0)
    if row is None or not parent.goes_on:
        raise Cancelled(job_id=str(message.job_id))
    return row, parent


def _done(message: AnalyzeRange, job: JobContext, key: str) -> Effect:
    """The effect of a range that is done; of the last one, that all are put together."""

    async def effect(db: Db) -> FinalStatus:
        row, parent = await _current(db, message)
        await queries.found(db, message.analysis_id, row.plan, row.number, key)
        await queries.show_progress(db, message.analysis_id, parent.job_id)
        ranges = await queries.all_ranges(db, message.analysis_id)
        if all(other.result_key is not None for other in ranges):
            last = AnalyzeRange(
                tenant_id=message.tenant_id, job_id=new_id(), analysis_id=message.analysis_id, plan=message.plan
            )
            await planning.send(db, last, job.trace)
        return "done"

    return effect
