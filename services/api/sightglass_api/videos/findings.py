"""What an analysis found in a video: its scenes, texts on screen and what is sensitive in them, tracks, the score."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from sightglass_api.analyses import queries as analyses
from sightglass_api.auth import CallersTenant
from sightglass_api.jobs.schemas import JobStatus
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.videos import queries
from sightglass_api.videos.paging import AnalysisId, AskedPage, chosen_analysis, page_of
from sightglass_api.videos.presenting import coverage_of, scene_of, score_of, screen_finding_of, text_of, track_of
from sightglass_api.videos.queries import FindingRow, SceneRow
from sightglass_api.videos.rules import number_of, place_of, time_and_id
from sightglass_api.videos.schemas import Scenes, ScreenFindings, Texts, Tracks, VideoScore
from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound, InvalidCursor, VideoNotFound

router = APIRouter(prefix="/v1/videos", tags=["videos"])

_PAGE = guarded(Permission.READ, VideoNotFound, AnalysisNotFound, InvalidCursor)


@router.get("/{video_id}/scenes", **_PAGE)
async def list_scenes(asked: AskedPage, tenant: CallersTenant) -> Scenes:
    """The scenes that an analysis of the video found, in order; of a preview, while it runs."""
    state: analyses.StateRow | None = None

    async def read(db: Db, analysis_id: UUID, after: str, limit: int) -> list[SceneRow]:
        nonlocal state
        # Before the scenes: else one that ends in between would look whole without its last ones.
        state = await analyses.state_of(db, analysis_id)
        return await queries.scenes(db, analysis_id, after=number_of(after), limit=limit)

    chosen, page = await page_of(tenant, asked, "scenes", read, lambda row: row.number)
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    items = [await scene_of(row, objects, bucket) for row in page.items]
    return Scenes(
        items=items,
        next_cursor=page.next_cursor,
        analysis_id=chosen,
        tier=state.tier if state else None,
        status=JobStatus(state.status) if state else None,
    )


@router.get("/{video_id}/texts", **_PAGE)
async def list_texts(asked: AskedPage, tenant: CallersTenant) -> Texts:
    """The texts that the video shows, by number, with the places where they are seen.

    Letters and digits are masked: what is on a screen is shown to nobody before it was looked at for sensitive data.
    """
    chosen, page = await page_of(
        tenant,
        asked,
        "texts",
        lambda db, analysis_id, after, limit: queries.texts(db, analysis_id, after=number_of(after), limit=limit),
        lambda row: row.number,
    )
    coverage = None
    if chosen is not None:
        async with tenant.transaction() as db:
            coverage = coverage_of(await queries.coverage(db, chosen))
    items = [text_of(row) for row in page.items]
    return Texts(items=items, next_cursor=page.next_cursor, analysis_id=chosen, coverage=coverage)


@router.get("/{video_id}/findings", **_PAGE)
async def list_findings(asked: AskedPage, tenant: CallersTenant) -> ScreenFindings:
    """What is sensitive in the texts that the video shows, by the time when it is first seen.

    They are among `/v1/findings` too, under the video's bucket and key.
    """
    scanned_at: datetime | None = None

    async def read(db: Db, analysis_id: UUID, after: str, limit: int) -> list[FindingRow]:
        nonlocal scanned_at
        # Before the findings: else texts that are looked through in between would seem to hold none.
        scanned_at = await queries.texts_scanned_at(db, analysis_id)
        return await queries.findings(db, analysis_id, after=time_and_id(after), limit=limit)

    chosen, page = await page_of(tenant, asked, "findings", read, lambda row: place_of(row.start_us, row.finding_id))
    items = [screen_finding_of(row) for row in page.items]
    return ScreenFindings(items=items, next_cursor=page.next_cursor, analysis_id=chosen, scanned_at=scanned_at)


@router.get("/{video_id}/tracks", **_PAGE)
async def list_tracks(asked: AskedPage, tenant: CallersTenant) -> Tracks:
    """What moves in the video, each from its first moment to its last. The overlay has its box at each moment."""
    chosen, page = await page_of(
        tenant,
        asked,
        "tracks",
        lambda db, analysis_id, after, limit: queries.tracks(db, analysis_id, after=number_of(after), limit=limit),
        lambda row: row.number,
    )
    items = [track_of(row) for row in page.items]
    return Tracks(items=items, next_cursor=page.next_cursor, analysis_id=chosen)


@router.get("/{video_id}/score", **guarded(Permission.READ, VideoNotFound, AnalysisNotFound))
async def get_score(video_id: UUID, tenant: CallersTenant, analysis_id: AnalysisId = None) -> VideoScore:
    """How the main subject moves, 0..100, with all that it was reckoned from; or why there is no such number."""
    async with tenant.transaction() as db:
        chosen = await chosen_analysis(db, video_id, analysis_id)
        score = None if chosen is None else await queries.score(db, chosen)
    return score_of(chosen, score)
