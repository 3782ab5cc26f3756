"""Uploads: announced here, sent to S3 itself, completed here."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api.analyses.schemas import Submitted, Wanted
from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission, permits
from sightglass_api.routing import guarded
from sightglass_api.uploads import completion, queries
from sightglass_api.uploads.links import instructions, without_links
from sightglass_api.uploads.queries import UploadRow
from sightglass_api.uploads.rules import MAX_POST_BYTES, part_bytes_for
from sightglass_api.uploads.schemas import Instructions, NewUpload, Received, Upload, UploadState
from sightglass_common.errors import (
    UploadExpired,
    UploadIncomplete,
    UploadNotFound,
    UploadSizeMismatch,
    UploadTooLarge,
)
from sightglass_common.ids import new_id

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])


@router.post("", status_code=201, **guarded(Permission.UPLOAD, UploadTooLarge, body=True))
async def create_upload(new: NewUpload, tenant: CallersTenant, response: Response) -> Instructions:
    """Announce an object. The answer says how to send it to S3; then complete it."""
    settings = tenant.context.settings
    if new.size_bytes > settings.max_upload_bytes:
        raise UploadTooLarge(
            f"At most {settings.max_upload_bytes} bytes are taken.", max_upload_bytes=settings.max_upload_bytes
        )
    objects = await tenant.context.objects()
    row = _planned(tenant, new)
    if row.method == "multipart":
        row = await _begun(tenant, row)
    async with tenant.transaction() as db:
        await queries.insert(db, tenant.tenant_id, row)
    response.headers["Location"] = f"/v1/uploads/{row.upload_id}"
    return await instructions(row, objects, now=tenant.context.clock.now(), link_s=settings.upload_link_s)


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
    **guarded(Permission.UPLOAD, UploadNotFound, UploadIncomplete, UploadSizeMismatch, UploadExpired, body=True),
)
async def complete_upload(
    upload_id: UUID, tenant: CallersTenant, response: Response, wanted: Wanted | None = None
) -> Submitted:
    """Begin the analysis of what was uploaded. Called again, it answers the same and begins nothing."""
    async with tenant.transaction() as db:
        row = await queries.upload(db, upload_id)
    submitted = await completion.complete(tenant, row, wanted or Wanted())
    response.headers["Location"] = f"/v1/jobs/{submitted.job_id}"
    return submitted


def _planned(tenant: CallersTenant, new: NewUpload) -> UploadRow:
    upload_id = new_id()
    large = new.size_bytes > MAX_POST_BYTES
    return UploadRow(
        upload_id=upload_id,
        bucket=tenant.context.settings.bucket,
        object_key=f"tenants/{tenant.tenant_id}/uploads/{upload_id}",
        filename=new.filename,
        content_type=new.content_type,
        size_bytes=new.size_bytes,
        method="multipart" if large else "post",
        multipart_id=None,
        part_bytes=part_bytes_for(new.size_bytes) if large else None,
        expires_at=tenant.context.clock.now() + timedelta(seconds=tenant.context.settings.upload_expires_s),
    )


async def _begun(tenant: CallersTenant, row: UploadRow) -> UploadRow:
    objects = await tenant.context.objects()
    return replace(row, multipart_id=await objects.begin_multipart(row.bucket, row.object_key, row.content_type))


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
    )
