"""Videos, and further analyses of them."""

from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api import cursors
from sightglass_api.analyses import queries as analyses
from sightglass_api.analyses.schemas import Submitted, Wanted
from sightglass_api.analyses.submission import check_bucket, submit_again
from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.videos import queries
from sightglass_api.videos.presenting import original_of, video_of
from sightglass_api.videos.schemas import Video, VideoWithOriginal
from sightglass_common.errors import BucketNotLinked, InvalidCursor, VideoNotFound

router = APIRouter(prefix="/v1/videos", tags=["videos"])


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_videos(
    tenant: CallersTenant, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Video]:
    """The tenant's videos, the newest first."""
    async with tenant.transaction() as db:
        rows = await queries.videos(db, before=cursors.decode_id("videos", cursor), limit=limit + 1)
        latest = await analyses.latest_of(db, [row.video_id for row in rows[:limit]])
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    page = cursors.page("videos", rows, limit, lambda row: str(row.video_id))
    items = [await video_of(row, latest.get(row.video_id), objects, bucket) for row in page.items]
    return cursors.Page(items=items, next_cursor=page.next_cursor)


@router.get("/{video_id}", **guarded(Permission.READ, VideoNotFound))
async def get_video(video_id: UUID, tenant: CallersTenant) -> VideoWithOriginal:
    """One video, with its newest analysis and a link to the object itself."""
    async with tenant.transaction() as db:
        row = await queries.video(db, video_id)
        latest = await analyses.latest_of(db, [video_id])
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    video = await video_of(row, latest.get(video_id), objects, bucket)
    return VideoWithOriginal(**dict(video), original=await original_of(row, objects))


@router.post(
    "/{video_id}/analyses", status_code=202, **guarded(Permission.ANALYSE, VideoNotFound, BucketNotLinked, body=True)
)
async def analyse_again(
    video_id: UUID, tenant: CallersTenant, response: Response, wanted: Wanted | None = None
) -> Submitted:
    """Analyse a known video once more, in the state in which its object was; `Location` names the job.

    While an analysis of it in this tier is queued or running, and not being cancelled, that one is answered and
    none is begun. What earlier analyses found stays, and is shown until the new one has a result; a preview never
    takes the place of an exact result.
    """
    platforms_own = tenant.context.settings.bucket
    async with tenant.transaction() as db:
        video = await queries.video(db, video_id)
        # What lies in the platform's own bucket was uploaded by this tenant: else there were no such video.
        if video.bucket != platforms_own:
            await check_bucket(db, video.bucket, platforms_own=platforms_own)
        tier = (wanted or Wanted()).tier
        submitted = await submit_again(db, tenant.tenant_id, video_id, trace=tenant.trace, tier=tier)
    tenant.context.hint.ring()
    response.headers["Location"] = f"/v1/jobs/{submitted.job_id}"
    return submitted
