"""Prefixes of buckets: their objects are documents of a dataset, and stay so."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api import cursors
from sightglass_api.analyses.submission import check_bucket
from sightglass_api.auth import CallersTenant, Tenant, TenantDb
from sightglass_api.datasets import deletion
from sightglass_api.datasets import prefix_queries as queries
from sightglass_api.datasets import queries as datasets
from sightglass_api.datasets.prefix_queries import NewPrefixRow, PrefixRow
from sightglass_api.datasets.prefix_schemas import NewPrefix, Prefix, PrefixBegun, PrefixChanges, Sync, SyncBegun
from sightglass_api.jobs.rules import error_of
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common import prefix_queries as syncs
from sightglass_common.dataset_errors import DatasetNotFound, PrefixNotFound, PrefixTaken
from sightglass_common.errors import BucketNotLinked, InvalidCursor
from sightglass_common.ids import new_id
from sightglass_common.messages import SyncPrefix

router = APIRouter(prefix="/v1/datasets/{dataset_id}/prefixes", tags=["datasets"])

_SENDER: Final = "api"


@router.post("", status_code=202, **guarded(Permission.INDEX, DatasetNotFound, BucketNotLinked, PrefixTaken, body=True))
async def add_prefix(dataset_id: UUID, new: NewPrefix, tenant: CallersTenant, response: Response) -> PrefixBegun:
    """Have a dataset hold what a bucket has below a prefix, now and later. `Location` names the job of the first sync.

    What is new or changed there is read with each sync, what is gone is removed with every trace.
    """
    message = SyncPrefix(tenant_id=tenant.tenant_id, job_id=new_id(), prefix_id=new_id())
    row = NewPrefixRow(
        tenant_id=tenant.tenant_id,
        prefix_id=message.prefix_id,
        dataset_id=dataset_id,
        bucket=new.bucket,
        prefix=new.prefix,
        include=new.include,
        exclude=new.exclude,
        every_minutes=new.every_minutes,
        job_id=message.job_id,
    )
    async with tenant.transaction() as db:
        await datasets.dataset(db, dataset_id)
        await check_bucket(db, new.bucket, platforms_own=tenant.context.settings.bucket)
        await syncs.enqueue(db, message, sender=_SENDER, trace=tenant.trace)
        await queries.insert(db, row)
    _told(tenant, message.job_id, response)
    return PrefixBegun(prefix_id=row.prefix_id, job_id=row.job_id)


@router.get("", **guarded(Permission.READ, DatasetNotFound, InvalidCursor))
async def list_prefixes(
    dataset_id: UUID, db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Prefix]:
    """The prefixes that a dataset is kept in step with, the newest first."""
    await datasets.dataset(db, dataset_id)
    listing = f"dataset prefixes {dataset_id}"
    before = cursors.decode_id(listing, cursor)
    rows = await queries.prefixes(db, dataset_id, before=before, limit=limit + 1)
    return cursors.page(listing, [_prefix(row) for row in rows], limit, lambda one: str(one.prefix_id))


@router.get("/{prefix_id}", **guarded(Permission.READ, DatasetNotFound, PrefixNotFound))
async def get_prefix(dataset_id: UUID, prefix_id: UUID, db: TenantDb) -> Prefix:
    """One prefix, with its newest sync and what became of its objects."""
    await datasets.dataset(db, dataset_id)
    return _prefix(await queries.prefix(db, dataset_id, prefix_id))


@router.patch("/{prefix_id}", **guarded(Permission.INDEX, DatasetNotFound, PrefixNotFound, body=True))
async def change_prefix(dataset_id: UUID, prefix_id: UUID, changes: PrefixChanges, db: TenantDb) -> Prefix:
    """Change how often a prefix is synced."""
    await datasets.dataset(db, dataset_id)
    await queries.change(db, dataset_id, prefix_id, changes.every_minutes)
    return _prefix(await queries.prefix(db, dataset_id, prefix_id))


@router.post("/{prefix_id}/sync", status_code=202, **guarded(Permission.INDEX, DatasetNotFound, PrefixNotFound))
async def sync_prefix(dataset_id: UUID, prefix_id: UUID, tenant: CallersTenant, response: Response) -> SyncBegun:
    """Bring a dataset in step with a prefix now. While a sync is under way, it is that one."""
    async with tenant.transaction() as db:
        await datasets.dataset(db, dataset_id)
        await queries.job_of(db, dataset_id, prefix_id)
        job_id = await syncs.begin(db, tenant.tenant_id, prefix_id, sender=_SENDER, trace=tenant.trace)
    _told(tenant, job_id, response)
    return SyncBegun(job_id=job_id)


@router.delete("/{prefix_id}", status_code=204, **guarded(Permission.INDEX, DatasetNotFound, PrefixNotFound))
async def delete_prefix(dataset_id: UUID, prefix_id: UUID, tenant: CallersTenant, response: Response) -> None:
    """Take a prefix out of a dataset: from now on nothing of its objects is found. The objects themselves stay.

    The job in `Location` removes every trace of their documents. Answers that cite one of them are withheld.
    """
    async with tenant.transaction() as db:
        await datasets.dataset(db, dataset_id)
        job_id = await deletion.delete_prefix(db, tenant, dataset_id, prefix_id)
    _told(tenant, job_id, response)


def _told(tenant: Tenant, job_id: UUID, response: Response) -> None:
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    tenant.context.hint.ring()


def _prefix(row: PrefixRow) -> Prefix:
    sync = Sync(
        job_id=row.job_id,
        status=row.status,
        listed=row.listed,
        new=row.new,
        changed=row.changed,
        retried=row.retried,
        unchanged=row.unchanged,
        skipped=dict(row.skipped),
        removed=row.removed,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable),
    )
    return Prefix(
        prefix_id=row.prefix_id,
        dataset_id=row.dataset_id,
        bucket=row.bucket,
        prefix=row.prefix,
        include=list(row.include_patterns),
        exclude=list(row.exclude_patterns),
        every_minutes=row.every_minutes,
        next_at=row.next_at,
        synced_at=row.synced_at,
        sync=sync,
        objects=row.objects,
        reading=row.reading,
        failed=row.failed,
        documents=row.documents,
        ready=row.ready,
        skipped=row.skipped_documents,
        withheld=row.withheld,
        created_at=row.created_at,
    )
