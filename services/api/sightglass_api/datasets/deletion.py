"""Deletes datasets, sources and documents: hidden when the caller's transaction commits, removed by a job then."""

from contextlib import suppress
from typing import Final
from uuid import UUID

from sightglass_api.auth import Tenant
from sightglass_api.datasets import prefix_queries, queries, source_queries, video_queries
from sightglass_common import jobs
from sightglass_common.dataset_errors import DocumentNotFound, SourceNotFound
from sightglass_common.db import Db
from sightglass_common.errors import JobNotCancellable, VideoNotFound
from sightglass_common.ids import new_id
from sightglass_common.messages import DeleteContent, wrap
from sightglass_common.queues import CONTENTS_TO_DELETE
from sightglass_common.video_source_queries import changing

_SOURCE: Final = "api"
_KIND: Final = "deleting"


async def delete_dataset(db: Db, tenant: Tenant, dataset_id: UUID) -> UUID:
    """Delete a dataset; the job that removes what is in it. Raises DatasetNotFound."""
    job_id = new_id()
    await queries.delete(db, dataset_id, job_id)
    await _begin(db, tenant, DeleteContent(tenant_id=tenant.tenant_id, job_id=job_id, dataset_id=dataset_id))
    return job_id


async def delete_source(db: Db, tenant: Tenant, dataset_id: UUID, source_id: UUID) -> UUID:
    """Delete a source with its documents; the job that removes them. Raises SourceNotFound."""
    source = await source_queries.source(db, dataset_id, source_id)
    # The job first, then the source: in this order who reads it holds both.
    with suppress(JobNotCancellable):
        await jobs.request_cancel(db, source.job_id)
    await source_queries.delete(db, dataset_id, source_id)
    await prefix_queries.leave_out(db, source_id)
    ids = {"tenant_id": tenant.tenant_id, "job_id": new_id(), "dataset_id": dataset_id}
    message = DeleteContent.model_validate(ids | {"source_id": source_id})
    await _begin(db, tenant, message)
    return message.job_id


async def delete_prefix(db: Db, tenant: Tenant, dataset_id: UUID, prefix_id: UUID) -> UUID:
    """Delete a prefix with its objects' documents; the job that removes them. Raises PrefixNotFound."""
    job_id = await prefix_queries.job_of(db, dataset_id, prefix_id)
    # The job first, then the prefix: in this order who syncs it holds both.
    with suppress(JobNotCancellable):
        await jobs.request_cancel(db, job_id)
    await prefix_queries.delete(db, dataset_id, prefix_id)
    ids = {"tenant_id": tenant.tenant_id, "job_id": new_id(), "dataset_id": dataset_id}
    message = DeleteContent.model_validate(ids | {"prefix_id": prefix_id})
    await _begin(db, tenant, message)
    return message.job_id


async def delete_document(db: Db, tenant: Tenant, dataset_id: UUID, document_id: UUID) -> UUID:
    """Delete a document; the job that removes it. One that is all of its source goes with that; a video is taken out.

    Raises DocumentNotFound.
    """
    document = await queries.document(db, dataset_id, document_id)
    if (video_id := await video_queries.video_of(db, dataset_id, document_id)) is not None:
        return await _delete_film(db, tenant, dataset_id, video_id, document.source_id)
    if document.source_id == document_id:
        try:
            return await delete_source(db, tenant, dataset_id, document_id)
        except SourceNotFound as error:
            raise DocumentNotFound from error
    await source_queries.delete_document(db, dataset_id, document_id)
    ids = {"tenant_id": tenant.tenant_id, "job_id": new_id(), "dataset_id": dataset_id}
    message = DeleteContent.model_validate(ids | {"document_id": document_id})
    await _begin(db, tenant, message)
    return message.job_id


async def remove_videos(db: Db, tenant: Tenant, dataset_id: UUID) -> None:
    """Have those documents removed that are of videos which were taken out of a dataset."""
    source_id = await video_queries.source_of(db, dataset_id)
    if source_id is not None:
        await _remove_films(db, tenant, dataset_id, source_id)


async def _delete_film(db: Db, tenant: Tenant, dataset_id: UUID, video_id: UUID, source_id: UUID) -> UUID:
    await changing(db)
    try:
        await video_queries.leave_out(db, dataset_id, video_id)
    except VideoNotFound as error:
        raise DocumentNotFound from error
    return await _remove_films(db, tenant, dataset_id, source_id)


async def _remove_films(db: Db, tenant: Tenant, dataset_id: UUID, source_id: UUID) -> UUID:
    ids = {"tenant_id": tenant.tenant_id, "job_id": new_id(), "dataset_id": dataset_id}
    message = DeleteContent.model_validate(ids | {"source_id": source_id})
    await _begin(db, tenant, message)
    return message.job_id


async def _begin(db: Db, tenant: Tenant, message: DeleteContent) -> None:
    envelope = wrap(message, source=_SOURCE, trace=tenant.trace)
    await jobs.enqueue(db, CONTENTS_TO_DELETE, envelope, kind=_KIND, job_id=message.job_id)
