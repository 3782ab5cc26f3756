"""An analysis' row as clients see it, with links made for them."""

from sightglass_api.analyses.queries import AnalysisRow
from sightglass_api.analyses.schemas import Analysis, Link, Probe
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
        probe=None if row.probe is None else Probe.model_validate(row.probe),
        duration_us=row.duration_us,
        frames=row.frames,
        bad_packets=row.bad_packets,
        partial=row.partial,
        scene_count=row.scene_count,
        thumbnail=await link_to(objects, bucket, row.thumbnail_key),
        sprite=await link_to(objects, bucket, row.sprite_key),
        storyboard=await link_to(objects, bucket, row.storyboard_key),
        error=error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable),
    )
