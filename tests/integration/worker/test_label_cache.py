"""The cache of labels in Postgres: kept, once, and by tenant."""

import asyncio
from uuid import UUID

import pytest
from tests.fakes.labels import Pauses, ScriptedProvider, quiet, scene_frame

from sightglass_common.db import Pool
from sightglass_common.ids import new_id
from sightglass_worker.labels.choice import LabelLimits
from sightglass_worker.labels.labelling import labelled
from sightglass_worker.labels.provider import Label
from sightglass_worker.labels.tenant_cache import TenantLabelCache

KEY, OTHER = b"k" * 32, b"o" * 32
DOG = Label("dog", 0.5, 0, 0, (0.1, 0.2, 0.3, 0.4))
CAT = Label("cat", 0.25, 0, 0)


@pytest.fixture
async def tenants(admin: Pool) -> list[UUID]:
    ids = [new_id(), new_id()]
    async with admin.connection() as db:
        for tenant in ids:
            await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [tenant, str(tenant)])
    return ids


async def test_what_was_put_is_got_and_nothing_else(worker_pool: Pool, tenants: list[UUID]) -> None:
    cache = TenantLabelCache(worker_pool, tenants[0])
    assert await cache.get([KEY, OTHER]) == {}
    await cache.put({KEY: [DOG, CAT], OTHER: []})
    assert await cache.get([KEY, OTHER, b"x" * 32]) == {KEY: [DOG, CAT], OTHER: []}
    assert await cache.get([]) == {}


async def test_what_is_kept_first_stays(worker_pool: Pool, tenants: list[UUID]) -> None:
    cache = TenantLabelCache(worker_pool, tenants[0])
    await cache.put({KEY: [DOG]})
    await cache.put({KEY: [CAT], OTHER: [CAT]})
    assert await cache.get([KEY, OTHER]) == {KEY: [DOG], OTHER: [CAT]}


async def test_another_tenant_sees_nothing_of_it(worker_pool: Pool, tenants: list[UUID]) -> None:
    await TenantLabelCache(worker_pool, tenants[0]).put({KEY: [DOG]})
    assert await TenantLabelCache(worker_pool, tenants[1]).get([KEY]) == {}


async def test_many_who_keep_the_same_at_once_do_not_hinder_each_other(worker_pool: Pool, tenants: list[UUID]) -> None:
    cache = TenantLabelCache(worker_pool, tenants[0])
    keys = [bytes([n]) * 32 for n in range(20)]
    await asyncio.gather(*(cache.put({key: [DOG] for key in order}) for order in (keys, keys[::-1]) * 4))
    assert len(await cache.get(keys)) == 20


async def test_a_second_analysis_of_a_tenant_costs_nothing(worker_pool: Pool, tenants: list[UUID]) -> None:
    for number, tenant in enumerate((tenants[0], tenants[0], tenants[1])):
        provider = ScriptedProvider()
        found = await labelled(
            provider,
            TenantLabelCache(worker_pool, tenant),
            [scene_frame(0), scene_frame(1)],
            LabelLimits(),
            on_progress=quiet,
            patience=Pauses().patience(),
        )
        assert found.status == "done"
        assert [label.scene for label in found.labels] == [0, 1]
        assert len(provider.calls) == (0 if number == 1 else 2)
