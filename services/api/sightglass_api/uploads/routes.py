"""Uploads: announced here, sent to S3 itself, completed here."""

from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api.analyses.schemas import Submitted, Wanted
from sightglass_api.auth import CallersTenant
from sightglass_api.datasets.schemas import IndexingBegun
from sightglass_api.permissions import Permission, permits
from sightglass_api.routing import guarded
from sightglass_api.uploads import completion, queries
from sightglass_api.uploads.announcing import announce
from sightglass_api.uploads.links import instructions, without_links
from sightglass_api.uploads.queries import UploadRow
from sightglass_api.uploads.schemas import Instructions, NewUpload, Received, Upload, UploadState
from sightglass_common.dataset_errors import DatasetNotFound
from sightglass_common.errors import (
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
    UploadSizeMismatch,
    UploadTooLarge,
)

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])


@router.post("", status_code=201, **guarded(Permission.UPLOAD, UploadTooLarge, body=True))
async def create_upload(new: NewUpload, tenant: CallersTenant, response: Response) -> Instructions:
    """Announce an object. The answer says how to send it to S3; then complete it."""
    return await announce(tenant, new, response)


@router.get("/{upload_id}", **guarded(Permission.READ, UploadNotFound))
async def get_upload(upload_id: UUID, tenant: CallersTenant) -> Upload:
    """An upload as it stands: while it is pending with fresh links and the parts that S3 has, to go on with."""
    async with tenant.transaction() as db:
        row = await queries.upload(db, upload_id)
    state = _state(tenant, row)
    # The links of an upload are a right to write: a viewer sees how it stands, and no more.
    if state is not UploadState.PENDING or not permits(tenant.caller.role, Permission.UPLOAD):
        return _upload(row, without_links(row), state, [])
    objects, now = await tenant.context.objects(), tenant.context.clock.now()
    how = await instructions(row, objects, now=now, link_s=tenant.context.settings.upload_link_s)
    return _upload(row, how, state, await _received(tenant, row))


@router.post(
    "/{upload_id}/complete",
    status_code=202,
    **guarded(
        Permission.UPLOAD,
        UploadNotFound,
        UploadIncomplete,
        UploadSizeMismatch,
        UploadExpired,
        DatasetNotFound,
        body=True,
    ),
)
async def complete_upload(
    upload_id: UUID, tenant: CallersTenant, response: Response, wanted: Wanted | None = None
) -> Submitted | IndexingBegun:
    """Begin the analysis of what was uploaded, or the indexing of what is for a dataset.

    Called again, it answers the same and begins nothing.
    """
    async with tenant.transaction() as db:
        row = await queries.upload(db, upload_id)
    submitted = await completion.complete(tenant, row, wanted or Wanted())
    response.headers["Location"] = f"/v1/jobs/{submitted.job_id}"
    return submitted


def _state(tenant: CallersTenant, row: UploadRow) -> UploadState:
    if row.job_id is not None:
        return UploadState.COMPLETED
    return UploadState.EXPIRED if row.expires_at <= tenant.context.clock.now() else UploadState.PENDING


async def _received(tenant: CallersTenant, row: UploadRow) -> list[Received]:
    if row.multipart_id is None:
        return []
    objects = await tenant.context.objects()
    parts = await objects.received(row.bucket, row.object_key, row.multipart_id)
    return [Received(number=part.number, etag=part.etag, size_bytes=part.size_bytes) for part in parts or []]


def _upload(row: UploadRow, how: Instructions, state: UploadState, received: list[Received]) -> Upload:
    return Upload(
        **dict(how),
        state=state,
        received=received,
        video_id=row.video_id,
        analysis_id=row.analysis_id,
        job_id=row.job_id,
        dataset_id=row.dataset_id,
        source_id=row.source_id,
    )
