"""An analysis' row as clients see it, with links made for them."""

from collections.abc import Sequence

from sightglass_api.analyses.artifact_queries import ArtifactRow
from sightglass_api.analyses.findings import LabelSummary, PoseCoverage, Preview, Score, TextCoverage
from sightglass_api.analyses.queries import AnalysisRow
from sightglass_api.analyses.schemas import Analysis, Artifact, Link, Probe
from sightglass_api.jobs.rules import error_of
from sightglass_api.jobs.schemas import JobStatus
from sightglass_api.objects import Objects


async def link_to(objects: Objects, bucket: str, key: str | None) -> Link | None:
    """A link to an artifact; None when there is none."""
    return Link.model_validate(await objects.link(bucket, key)) if key else None


async def analysis_of(row: AnalysisRow, objects: Objects, bucket: str) -> Analysis:
    """A row as a client sees it; `bucket` holds the artifacts."""
    return Analysis(
        analysis_id=row.analysis_id,
        video_id=row.video_id,
        job_id=row.job_id,
        status=JobStatus(row.status),
        tier=row.tier,
        created_at=row.created_at,
        analyser_version=row.analyser_version,
        probe=None if row.probe is None else Probe.model_validate(row.probe),
        duration_us=row.duration_us,
        frames=row.frames,
        bad_packets=row.bad_packets,
        partial=row.partial,
        partial_reason=row.partial_reason,
        scene_count=row.scene_count,
        text_count=row.text_count,
        track_count=row.track_count,
        text_coverage=None if row.text_coverage is None else TextCoverage.model_validate(row.text_coverage),
        pose_coverage=None if row.pose_coverage is None else PoseCoverage.model_validate(row.pose_coverage),
        score=None if row.score is None else Score.model_validate(row.score),
        labels=None if row.labels is None else LabelSummary.model_validate(row.labels),
        preview=None if row.preview is None else Preview.model_validate(row.preview),
        thumbnail=await link_to(objects, bucket, row.thumbnail_key),
        sprite=await link_to(objects, bucket, row.sprite_key),
        storyboard=await link_to(objects, bucket, row.storyboard_key),
        error=error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable),
    )


async def artifacts_of(rows: Sequence[ArtifactRow], objects: Objects, bucket: str) -> list[Artifact]:
    """Files as a client sees them; `bucket` holds them."""
    return [await _artifact_of(row, objects, bucket) for row in rows]


async def _artifact_of(row: ArtifactRow, objects: Objects, bucket: str) -> Artifact:
    link = await objects.link(bucket, row.object_key)
    return Artifact(
        name=row.name,
        kind=row.kind,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        start_us=row.start_us,
        end_us=row.end_us,
        url=link.url,
        expires_at=link.expires_at,
    )
