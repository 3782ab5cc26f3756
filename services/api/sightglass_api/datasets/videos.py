"""Videos in datasets: what their scenes show is searched, and answered from, as documents are."""

from uuid import UUID

from fastapi import APIRouter

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, Tenant, TenantDb
from sightglass_api.datasets import deletion
from sightglass_api.datasets import queries as datasets
from sightglass_api.datasets import video_queries as queries
from sightglass_api.datasets.video_schemas import AddedVideos, DatasetVideo, VideosBegun, VideoState
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common.dataset_errors import DatasetNotFound
from sightglass_common.db import Db
from sightglass_common.errors import InvalidCursor, VideoNotFound
from sightglass_common.video_source_queries import changing

router = APIRouter(prefix="/v1/datasets/{dataset_id}/videos", tags=["datasets"])


@router.post("", status_code=202, **guarded(Permission.INDEX, DatasetNotFound, VideoNotFound, body=True))
async def add_videos(dataset_id: UUID, added: AddedVideos, tenant: CallersTenant) -> VideosBegun:
    """Add videos to a dataset. One that has no exact result yet is read when it has one, and again with each newer one.

    Each is a document: what can be read in a scene, what it shows, and how it moves, with its times.
    """
    async with tenant.transaction() as db:
        await _change(db, dataset_id)
        if added.videos == "all":
            await queries.add_all(db, dataset_id)
        else:
            await queries.add(db, dataset_id, added.videos)
        begun = await _begun(db, tenant, dataset_id)
    tenant.context.hint.ring()
    return begun


@router.get("", **guarded(Permission.READ, DatasetNotFound, InvalidCursor))
async def list_videos(
    dataset_id: UUID, db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[DatasetVideo]:
    """The videos that a dataset holds, the newest first."""
    await datasets.dataset(db, dataset_id)
    listing = f"dataset videos {dataset_id}"
    before = cursors.decode_id(listing, cursor)
    rows = await queries.videos(db, dataset_id, before=before, limit=limit + 1)
    page = cursors.page(listing, rows, limit, lambda row: str(row.video_id))
    return cursors.Page(items=[_video(row) for row in page.items], next_cursor=page.next_cursor)


@router.delete("/{video_id}", status_code=204, **guarded(Permission.INDEX, DatasetNotFound, VideoNotFound))
async def remove_video(dataset_id: UUID, video_id: UUID, tenant: CallersTenant) -> None:
    """Take a video out of a dataset: from now on nothing of it is found there. The video itself stays."""
    async with tenant.transaction() as db:
        await _change(db, dataset_id)
        await queries.leave_out(db, dataset_id, video_id)
        await deletion.remove_videos(db, tenant, dataset_id)
    tenant.context.hint.ring()


@router.delete("", status_code=204, **guarded(Permission.INDEX, DatasetNotFound))
async def remove_videos(dataset_id: UUID, tenant: CallersTenant) -> None:
    """Take all videos out of a dataset, also those to come."""
    async with tenant.transaction() as db:
        await _change(db, dataset_id)
        await queries.leave_all_out(db, dataset_id)
        await deletion.remove_videos(db, tenant, dataset_id)
    tenant.context.hint.ring()


async def _change(db: Db, dataset_id: UUID) -> None:
    await changing(db)
    await datasets.dataset(db, dataset_id)


async def _begun(db: Db, tenant: Tenant, dataset_id: UUID) -> VideosBegun:
    source_id, job_id = await queries.have_read(db, tenant.tenant_id, dataset_id, trace=tenant.trace)
    return VideosBegun(source_id=source_id, job_id=job_id)


def _video(row: queries.VideoRow) -> DatasetVideo:
    return DatasetVideo(
        video_id=row.video_id,
        filename=row.filename,
        status=VideoState(row.status),
        reason=row.reason,
        document_id=row.document_id,
        analysis_id=row.analysis_id,
        segments=row.segments,
    )
