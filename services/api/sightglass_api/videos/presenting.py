"""Rows of videos and of what was found in them as clients see them, with links made for them."""

from typing import Any
from uuid import UUID

from sightglass_api.analyses.artifact_queries import ChunkRow
from sightglass_api.analyses.findings import Score, TextCoverage
from sightglass_api.analyses.presenting import analysis_of, link_to
from sightglass_api.analyses.queries import AnalysisRow
from sightglass_api.analyses.schemas import Link
from sightglass_api.names import inline, shown_type
from sightglass_api.objects import Objects
from sightglass_api.videos.queries import FindingRow, SceneRow, TextRow, TrackRow, VideoRow
from sightglass_api.videos.schemas import (
    Boundary,
    Chunk,
    Label,
    Motion,
    Scene,
    ScreenFinding,
    Span,
    Text,
    Track,
    Video,
    VideoScore,
)


async def video_of(row: VideoRow, latest: AnalysisRow | None, objects: Objects, bucket: str) -> Video:
    """A video as a client sees it; `bucket` holds the artifacts."""
    return Video(
        video_id=row.video_id,
        filename=row.filename,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        bucket=row.bucket,
        key=row.object_key,
        created_at=row.created_at,
        latest=None if latest is None else await analysis_of(latest, objects, bucket),
    )


async def original_of(row: VideoRow, objects: Objects) -> Link:
    """A link to the object itself, in the version that was analysed where the bucket keeps versions."""
    link = await objects.link(
        row.bucket,
        row.object_key,
        row.version_id,
        disposition=inline(row.filename),
        content_type=shown_type(row.content_type),
    )
    return Link.model_validate(link)


async def scene_of(row: SceneRow, objects: Objects, bucket: str) -> Scene:
    """A scene as a client sees it; `bucket` holds the thumbnails."""
    return Scene(
        number=row.number,
        start_us=row.start_us,
        end_us=row.end_us,
        first_frame=row.first_frame,
        last_frame=row.last_frame,
        boundary=Boundary(kind=row.boundary_kind, score=row.boundary_score),
        keyframe_us=row.keyframe_us,
        thumbnail=await link_to(objects, bucket, row.thumbnail_key),
        motion=_motion_of(row),
        labels=[Label.model_validate(label) for label in row.labels],
    )


def _motion_of(row: SceneRow) -> Motion | None:
    if row.motion_kind is None or row.motion_mean is None or row.motion_p95 is None:
        return None
    return Motion(kind=row.motion_kind, mean=row.motion_mean, p95=row.motion_p95)


def text_of(row: TextRow) -> Text:
    """A text as a client sees it: masked."""
    return Text(
        number=row.number,
        start_us=row.start_us,
        end_us=row.end_us,
        text=row.masked,
        confidence=row.confidence,
        spans=[Span.model_validate(span) for span in row.spans],
    )


def screen_finding_of(row: FindingRow) -> ScreenFinding:
    """A finding in the texts of a video, as a client sees it."""
    values = {name: getattr(row, name) for name in FindingRow.__slots__}
    return ScreenFinding.model_validate({**values, "confidence": round(row.confidence, 6)})


def track_of(row: TrackRow) -> Track:
    """A track as a client sees it."""
    return Track(
        number=row.number,
        method=row.method,
        label=row.label,
        start_us=row.start_us,
        end_us=row.end_us,
        samples=row.samples,
        bounds=row.bounds,
    )


def coverage_of(coverage: dict[str, Any] | None) -> TextCoverage | None:
    """How much of the texts was read, as a client sees it."""
    return None if coverage is None else TextCoverage.model_validate(coverage)


def score_of(analysis_id: UUID | None, score: dict[str, Any] | None) -> VideoScore:
    """The score of an analysis as a client sees it; where there is none, why."""
    if score is not None:
        return VideoScore(analysis_id=analysis_id, **dict(Score.model_validate(score)))
    reason = "There is no result yet." if analysis_id is None else "This analysis made no score."
    return VideoScore(analysis_id=analysis_id, version=None, total=None, reason=reason, parts=[])


async def chunk_of(row: ChunkRow, objects: Objects, bucket: str) -> Chunk:
    """A chunk of an overlay as a client sees it; `bucket` holds it."""
    link = await objects.link(bucket, row.object_key)
    return Chunk(start_us=row.start_us, end_us=row.end_us, url=link.url, expires_at=link.expires_at)
