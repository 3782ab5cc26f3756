"""The files that an analysis of a video has made, and the overlay that a player draws from them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from sightglass_api.analyses import artifact_queries
from sightglass_api.analyses.presenting import artifacts_of, link_to
from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.videos.paging import AnalysisId, AskedPage, chosen_analysis, page_of
from sightglass_api.videos.presenting import chunk_of
from sightglass_api.videos.schemas import Artifacts, Overlay
from sightglass_common.errors import AnalysisNotFound, InvalidCursor, VideoNotFound

router = APIRouter(prefix="/v1/videos", tags=["videos"])

# An hour in chunks of ten seconds; a link takes 0.3 ms to make.
_MAX_CHUNKS: Final = 360
_MAX_US: Final = 2**53


@router.get("/{video_id}/artifacts", **guarded(Permission.READ, VideoNotFound, AnalysisNotFound, InvalidCursor))
async def list_artifacts(asked: AskedPage, tenant: CallersTenant) -> Artifacts:
    """The files of an analysis, by name, but for the thumbnails: each scene has its own."""
    chosen, page = await page_of(
        tenant,
        asked,
        "artifacts",
        lambda db, analysis_id, after, limit: artifact_queries.artifacts(db, analysis_id, after=after, limit=limit),
        lambda row: row.name,
    )
    items = await artifacts_of(page.items, await tenant.context.objects(), tenant.context.settings.bucket)
    return Artifacts(items=items, next_cursor=page.next_cursor, analysis_id=chosen)


@router.get("/{video_id}/overlay", **guarded(Permission.READ, VideoNotFound, AnalysisNotFound))
async def get_overlay(
    video_id: UUID,
    tenant: CallersTenant,
    analysis_id: AnalysisId = None,
    from_us: Annotated[int, Query(ge=0, le=_MAX_US, description="Only chunks that end after this moment.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MAX_CHUNKS, description="How many chunks at most.")] = _MAX_CHUNKS,
) -> Overlay:
    """What to draw over the video: JSON in chunks, each of a stretch of time, and all of it as WebVTT."""
    async with tenant.transaction() as db:
        chosen = await chosen_analysis(db, video_id, analysis_id)
        whole = [] if chosen is None else await artifact_queries.artifacts_of_the_whole(db, chosen)
        rows = [] if chosen is None else await artifact_queries.chunks(db, chosen, from_us=from_us, limit=limit + 1)
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    webvtt = next((row.object_key for row in whole if row.kind == "overlay_vtt"), None)
    return Overlay(
        analysis_id=chosen,
        chunk_us=rows[0].chunk_us if rows else None,
        chunks=[await chunk_of(row, objects, bucket) for row in rows[:limit]],
        next_us=rows[limit].start_us if len(rows) > limit else None,
        webvtt=await link_to(objects, bucket, webvtt),
    )
