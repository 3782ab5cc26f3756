"""Announces uploads: where an object may be sent, and for how long."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from fastapi import Response

from sightglass_api.auth import Tenant
from sightglass_api.uploads import queries
from sightglass_api.uploads.links import instructions
from sightglass_api.uploads.queries import UploadRow
from sightglass_api.uploads.rules import MAX_POST_BYTES, part_bytes_for
from sightglass_api.uploads.schemas import Instructions, NewUpload
from sightglass_common.errors import UploadTooLarge
from sightglass_common.ids import new_id


async def announce(
    tenant: Tenant, new: NewUpload, response: Response, *, dataset_id: UUID | None = None
) -> Instructions:
    """Make room for an object and say how to send it; `Location` names the upload. Raises UploadTooLarge.

    dataset_id: of the caller's, when it holds documents.
    """
    settings = tenant.context.settings
    if new.size_bytes > settings.max_upload_bytes:
        raise UploadTooLarge(
            f"At most {settings.max_upload_bytes} bytes are taken.", max_upload_bytes=settings.max_upload_bytes
        )
    objects = await tenant.context.objects()
    row = _planned(tenant, new, dataset_id)
    if row.method == "multipart":
        row = await _begun(tenant, row)
    async with tenant.transaction() as db:
        await queries.insert(db, tenant.tenant_id, row)
    response.headers["Location"] = f"/v1/uploads/{row.upload_id}"
    return await instructions(row, objects, now=tenant.context.clock.now(), link_s=settings.upload_link_s)


def _planned(tenant: Tenant, new: NewUpload, dataset_id: UUID | None) -> UploadRow:
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
        dataset_id=dataset_id,
    )


async def _begun(tenant: Tenant, row: UploadRow) -> UploadRow:
    objects = await tenant.context.objects()
    return replace(row, multipart_id=await objects.begin_multipart(row.bucket, row.object_key, row.content_type))
