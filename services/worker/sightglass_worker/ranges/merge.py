"""The last step of a film in ranges: what they have found becomes its result, in one transaction."""

import asyncio
from typing import TYPE_CHECKING

from sightglass_common import leases
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.leases import Claim
from sightglass_common.messages import AnalyzeRange
from sightglass_common.metrics import JOBS
from sightglass_common.s3 import ObjectRef, read_range, s3_errors
from sightglass_common.tracing import Trace
from sightglass_common.video_source_queries import have_film_read
from sightglass_worker.artifacts import Shelf, Uploads
from sightglass_worker.decode.range_results import TileFound
from sightglass_worker.decode.range_run import ranges_of
from sightglass_worker.decode.results import Analysis, Probe
from sightglass_worker.decode.run import FilmDecoder, decoder
from sightglass_worker.domain.texts.folding import TextFold
from sightglass_worker.gathering import Findings, Gathering
from sightglass_worker.handlers import result_of
from sightglass_worker.labels.outcome import OFF
from sightglass_worker.queries import Result, source_of, store_result
from sightglass_worker.ranges import planning, queries
from sightglass_worker.ranges.found import RangeFound, UnreadableError
from sightglass_worker.ranges.joining import FilmJoiner, SeamDiffersError
from sightglass_worker.ranges.queries import RangeRow
from sightglass_worker.ranges.shelf import shelf_of
from sightglass_worker.ranges.source import object_of
from sightglass_worker.settings import WorkerSettings
from sightglass_worker.spill.file import Spills
from sightglass_worker.texts_to_scan import SOURCE, have_scanned

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


class MergeHandler:
    """Puts the ranges of a film together, holding one of them at a time."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: WorkerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings

    async def __call__(self, message: AnalyzeRange, job: JobContext) -> Effect:
        """Do the work of one attempt.

        Raises the errors of S3 and of probing, and Cancelled when the analysis is over or to be.
        """
        await job.report("merge", 0, None)
        ranges, ref = await self._ranges(message)
        shelf = shelf_of(self._settings.bucket, message)
        try:
            with Spills(self._settings.scratch_folder) as spills:
                async with decoder(self._settings.limits) as film, asyncio.TaskGroup() as group:
                    probe = await self._probe(ref, film)
                    gathering = Gathering(Uploads(self._s3, shelf, group), spills)
                    analysis, found = await self._joined(message, ranges, gathering, film)
        except ExceptionGroup as failures:
            if failures.subgroup(SeamDiffersError):
                job.log.warning("ranges.seam_differs", ranges=len(ranges))
                return planning.begun_as_one(message, job, "seam_differs")
            if failures.subgroup(UnreadableError) and message.plan > 0:  # as one it may come out of this version
                job.log.warning("ranges.unreadable", ranges=len(ranges))
                return planning.begun_as_one(message, job, "unreadable")
            raise failures.exceptions[0] from failures
        return _stored(message, shelf, result_of(probe, analysis, found, OFF), job.trace)

    async def _joined(
        self, message: AnalyzeRange, ranges: list[RangeRow], gathering: Gathering, film: FilmDecoder
    ) -> tuple[Analysis, Findings]:
        """What all ranges have found, as a run over the whole film would tell it.

        Raises SeamDiffersError, and Cancelled when the analysis need not go on.
        """
        joiner, texts = FilmJoiner(), TextFold()
        tiles: list[TileFound] = []  # about as many as the sheet has
        expected_us: int | None = None
        is_read = True
        for joined, row in enumerate(ranges):
            await self._tell(message, joined)
            found = await self._found(row)
            expected_us = found.done.expected_us
            tiles += found.tiles()
            for sample in found.motion():
                await gathering.motion(sample)
            for scene in joiner.push(found):
                await gathering.scene(scene)
            looks = found.looks()
            is_read = is_read and looks is not None
            for look in looks or ():
                texts.push(look)
        await self._tell(message, len(ranges))
        last, analysis = joiner.finish()
        for scene in last:
            await gathering.scene(scene)
        sheet = await ranges_of(film).sheet(tiles, expected_us=expected_us, duration_us=analysis.duration_us)
        await gathering.sprite(sheet)
        read = texts.finish(analysis.duration_us) if is_read else None
        return analysis, await gathering.finish(analysis.duration_us, read)

    async def _ranges(self, message: AnalyzeRange) -> tuple[list[RangeRow], ObjectRef]:
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            parent, ranges = await planning.current(db, message)
            source = await source_of(db, message.analysis_id, parent.job_id, own_bucket=self._settings.bucket)
        return ranges, await object_of(self._s3, source)

    async def _tell(self, message: AnalyzeRange, joined: int) -> None:
        """Tell how many ranges are put together, which keeps the analysis' lease."""
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            parent, _ = await planning.current(db, message)
            await queries.show_progress(db, message.analysis_id, parent.job_id, joined=joined)

    async def _found(self, row: RangeRow) -> RangeFound:
        with s3_errors():
            answer = await self._s3.get_object(Bucket=self._settings.bucket, Key=row.result_key or "")
            async with answer["Body"] as body:
                return RangeFound(await body.read())

    async def _probe(self, ref: ObjectRef, film: FilmDecoder) -> Probe:
        async def ranged(start: int, length: int) -> bytes:
            return await read_range(self._s3, ref, start, length)

        return await film.probe(ranged, ref.size_bytes)


def _stored(message: AnalyzeRange, shelf: Shelf, result: Result, trace: Trace) -> Effect:
    """The effect that ends the analysis: its result is stored, and its ranges are forgotten."""

    async def effect(db: Db) -> FinalStatus:
        parent, _ = await planning.current(db, message)
        await store_result(db, message.tenant_id, message.analysis_id, attempt=shelf.attempt, result=result)
        await have_scanned(db, message.tenant_id, message.analysis_id, result.texts, trace)
        await have_film_read(db, message.tenant_id, message.analysis_id, source=SOURCE, trace=trace)
        await queries.forget(db, message.analysis_id)
        status: FinalStatus = "partial" if result.partial else "done"
        claim = Claim(parent.tenant_id, parent.job_id, parent.kind, parent.attempt, parent.attempts_left)
        await leases.finish(db, claim, status)
        JOBS.labels(parent.kind, status, "").inc()
        return "done"

    return effect
