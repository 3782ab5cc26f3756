"""Begins analyses: video, job, analysis and message in one transaction."""

from typing import Final
from uuid import UUID

from sightglass_api.analyses import submission_queries as queries
from sightglass_api.analyses.schemas import Submitted
from sightglass_api.analyses.submission_queries import NewVideo
from sightglass_api.objects import Head
from sightglass_api.tenants.queries import bucket_is_linked
from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.errors import BucketNotLinked
from sightglass_common.ids import new_id
from sightglass_common.messages import AnalyzeVideo, Tier, wrap
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


async def check_bucket(db: Db, bucket: str, *, platforms_own: str) -> None:
    """Raise BucketNotLinked unless the tenant may name objects of `bucket`."""
    # The platform's own bucket holds every tenant's uploads: not even a row may open it.
    if bucket == platforms_own or not await bucket_is_linked(db, bucket):
        raise BucketNotLinked(f"The bucket {bucket} is not linked to this tenant. An operator links buckets.")


async def submit(db: Db, video: NewVideo, *, trace: Trace, tier: Tier = "exact") -> Submitted:
    """Begin an analysis of `video` when the caller's transaction commits.

    The same object in the same state is the same video, with one more analysis.
    """
    video_id = await queries.same_or_new_video(db, video)
    return await _begin(db, video.tenant_id, video_id, trace, tier)


async def submit_again(db: Db, tenant_id: UUID, video_id: UUID, *, trace: Trace, tier: Tier) -> Submitted:
    """Begin one more analysis of a known video; of one in this tier that is not over yet, tell its ids instead.

    Of two calls at once, the second waits for the first to commit, and then finds what it has begun.
    """
    unfinished = await queries.unfinished(db, video_id, tier)
    return unfinished or await _begin(db, tenant_id, video_id, trace, tier)


async def _begin(db: Db, tenant_id: UUID, video_id: UUID, trace: Trace, tier: Tier) -> Submitted:
    analysis_id, job_id = new_id(), new_id()
    message = AnalyzeVideo(tenant_id=tenant_id, job_id=job_id, analysis_id=analysis_id, tier=tier)
    await jobs.enqueue(db, VIDEO_ANALYSES, wrap(message, source=_SOURCE, trace=trace), kind=_KIND, job_id=job_id)
    await queries.insert_analysis(
        db, tenant_id=tenant_id, analysis_id=analysis_id, video_id=video_id, job_id=job_id, tier=tier
    )
    return Submitted(video_id=video_id, analysis_id=analysis_id, job_id=job_id)
