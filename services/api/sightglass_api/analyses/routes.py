"""Analyses of objects that lie in a tenant's own buckets."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api.analyses import artifact_queries, queries
from sightglass_api.analyses.presenting import analysis_of, artifacts_of
from sightglass_api.analyses.rules import with_sprite_link
from sightglass_api.analyses.schemas import NewAnalysis, Submitted
from sightglass_api.analyses.submission import check_bucket, submit, video_of
from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.videos.findings import list_scenes, list_texts, list_tracks
from sightglass_api.videos.paging import Asked
from sightglass_api.videos.schemas import WholeAnalysis
from sightglass_common.errors import AccessDenied, AnalysisNotFound, BucketNotLinked, ObjectNotFound
from sightglass_common.filenames import filename_of_key

router = APIRouter(prefix="/v1/analyses", tags=["analyses"])

_FIRST_PAGE: Final = 200  # the most that a list gives at once


@router.post(
    "",
    status_code=202,
    **guarded(Permission.ANALYSE, BucketNotLinked, ObjectNotFound, AccessDenied, body=True),
)
async def create_analysis(new: NewAnalysis, tenant: CallersTenant, response: Response) -> Submitted:
    """Analyse an object in the state in which it is now. `Location` names the job."""
    async with tenant.transaction() as db:
        await check_bucket(db, new.bucket, platforms_own=tenant.context.settings.bucket)
    objects = await tenant.context.objects()
    head = await objects.head(new.bucket, new.key, new.version_id or "")
    video = video_of(
        tenant.tenant_id,
        new.bucket,
        new.key,
        head,
        filename=filename_of_key(new.key),
        content_type=head.content_type,
    )
    async with tenant.transaction() as db:
        submitted = await submit(db, video, trace=tenant.trace, tier=new.tier)
    tenant.context.hint.ring()
    response.headers["Location"] = f"/v1/jobs/{submitted.job_id}"
    return submitted


@router.get("/{analysis_id}", **guarded(Permission.READ, AnalysisNotFound))
async def get_analysis(analysis_id: UUID, tenant: CallersTenant) -> WholeAnalysis:
    """One analysis with all that it found. Of scenes, texts and tracks up to 200 each: a long video has thousands."""
    async with tenant.transaction() as db:
        row = await queries.analysis(db, analysis_id)
        made = await artifact_queries.artifacts_of_the_whole(db, analysis_id)
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    asked = Asked(row.video_id, analysis_id, limit=_FIRST_PAGE)
    return WholeAnalysis(
        **dict(await analysis_of(row, objects, bucket)),
        artifacts=await artifacts_of(made, objects, bucket),
        scenes=await list_scenes(asked, tenant),
        texts=await list_texts(asked, tenant),
        tracks=await list_tracks(asked, tenant),
    )


@router.get(
    "/{analysis_id}/storyboard.vtt",
    response_class=Response,
    **guarded(Permission.READ, AnalysisNotFound, ObjectNotFound),
)
async def get_storyboard(analysis_id: UUID, tenant: CallersTenant) -> Response:
    """WebVTT for a player: which part of the sprite shows each moment, with links that work for some minutes."""
    async with tenant.transaction() as db:
        row = await queries.analysis(db, analysis_id)
    if row.storyboard_key is None or row.sprite_key is None:
        raise ObjectNotFound("This analysis has no storyboard (yet).")
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    text = (await objects.read(bucket, row.storyboard_key)).decode()
    sprite = await objects.link(bucket, row.sprite_key)
    return Response(with_sprite_link(text, sprite.url), media_type="text/vtt", headers={"Cache-Control": "no-store"})
