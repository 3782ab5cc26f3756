"""AnalyzeVideo: look at the object, fetch it, have it decoded, store what was found."""

import asyncio
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import BucketNotLinked, EmptyFile, ObjectChanged, SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeVideo
from sightglass_common.s3 import ObjectRef, head, read_range
from sightglass_worker import queries
from sightglass_worker.artifacts import Shelf, Uploads, sweep
from sightglass_worker.decode.results import Analysis, Probe, Progress, SceneFound, SpriteSheet
from sightglass_worker.decode.run import FilmDecoder, decoder
from sightglass_worker.download import download
from sightglass_worker.queries import Result, SceneRow
from sightglass_worker.scratch import scratch_file
from sightglass_worker.settings import WorkerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

SPRITE: Final = "sprite.jpg"
STORYBOARD: Final = "storyboard.vtt"


@dataclass(slots=True)
class Found:
    """What an attempt has found so far. A thousand scenes are half a megabyte: their pictures are in S3 already."""

    scenes: list[SceneRow]
    sprite_key: str | None = None
    storyboard_key: str | None = None


class AnalyzeVideoHandler:
    """Analyses one video. It has no effect until the one that it returns is run, but for objects nobody refers to."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: WorkerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings

    async def __call__(self, message: AnalyzeVideo, job: JobContext) -> Effect:
        """Do the work of one attempt; the effect that it returns stores the result.

        Raises the errors of S3 and of decoding, OutOfDisk, BucketNotLinked and AnalysisNotFound.
        """
        await job.report("probe", 0, None)
        ref = await self._source(message)
        async with decoder(self._settings.limits) as film:
            probe = await self._probe(ref, film)
            return await self._analyzed(message, job, ref, probe, film)

    async def _analyzed(
        self, message: AnalyzeVideo, job: JobContext, ref: ObjectRef, probe: Probe, film: FilmDecoder
    ) -> Effect:
        shelf = Shelf(self._settings.bucket, message.tenant_id, message.analysis_id, job.claim.attempt)
        if job.claim.attempt > 1:
            await self._sweep(shelf, job, keep_own=True)
        try:
            found, analysis = await self._scenes(ref, probe, film, shelf, job)
        except BaseException:
            await self._sweep(shelf, job, keep_own=False)
            raise
        await job.report("store", analysis.duration_us, analysis.duration_us)
        return self._effect(message, shelf, _result(probe, analysis, found), found.scenes)

    async def _sweep(self, shelf: Shelf, job: JobContext, *, keep_own: bool) -> None:
        """Remove what is of no use. Where that fails it costs storage until the next attempt, and no more."""
        try:
            gone = await sweep(self._s3, shelf, keep_own=keep_own)
        except SightglassError as error:
            job.log.warning("artifacts.not_swept", code=error.code)
        else:
            if gone:
                job.log.info("artifacts.swept", objects=gone)

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

    async def _probe(self, ref: ObjectRef, film: FilmDecoder) -> Probe:
        async def ranged(start: int, length: int) -> bytes:
            return await read_range(self._s3, ref, start, length)

        return await film.probe(ranged, ref.size_bytes)

    async def _scenes(
        self, ref: ObjectRef, probe: Probe, film: FilmDecoder, shelf: Shelf, job: JobContext
    ) -> tuple[Found, Analysis]:
        """Fetch the object and have it decoded; nothing of it is left on the disk afterwards."""
        with scratch_file(
            self._settings.scratch_folder, ref.size_bytes, reserve_bytes=self._settings.scratch_reserve_bytes
        ) as descriptor:
            await job.report("download", 0, None)
            await download(self._s3, ref, descriptor)
            return await self._decode(descriptor, probe, film, shelf, job)

    async def _decode(
        self, descriptor: int, probe: Probe, film: FilmDecoder, shelf: Shelf, job: JobContext
    ) -> tuple[Found, Analysis]:
        """Find scenes, and put pictures into S3 as they come."""
        found = Found([])
        await job.report("scenes", 0, probe.duration_us)

        async def on_progress(progress: Progress) -> None:
            total = max(probe.duration_us, progress.t_us) if probe.duration_us else None
            await job.report("scenes", progress.t_us, total)

        async def on_scene(scene: SceneFound) -> None:
            key = await uploads.put(f"scene-{scene.index:05}.jpg", scene.thumbnail.jpeg, "image/jpeg")
            found.scenes.append(_scene_row(scene, key))

        async def on_sprite(sheet: SpriteSheet) -> None:
            found.sprite_key = await uploads.put(SPRITE, sheet.jpeg, "image/jpeg")
            found.storyboard_key = await uploads.put(STORYBOARD, sheet.webvtt.encode(), "text/vtt")

        try:
            async with asyncio.TaskGroup() as group:
                uploads = Uploads(self._s3, shelf, group)
                analysis = await film.analyze(
                    descriptor, on_progress=on_progress, on_scene=on_scene, on_sprite=on_sprite
                )
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return found, analysis

    @staticmethod
    def _effect(message: AnalyzeVideo, shelf: Shelf, result: Result, scenes: list[SceneRow]) -> Effect:
        async def effect(db: Db) -> FinalStatus:
            await queries.store_result(
                db, message.tenant_id, message.analysis_id, attempt=shelf.attempt, result=result, scenes=scenes
            )
            return "partial" if result.partial else "done"

        return effect


def _scene_row(found: SceneFound, key: str) -> SceneRow:
    scene = found.scene
    return SceneRow(
        number=found.index,
        start_us=scene.start_us,
        end_us=scene.end_us,
        first_frame=scene.first_frame,
        last_frame=scene.last_frame,
        boundary_kind=scene.boundary_kind.value,
        boundary_score=scene.boundary_score,
        keyframe_us=found.thumbnail.t_us,
        thumbnail_key=key,
    )


def _result(probe: Probe, analysis: Analysis, found: Found) -> Result:
    return Result(
        probe=probe_json(probe, analysis),
        duration_us=analysis.duration_us,
        frames=analysis.frames,
        bad_packets=analysis.bad_packets,
        partial=analysis.partial,
        sprite_key=found.sprite_key,
        storyboard_key=found.storyboard_key,
    )


def probe_json(probe: Probe, analysis: Analysis) -> dict[str, Any]:
    """What a video is, as the API shows it.

    Decoding knows better than the header whether the rate varies, and what the display size is.
    """
    return {
        "container": probe.container,
        "codec": probe.codec,
        "profile": probe.profile,
        "pix_fmt": probe.pix_fmt,
        "bit_depth": probe.bit_depth,
        "width": analysis.width,
        "height": analysis.height,
        "coded_width": probe.coded_width,
        "coded_height": probe.coded_height,
        "rotation": analysis.rotation,
        "sar": "{}:{}".format(*probe.sample_aspect),
        "frame_rate": probe.average_rate or _measured_rate(analysis),
        "vfr": analysis.variable_rate,
        "duration_us": probe.duration_us,
        "frames": probe.frames,
        "start_offset_us": probe.start_offset_us,
        "audio_streams": [
            {"codec": a.codec, "channels": a.channels, "sample_rate": a.sample_rate} for a in probe.audio
        ],
        "size_bytes": probe.size_bytes,
    }


def _measured_rate(analysis: Analysis) -> float | None:
    if not analysis.duration_us:
        return None
    return round(float(Fraction(analysis.frames * 1_000_000, analysis.duration_us)), 3)
