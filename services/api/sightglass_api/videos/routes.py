"""Videos and their scenes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from sightglass_api import cursors
from sightglass_api.analyses import queries as analyses
from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.videos import queries
from sightglass_api.videos.presenting import original_of, scene_of, video_of
from sightglass_api.videos.rules import scene_position
from sightglass_api.videos.schemas import Scenes, Video, VideoWithOriginal
from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound, InvalidCursor, VideoNotFound

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


@router.get("/{video_id}/scenes", **guarded(Permission.READ, VideoNotFound, AnalysisNotFound, InvalidCursor))
async def list_scenes(
    video_id: UUID,
    tenant: CallersTenant,
    analysis_id: Annotated[UUID | None, Query(description="Default: the newest that has a result.")] = None,
    limit: cursors.Limit = 50,
    cursor: cursors.Cursor = None,
) -> Scenes:
    """The scenes that an analysis of the video found, in order."""
    listing = f"scenes:{video_id}:{analysis_id or ''}"
    async with tenant.transaction() as db:
        # A cursor goes on with the analysis that it began with, also when a newer one has finished since.
        chosen, after = await _position(db, video_id, analysis_id, cursors.decode(listing, cursor))
        rows = [] if chosen is None else await queries.scenes(db, chosen, after=after, limit=limit + 1)
    page = cursors.page(listing, rows, limit, lambda row: f"{chosen}:{row.number}")
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    items = [await scene_of(row, objects, bucket) for row in page.items]
    return Scenes(items=items, next_cursor=page.next_cursor, analysis_id=chosen)


async def _position(db: Db, video_id: UUID, analysis_id: UUID | None, position: str | None) -> tuple[UUID | None, int]:
    """Which analysis, and the scene number after which to go on."""
    await queries.video(db, video_id)
    if position is not None:
        return scene_position(position)
    if analysis_id is None:
        return await analyses.newest_finished(db, video_id), -1
    if (await analyses.analysis(db, analysis_id)).video_id != video_id:
        raise AnalysisNotFound
    return analysis_id, -1
