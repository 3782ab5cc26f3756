"""Datasets, and the documents in them."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, Tenant, TenantDb
from sightglass_api.datasets import deletion, queries
from sightglass_api.datasets.languages import CONFIGURATIONS, NAMES
from sightglass_api.datasets.queries import DatasetRow, DocumentRow
from sightglass_api.datasets.schemas import (
    Dataset,
    DatasetChanges,
    Document,
    DocumentStatus,
    NewDataset,
    ReadingBegun,
    is_storable,
)
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.search.asking import as_stored
from sightglass_api.uploads.announcing import announce
from sightglass_api.uploads.schemas import Instructions, NewUpload
from sightglass_common import jobs
from sightglass_common.dataset_errors import DatasetNameTaken, DatasetNotFound, DocumentNotFound, SourceNotFound
from sightglass_common.errors import InvalidCursor, RateLimited, UploadTooLarge
from sightglass_common.ids import new_id
from sightglass_common.messages import ReadDataset, wrap
from sightglass_common.queues import DATASETS_TO_READ
from sightglass_common.reading_queries import read_anew

router = APIRouter(prefix="/v1/datasets", tags=["datasets"])

_NAME_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of a dataset are listed."""

    status: DocumentStatus | None = None
    document_ref: Annotated[
        str | None, AfterValidator(is_storable), Query(max_length=500, description="The caller's own id.")
    ] = None
    source_id: Annotated[UUID | None, Query(description="Of the file that they came with.")] = None


