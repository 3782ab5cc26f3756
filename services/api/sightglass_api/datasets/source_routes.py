"""The files that a dataset's documents came with."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.datasets import deletion, queries, source_queries
from sightglass_api.datasets.schemas import Source
from sightglass_api.datasets.source_queries import SourceRow
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common.dataset_errors import DatasetNotFound, SourceNotFound
from sightglass_common.errors import InvalidCursor

router = APIRouter(prefix="/v1/datasets/{dataset_id}/sources", tags=["datasets"])


@router.get("", **guarded(Permission.READ, DatasetNotFound, InvalidCursor))
async def list_sources(
    dataset_id: UUID,
    db: TenantDb,
    prefix_id: Annotated[UUID | None, Query(description="Only objects of this prefix.")] = None,
    limit: cursors.Limit = 50,
    cursor: cursors.Cursor = None,
) -> cursors.Page[Source]:
    """The files and objects of a dataset, the newest first; those that are being removed, too."""
    await queries.dataset(db, dataset_id)
    listing = f"sources {dataset_id} {prefix_id}"
    before = cursors.decode_id(listing, cursor)
    rows = await source_queries.sources(db, dataset_id, prefix_id, before=before, limit=limit + 1)
    return cursors.page(listing, [_source(row) for row in rows], limit, lambda one: str(one.source_id))


@router.get("/{source_id}", **guarded(Permission.READ, DatasetNotFound, SourceNotFound))
async def get_source(dataset_id: UUID, source_id: UUID, db: TenantDb) -> Source:
    """One file, with what became of it."""
    await queries.dataset(db, dataset_id)
    return _source(await source_queries.source(db, dataset_id, source_id))


@router.delete("/{source_id}", status_code=204, **guarded(Permission.INDEX, DatasetNotFound, SourceNotFound))
async def delete_source(dataset_id: UUID, source_id: UUID, tenant: CallersTenant, response: Response) -> None:
    """Delete a file with its documents: from now on nothing of them is found.

    The job in `Location` removes every trace of them. Answers that cite one of them are withheld.
    """
    async with tenant.transaction() as db:
        await queries.dataset(db, dataset_id)
        job_id = await deletion.delete_source(db, tenant, dataset_id, source_id)
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    tenant.context.hint.ring()


def _source(row: SourceRow) -> Source:
    return Source.model_validate(row, from_attributes=True)
