"""Completes an upload: what S3 has is checked, then everything that follows is one transaction."""

from sightglass_api.analyses.schemas import Submitted, Wanted
from sightglass_api.analyses.submission import submit, video_of
from sightglass_api.auth import Tenant
from sightglass_api.datasets import submission as datasets
from sightglass_api.datasets.schemas import IndexingBegun
from sightglass_api.objects import Head, Objects
from sightglass_api.uploads import queries
from sightglass_api.uploads.queries import UploadRow
from sightglass_api.uploads.rules import check_received, check_size, part_sizes
from sightglass_common.errors import ObjectNotFound, UploadExpired, UploadIncomplete


async def complete(tenant: Tenant, row: UploadRow, wanted: Wanted) -> Submitted | IndexingBegun:
    """Begin the analysis or the indexing of what was uploaded; of a completed upload, tell what it became.

    Raises UploadExpired, UploadIncomplete, UploadSizeMismatch, DatasetNotFound.
    Killed anywhere, it can be called again: S3 is only looked at, or has put the parts together already.
    """
    done = outcome(row)
    if done is not None:
        return done
    if row.expires_at <= tenant.context.clock.now():
        raise UploadExpired
    head = await _arrived(await tenant.context.objects(), row)
    check_size(head.size_bytes, row.size_bytes)
    submitted = await _begin(tenant, row, head, wanted)
    tenant.context.hint.ring()
    return submitted


def outcome(row: UploadRow) -> Submitted | IndexingBegun | None:
    """What a completed upload became; None before that."""
    if row.source_id is not None and row.job_id is not None:
        return datasets.begun(row.source_id, row.job_id, filename=row.filename, content_type=row.content_type)
    if row.video_id is None or row.analysis_id is None or row.job_id is None:
        return None
    return Submitted(video_id=row.video_id, analysis_id=row.analysis_id, job_id=row.job_id)


async def _begin(tenant: Tenant, row: UploadRow, head: Head, wanted: Wanted) -> Submitted | IndexingBegun:
    async with tenant.transaction() as db:
        # Of two at once, the second waits here and then finds what the first has made.
        done = outcome(await queries.upload(db, row.upload_id, lock=True))
        if done is not None:
            return done
        if row.dataset_id is not None:
            source = datasets.source_of(
                row.dataset_id,
                row.bucket,
                row.object_key,
                head,
                filename=row.filename,
                content_type=row.content_type,
            )
            begun = await datasets.index(db, tenant.tenant_id, source, trace=tenant.trace)
            await queries.complete_source(db, row.upload_id, source_id=begun.source_id, job_id=begun.job_id)
            return begun
        video = video_of(
            tenant.tenant_id,
            row.bucket,
            row.object_key,
            head,
            filename=row.filename,
            content_type=row.content_type,
        )
        submitted = await submit(db, video, trace=tenant.trace, tier=wanted.tier)
        await queries.complete(db, row.upload_id, **dict(submitted))
    return submitted


async def _arrived(objects: Objects, row: UploadRow) -> Head:
    """The object, once it is whole. A multipart upload is put together here."""
    try:
        return await objects.head(row.bucket, row.object_key)
    except ObjectNotFound:
        if row.multipart_id is None or row.part_bytes is None:
            raise UploadIncomplete from None
    received = await objects.received(row.bucket, row.object_key, row.multipart_id)
    if received is not None:
        check_received(received, part_sizes(row.size_bytes, row.part_bytes))
        await objects.finish_multipart(row.bucket, row.object_key, row.multipart_id, received)
    # Otherwise another call has just put them together, or the upload was aborted: the object tells.
    try:
        return await objects.head(row.bucket, row.object_key)
    except ObjectNotFound as error:
        raise UploadIncomplete("The parts were dropped: begin a new upload.") from error