@router.post("", status_code=201, **guarded(Permission.INDEX, DatasetNameTaken, RateLimited, body=True))
async def create_dataset(new: NewDataset, tenant: CallersTenant, response: Response) -> Dataset:
    """Make a dataset: documents that are searched, and answered from, together."""
    dataset_id = new_id()
    language = CONFIGURATIONS[new.language]
    name, description = await _told(tenant, new)
    async with tenant.transaction() as db:
        await queries.insert(
            db, tenant.tenant_id, dataset_id, name=name or "", description=description or "", language=language
        )
        row = await queries.dataset(db, dataset_id)
    response.headers["Location"] = f"/v1/datasets/{dataset_id}"
    return _dataset(row)


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_datasets(
    db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Dataset]:
    """The tenant's datasets, the newest first."""
    rows = await queries.datasets(db, before=cursors.decode_id("datasets", cursor), limit=limit + 1)
    page = cursors.page("datasets", rows, limit, lambda row: str(row.dataset_id))
    return cursors.Page(items=[_dataset(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{dataset_id}", **guarded(Permission.READ, DatasetNotFound))
async def get_dataset(dataset_id: UUID, db: TenantDb) -> Dataset:
    """One dataset."""
    return _dataset(await queries.dataset(db, dataset_id))


@router.patch("/{dataset_id}", **guarded(Permission.INDEX, DatasetNotFound, DatasetNameTaken, RateLimited, body=True))
async def change_dataset(dataset_id: UUID, changes: DatasetChanges, tenant: CallersTenant) -> Dataset:
    """Change a dataset's name or description."""
    name, description = await _told(tenant, changes)
    async with tenant.transaction() as db:
        await queries.change(db, dataset_id, name=name, description=description)
        return _dataset(await queries.dataset(db, dataset_id))


@router.delete("/{dataset_id}", status_code=204, **guarded(Permission.INDEX, DatasetNotFound))
async def delete_dataset(dataset_id: UUID, tenant: CallersTenant, response: Response) -> None:
    """Delete a dataset: from now on nothing of it is found. The job in `Location` removes every trace of it."""
    async with tenant.transaction() as db:
        job_id = await deletion.delete_dataset(db, tenant, dataset_id)
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    tenant.context.hint.ring()


@router.post(
    "/{dataset_id}/documents", status_code=201, **guarded(Permission.INDEX, DatasetNotFound, UploadTooLarge, body=True)
)
async def add_documents(dataset_id: UUID, new: NewUpload, tenant: CallersTenant, response: Response) -> Instructions:
    """Announce a file with documents. The answer says how to send it to S3; then complete it as any upload.

    JSON Lines (`.jsonl`, `application/jsonl`) is many documents, a line each: `{"id", "text", "title"?, "metadata"?}`.
    """
    async with tenant.transaction() as db:
        await queries.dataset(db, dataset_id)
    return await announce(tenant, new, response, dataset_id=dataset_id)


@router.get("/{dataset_id}/documents", **guarded(Permission.READ, DatasetNotFound, InvalidCursor))
async def list_documents(
    dataset_id: UUID,
    db: TenantDb,
    wanted: Annotated[Wanted, Depends(Wanted)],
    limit: cursors.Limit = 50,
    cursor: cursors.Cursor = None,
) -> cursors.Page[Document]:
    """The documents of a dataset, the newest first."""
    await queries.dataset(db, dataset_id)
    listing = f"documents {dataset_id} {wanted.status} {wanted.document_ref} {wanted.source_id}"
    before = cursors.decode_id(listing, cursor)
    asked = {"status": wanted.status, "ref": wanted.document_ref, "source_id": wanted.source_id}
    rows = await queries.documents(db, dataset_id, asked, before=before, limit=limit + 1)
    page = cursors.page(listing, rows, limit, lambda row: str(row.document_id))
    return cursors.Page(items=[_document(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{dataset_id}/documents/{document_id}", **guarded(Permission.READ, DatasetNotFound, DocumentNotFound))
async def get_document(dataset_id: UUID, document_id: UUID, db: TenantDb) -> Document:
    """One document."""
    await queries.dataset(db, dataset_id)
    return _document(await queries.document(db, dataset_id, document_id))


@router.delete(
    "/{dataset_id}/documents/{document_id}",
    status_code=204,
    **guarded(Permission.INDEX, DatasetNotFound, DocumentNotFound),
)
async def delete_document(dataset_id: UUID, document_id: UUID, tenant: CallersTenant, response: Response) -> None:
    """Delete a document: from now on nothing of it is found. The job in `Location` removes every trace of it.

    A file that is one document goes with it, and a video is taken out of the dataset. Answers that cite it are
    withheld.
    """
    async with tenant.transaction() as db:
        await queries.dataset(db, dataset_id)
        job_id = await deletion.delete_document(db, tenant, dataset_id, document_id)
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    tenant.context.hint.ring()


@router.post("/{dataset_id}/reindex", status_code=202, **guarded(Permission.INDEX, DatasetNotFound))
async def reindex_dataset(dataset_id: UUID, tenant: CallersTenant, response: Response) -> ReadingBegun:
    """Read all files of a dataset anew. What was read before is searched until what is read now takes its place."""
    message = ReadDataset(tenant_id=tenant.tenant_id, job_id=new_id(), dataset_id=dataset_id)
    async with tenant.transaction() as db:
        await queries.dataset(db, dataset_id)
        envelope = wrap(message, source="api", trace=tenant.trace)
        await jobs.enqueue(db, DATASETS_TO_READ, envelope, kind="reindexing", job_id=message.job_id)
    return _begun(tenant, message.job_id, response)


@router.post(
    "/{dataset_id}/documents/{document_id}/reindex",
    status_code=202,
    **guarded(Permission.INDEX, DatasetNotFound, DocumentNotFound, SourceNotFound),
)
async def reindex_document(
    dataset_id: UUID, document_id: UUID, tenant: CallersTenant, response: Response
) -> ReadingBegun:
    """Read the file anew that a document came with, and all others of it. A reading under way is cancelled."""
    async with tenant.transaction() as db:
        await queries.dataset(db, dataset_id)
        source_id = (await queries.document(db, dataset_id, document_id)).source_id
        job_id = await read_anew(db, tenant.tenant_id, source_id, sender="api", trace=tenant.trace)
    return _begun(tenant, job_id, response)


def _begun(tenant: Tenant, job_id: UUID, response: Response) -> ReadingBegun:
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    tenant.context.hint.ring()
    return ReadingBegun(job_id=job_id)


async def _told(tenant: Tenant, given: NewDataset | DatasetChanges) -> tuple[str | None, str | None]:
    """Name and description as they may be stored: chat reads both. None for what is left out."""
    name = None if given.name is None else await as_stored(tenant, given.name, most_chars=_NAME_CHARS)
    return name, None if given.description is None else await as_stored(tenant, given.description)


def _dataset(row: DatasetRow) -> Dataset:
    return Dataset(
        dataset_id=row.dataset_id,
        name=row.name,
        description=row.description,
        language=NAMES[row.language],
        all_videos=row.all_videos,
        documents=row.documents,
        segments=row.segments,
        withheld=row.withheld,
        created_at=row.created_at,
    )


def _document(row: DocumentRow) -> Document:
    return Document(
        document_id=row.document_id,
        dataset_id=row.dataset_id,
        source_id=row.source_id,
        document_ref=row.ref,
        title=row.title,
        metadata=dict(row.metadata),
        status=DocumentStatus(row.status),
        reason=row.reason,
        detail=row.detail,
        redactions=row.redactions,
        segments=row.segments,
        detectors=row.detectors,
        threshold=row.threshold,
        withheld=row.withheld_reason is not None,
        withheld_reason=row.withheld_reason,
        created_at=row.created_at,
        indexed_at=row.indexed_at,
    )
