"""Quotas: how many questions and tokens the tenant, a bot or a key may take."""

from dataclasses import asdict

from fastapi import APIRouter

from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.bots import queries as bots
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.usage import quota_queries as queries
from sightglass_api.usage.schemas import NewQuota, Quota, Quotas
from sightglass_common.dataset_errors import BotNotFound
from sightglass_common.db import Db
from sightglass_common.errors import KeyNotFound

router = APIRouter(prefix="/v1/quotas", tags=["usage"])


@router.put("", **guarded(Permission.LIMIT, BotNotFound, KeyNotFound, body=True))
async def put_quota(new: NewQuota, tenant: CallersTenant) -> Quotas:
    """Set a quota, in place of the one that there was of the same; without limits it is removed.

    Questions are counted from when it is set, by days of UTC; a search is one, and so is each question of an
    evaluation. One too many is answered 429 `quota_spent`, with when the day ends. Tokens are those that providers
    take, by months of UTC; when they do not suffice, the sources' own sentences answer.
    """
    async with tenant.transaction() as db:
        if new.bot_id is not None:
            await bots.bot(db, new.bot_id)
        await queries.put(db, tenant.tenant_id, **new.model_dump())
        return await _all(db)


@router.get("", **guarded(Permission.READ))
async def list_quotas(db: TenantDb) -> Quotas:
    """All quotas of the tenant, with what is taken of each."""
    return await _all(db)


async def _all(db: Db) -> Quotas:
    return Quotas(items=[Quota.model_validate(asdict(row)) for row in await queries.quotas(db)])
