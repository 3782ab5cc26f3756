"""Begins analyses: video, job, analysis and message in one transaction."""

from typing import Final
from uuid import UUID

from sightglass_api.analyses.schemas import Submitted
from sightglass_api.objects import Head
from sightglass_api.tenants.queries import bucket_is_linked
from sightglass_common import analyses
from sightglass_common.analyses import Begun, NewVideo
from sightglass_common.db import Db
from sightglass_common.errors import BucketNotLinked
from sightglass_common.ids import new_id
from sightglass_common.messages import Tier
from sightglass_common.tracing import Trace

_SOURCE: Final = "api"


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
    video_id = await analyses.same_or_new_video(db, video)
    return _submitted(await analyses.begin(db, video.tenant_id, video_id, source=_SOURCE, trace=trace, tier=tier))


async def submit_again(db: Db, tenant_id: UUID, video_id: UUID, *, trace: Trace, tier: Tier) -> Submitted:
    """Begin one more analysis of a known video; of one in this tier that is not over yet, tell its ids instead.

    Of two calls at once, the second waits for the first to commit, and then finds what it has begun.
    """
    unfinished = await analyses.unfinished(db, video_id, tier)
    if unfinished is not None:
        await analyses.wanted(db, unfinished.analysis_id)
        return _submitted(unfinished)
    return _submitted(await analyses.begin(db, tenant_id, video_id, source=_SOURCE, trace=trace, tier=tier))


def _submitted(begun: Begun) -> Submitted:
    return Submitted(video_id=begun.video_id, analysis_id=begun.analysis_id, job_id=begun.job_id)
