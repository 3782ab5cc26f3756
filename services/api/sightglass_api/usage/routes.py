"""Sums of the ledger, and what providers take."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission
from sightglass_api.providers import queries as providers
from sightglass_api.providers.routes import Owner
from sightglass_api.routing import guarded
from sightglass_api.usage import queries
from sightglass_api.usage.queries import SumRow
from sightglass_api.usage.schemas import Analytics, Group, Latency, PricedProvider, ProviderPrice, Sum
from sightglass_common.dataset_errors import ProviderNotFound
from sightglass_common.errors import InvalidRequest

router = APIRouter(prefix="/v1", tags=["usage"])

_DEFAULT: Final = timedelta(days=29)
_MOST: Final = timedelta(days=366)
_EARLIEST: Final = date(2000, 1, 1)
_Day = Annotated[date, Field(ge=_EARLIEST)]
First = Annotated[_Day | None, Query(alias="from", description="The first day, of UTC. Default: 29 before the last.")]
Last = Annotated[_Day | None, Query(alias="to", description="The last day. Default: today.")]


@router.get("/analytics", **guarded(Permission.AUDIT, filters=("from", "to", "group")))
async def analytics(
    tenant: CallersTenant,
    begin: First = None,
    end: Last = None,
    group: Group = Group.DAY,
) -> Analytics:
    """What the answers of the tenant took, by day, bot, key or provider: exact sums of the ledger, of a year at most.

    What is grouped by provider has the answers that its model wrote, and all calls to it, also those that failed.
    """
    end = end or tenant.context.clock.now().date()
    begin = begin or end - _DEFAULT
    if not timedelta() <= end - begin < _MOST:
        detail = "is not before `to`, or more than a year before."
        raise InvalidRequest(f"/from: {detail}", errors=[{"pointer": "/from", "detail": detail}])
    async with tenant.transaction() as db:
        *rows, total = await queries.sums(db, group, begin, end)
    return Analytics(group=group, begin=begin, end=end, items=list(map(_sum, rows)), total=_sum(total))


@router.put("/admin/providers/{provider_id}/price", **guarded(Permission.OPERATE, ProviderNotFound, body=True))
@router.put("/providers/{provider_id}/price", **guarded(Permission.PROVIDE, ProviderNotFound, body=True))
async def set_price(provider_id: UUID, price: ProviderPrice, owner: Owner) -> PricedProvider:
    """Set what a provider takes for a million tokens; questions from now on are reckoned by it."""
    async with owner.transaction() as db:
        await providers.provider(db, provider_id)
        await queries.set_price(db, owner.tenant_id, provider_id, price.input_price, price.output_price)
    return PricedProvider(provider_id=provider_id, **price.model_dump())


def _latency(us: Sequence[int] | None) -> Latency | None:
    return None if us is None else Latency(p50_ms=us[0] / 1000, p95_ms=us[1] / 1000)


def _sum(row: SumRow) -> Sum:
    return Sum(
        name=row.name or None,
        answers=row.answers,
        answered=row.answered,
        generated=row.generated,
        retrieved=row.retrieved,
        withheld=row.withheld,
        calls=row.calls,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        unsettled_tokens=row.unsettled_tokens,
        cost=row.cost,
        first_event=_latency(row.first_event_us),
        whole=_latency(row.whole_us),
    )
