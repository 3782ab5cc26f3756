"""Begins the analysis of an object: video, job, analysis and message in one transaction."""

from typing import Final, Literal
from uuid import UUID

from sightglass_api.analyses import queries
from sightglass_api.analyses.queries import NewVideo
from sightglass_api.analyses.schemas import Submitted
from sightglass_api.objects import Head
from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import AnalyzeVideo, wrap
from sightglass_common.queues import VIDEO_ANALYSES
from sightglass_common.tracing import Trace

_SOURCE: Final = "api"
_KIND: Final = "analysis"


def video_of(tenant_id: UUID, bucket: str, key: str, head: Head, *, filename: str, content_type: str) -> NewVideo:
    """The row of an object as it was seen."""
    return NewVideo(
        tenant_id=tenant_id,
        video_id=new_id(),
        bucket=bucket,
        object_key=key,
        version_id=head.version_id,
        etag=head.etag,
        size_bytes=head.size_bytes,
        filename=filename,
        content_type=content_type,
    )


async def submit(db: Db, video: NewVideo, *, trace: Trace, tier: Literal["exact"] = "exact") -> Submitted:
    """Begin an analysis of `video` when the caller's transaction commits.

    The same object in the same state is the same video, with one more analysis.
    """
    analysis_id, job_id = new_id(), new_id()
    message = AnalyzeVideo(tenant_id=video.tenant_id, job_id=job_id, analysis_id=analysis_id, tier=tier)
    video_id = await queries.same_or_new_video(db, video)
    await jobs.enqueue(db, VIDEO_ANALYSES, wrap(message, source=_SOURCE, trace=trace), kind=_KIND, job_id=job_id)
    await queries.insert_analysis(
        db, tenant_id=video.tenant_id, analysis_id=analysis_id, video_id=video_id, job_id=job_id, tier=tier
    )
    return Submitted(video_id=video_id, analysis_id=analysis_id, job_id=job_id)
