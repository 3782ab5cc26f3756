"""AnalyzeVideo: look at the object, fetch it, have it decoded, store what was found; or have its key frames seen."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, ObjectChanged, SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeVideo
from sightglass_common.s3 import ObjectRef, head, read_range
from sightglass_common.tracing import Trace
from sightglass_common.video_errors import EmptyFile
from sightglass_common.video_source_queries import have_film_read
from sightglass_worker import queries
from sightglass_worker.artifacts import Shelf, Uploads, sweep
from sightglass_worker.decode.results import Analysis, Glance, Preview, Probe, Progress
from sightglass_worker.decode.run import FilmDecoder, ReadRange, decoder
from sightglass_worker.download import download
from sightglass_worker.gathering import Findings, Gathering
from sightglass_worker.labels.film import Labeller
from sightglass_worker.labels.outcome import Labelled
from sightglass_worker.labels.provider import LabelProvider
from sightglass_worker.ocr.film import FilmTexts
from sightglass_worker.ocr.readers import TextReaders
from sightglass_worker.pose.film import FilmPoses
from sightglass_worker.pose.finders import PoseFinders
from sightglass_worker.previewing import preview
from sightglass_worker.queries import PreviewRow, Result
from sightglass_worker.ranges import planning
from sightglass_worker.scratch import scratch_file
from sightglass_worker.settings import WorkerSettings
from sightglass_worker.spill.file import Spills
from sightglass_worker.storing import label_rows, preview_probe_json, probe_json
from sightglass_worker.texts_to_scan import SOURCE, have_scanned

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

# Counted up with each change that makes results differ: what an older version found can be found anew.
ANALYSER_VERSION: Final = 5


class AnalyzeVideoHandler:
    """Analyses one video. It has no effect until the one that it returns is run, but for objects nobody refers to, and
    for the scenes of a preview, which are seen while it runs.

    readers: of text on screen; None where none is to be read. provider: of labels; None where there are to be none.
    finders: of poses; None where none are to be found.
    """

    def __init__(
        self,
        pool: Pool,
        s3: "S3Client",
        settings: WorkerSettings,
        readers: TextReaders | None = None,
        provider: LabelProvider | None = None,
        *,
        finders: PoseFinders | None = None,
    ) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings
        self._readers = readers
        self._labeller = Labeller(provider, pool, readers, settings.label_limits)
        self._finders = finders

    async def __call__(self, message: AnalyzeVideo, job: JobContext) -> Effect:
        """Do the work of one attempt; the effect that it returns stores the result.

        Raises the errors of S3 and of decoding, OutOfDisk, BucketNotLinked and AnalysisNotFound.
        """
        resumed = await planning.resumed(self._pool, message, job)
        if resumed is not None:
            return resumed
        await job.report("probe", 0, None)
        ref = await self._source(message)
        async with decoder(self._settings.limits) as film:
            seen = await film.glance(self._ranges(ref), ref.size_bytes)
            if message.tier == "preview":
                probe = seen.probe or await film.probe(self._ranges(ref), ref.size_bytes)
                return await self._previewed(message, job, ref, probe, film)
            plan = await planning.find(
                self._s3, self._settings, ref, seen.length_us, job, film=film, whole_because=self._whole_because
            )
            if plan is not None:
                return planning.planned(message, job, plan, seen.length_us or 0)
            return await self._analyzed(message, job, ref, seen, film)

    async def _analyzed(
        self, message: AnalyzeVideo, job: JobContext, ref: ObjectRef, seen: Glance, film: FilmDecoder
    ) -> Effect:
        shelf = Shelf(self._settings.bucket, message.tenant_id, message.analysis_id, job.claim.attempt)
        if job.claim.attempt > 1:
            await self._sweep(shelf, job, keep_own=True)
        try:
            probe, findings, analysis, labels = await self._found(ref, seen, film, shelf, job)
        except BaseException:
            await self._sweep(shelf, job, keep_own=False)
            raise
        await job.report("store", analysis.duration_us, analysis.duration_us)
        return self._effect(message, shelf, result_of(probe, analysis, findings, labels), job.trace)

    async def _previewed(
        self, message: AnalyzeVideo, job: JobContext, ref: ObjectRef, probe: Probe, film: FilmDecoder
    ) -> Effect:
        shelf = Shelf(self._settings.bucket, message.tenant_id, message.analysis_id, job.claim.attempt)
        async with job.transaction() as db:
            await queries.forget(db, message.analysis_id)
        if job.claim.attempt > 1:
            await self._sweep(shelf, job, keep_own=True)
        seen = await preview(self._s3, ref, film, shelf, job, expected_us=probe.duration_us)
        found = _preview_row(probe, seen)

        async def effect(db: Db) -> FinalStatus:
            await queries.store_preview(db, message.analysis_id, attempt=shelf.attempt, found=found)
            return "partial" if found.partial else "done"

        return effect

    async def _sweep(self, shelf: Shelf, job: JobContext, *, keep_own: bool) -> None:
        """Remove what is of no use. Where that fails it costs storage until the next attempt, and no more."""
        try:
            gone = await sweep(self._s3, shelf, keep_own=keep_own)
        except SightglassError as error:
            job.log.warning("artifacts.not_swept", code=error.code)
        else:
            if gone:
                job.log.info("artifacts.swept", objects=gone)

    @property
    def _whole_because(self) -> str | None:
        """What is asked for that is not found in ranges, if anything is."""
        if self._labeller.wanted:
            return "labels"
        return None if self._finders is None else "poses"

    async def _source(self, message: AnalyzeVideo) -> ObjectRef:
        """The object as it was when the job was made. Raises ObjectChanged when it is another now."""
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            source = await queries.source_of(db, message.analysis_id, message.job_id, own_bucket=self._settings.bucket)
        if not source.linked:
            raise BucketNotLinked(bucket=source.bucket)
        ref = await head(self._s3, source.bucket, source.object_key, source.version_id)
        if (ref.etag, ref.size_bytes) != (source.etag, source.size_bytes):
            raise ObjectChanged
        if not ref.size_bytes:
            raise EmptyFile
        return ref

    def _ranges(self, ref: ObjectRef) -> ReadRange:
        async def ranged(start: int, length: int) -> bytes:
            return await read_range(self._s3, ref, start, length)

        return ranged

    async def _found(
        self, ref: ObjectRef, seen: Glance, film: FilmDecoder, shelf: Shelf, job: JobContext
    ) -> tuple[Probe, Findings, Analysis, Labelled]:
        """Fetch the object, have it decoded and its scenes labelled; nothing of it is left on the disk afterwards."""
        folder, reserve_bytes = self._settings.scratch_folder, self._settings.scratch_reserve_bytes
        with scratch_file(folder, ref.size_bytes, reserve_bytes=reserve_bytes) as descriptor, Spills(folder) as spills:
            await job.report("download", 0, None)
            await download(self._s3, ref, descriptor)
            await job.report("scenes", 0, seen.length_us)
            probe = seen.probe or await film.probe_film(descriptor)
            findings, analysis = await self._decode(descriptor, probe, film, shelf=shelf, spills=spills, job=job)
            labels = await self._labeller.label(film.stills(descriptor, analysis.origin_us), findings, job)
        return probe, findings, analysis, labels

    async def _decode(
        self, descriptor: int, probe: Probe, film: FilmDecoder, *, shelf: Shelf, spills: Spills, job: JobContext
    ) -> tuple[Findings, Analysis]:
        """Find what is in the film, and put pictures into S3 as they come."""

        async def on_progress(progress: Progress) -> None:
            total = max(probe.duration_us, progress.t_us) if probe.duration_us else None
            await job.report("scenes", progress.t_us, total)

        try:
            async with (
                self._texts_of_a_film() as texts,
                self._poses_of_a_film() as poses,
                asyncio.TaskGroup() as group,
            ):
                gathering = Gathering(Uploads(self._s3, shelf, group), spills, poses)
                analysis = await film.analyze(
                    descriptor,
                    on_progress=on_progress,
                    on_scene=gathering.scene,
                    on_sprite=gathering.sprite,
                    on_motion=gathering.motion,
                    on_look=texts.take if texts else None,
                    on_pose=gathering.pose if poses else None,
                )
                read = await texts.finish(analysis.duration_us) if texts else None
                findings = await gathering.finish(analysis.duration_us, read)
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return findings, analysis

    @asynccontextmanager
    async def _texts_of_a_film(self) -> AsyncGenerator[FilmTexts | None]:
        if self._readers is None:
            yield None
            return
        async with self._readers.film(self._settings.text_calls_per_minute) as texts:
            yield texts

    @asynccontextmanager
    async def _poses_of_a_film(self) -> AsyncGenerator[FilmPoses | None]:
        if self._finders is None:
            yield None
            return
        async with self._finders.film() as poses:
            yield poses

    @staticmethod
    def _effect(message: AnalyzeVideo, shelf: Shelf, result: Result, trace: Trace) -> Effect:
        async def effect(db: Db) -> FinalStatus:
            await queries.store_result(db, message.tenant_id, message.analysis_id, attempt=shelf.attempt, result=result)
            await have_scanned(db, message.tenant_id, message.analysis_id, result.texts, trace)
            await have_film_read(db, message.tenant_id, message.analysis_id, source=SOURCE, trace=trace)
            return "partial" if result.partial else "done"

        return effect


def result_of(probe: Probe, analysis: Analysis, found: Findings, labels: Labelled) -> Result:
    """What a film comes to, as it is stored."""
    return Result(
        analyser_version=ANALYSER_VERSION,
        probe=probe_json(probe, analysis),
        duration_us=analysis.duration_us,
        frames=analysis.frames,
        bad_packets=analysis.bad_packets,
        partial=analysis.partial,
        partial_reason=analysis.partial_reason,
        text_coverage=found.text_coverage,
        pose_coverage=found.pose_coverage,
        score=found.score,
        sprite_key=found.sprite_key,
        storyboard_key=found.storyboard_key,
        scenes=found.scenes,
        texts=found.texts,
        tracks=found.tracks,
        artifacts=found.artifacts,
        labels=labels.summary(),
        scene_labels=label_rows(labels.labels),
    )


def _preview_row(probe: Probe, seen: Preview) -> PreviewRow:
    return PreviewRow(
        analyser_version=ANALYSER_VERSION,
        probe=preview_probe_json(probe, seen),
        duration_us=seen.duration_us,
        bad_packets=seen.bad_packets,
        partial=seen.partial,
        partial_reason=seen.partial_reason,
        preview={"key_frames": seen.key_frames, "longest_gap_us": seen.longest_gap_us},
    )
