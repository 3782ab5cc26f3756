"""Providers of the platform over HTTP: set up by who runs it, and seen by no tenant."""

from uuid import uuid4

import psycopg
import pytest
from tests.integration.api.people import Person
from tests.integration.api.test_bots import a_bot
from tests.integration.api.test_providers import KEY, body
from tests.integration.api.test_requests import is_problem

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.ids import PLATFORM_TENANT, new_id

ALL = "/v1/admin/providers"


async def test_who_runs_the_platform_sets_them_up_and_no_tenant_sees_them(
    operator: Person, alice: Person, admin: Pool, api_pool: Pool
) -> None:
    # None may be left that is asked: other tests have the same database.
    made = await operator.post(ALL, body(enabled=False, tokens_a_month=1000))
    assert made.status_code == 201, made.text
    provider_id, path = made.json()["provider_id"], made.headers["Location"]
    assert path == f"{ALL}/{provider_id}"
    assert KEY not in made.text
    assert (await operator.get(path)).json() == made.json()
    assert made.json() in (await operator.get(ALL)).json()["items"]
    changed = await operator.http.patch(path, json={"model": "n"})
    assert changed.json()["model"] == "n"
    assert (await operator.post(f"{path}/test")).headers["Location"] == f"{path}/test"
    assert (await operator.get(f"{path}/test")).json()["status"] == "running"

    for person in (alice, operator):
        is_problem(await person.get(f"/v1/providers/{provider_id}"), 404, "provider_not_found")
        assert made.json()["name"] not in (await person.get("/v1/providers")).text
        bot = await a_bot(person)
        named = await person.http.patch(f"/v1/bots/{bot['bot_id']}", json={"provider_id": provider_id})
        is_problem(named, 404, "provider_not_found")
    for method, where in (("GET", ALL), ("GET", path), ("PATCH", path), ("DELETE", path), ("POST", f"{path}/test")):
        is_problem(await alice.http.request(method, where), 403, "forbidden")

    await uses(admin, provider_id, [alice.tenant_id, operator.tenant_id])
    assert (await operator.get(path)).json()["tokens_this_month"] == 2 * 30
    async with tenant_transaction(api_pool, alice.tenant_id) as db:
        assert await (await db.execute("SELECT count(*) FROM answer_use WHERE platform")).fetchone() == (1,)
    assert (await operator.http.delete(path)).status_code == 204
    is_problem(await operator.get(path), 404, "provider_not_found")


async def uses(admin: Pool, provider_id: str, tenants: list[object]) -> None:
    async with admin.connection() as db:
        for tenant_id in tenants:
            await db.execute(
                "INSERT INTO answer_use (tenant_id, use_id, provider_id, platform, model, reserved_tokens,"
                " input_tokens, output_tokens) VALUES (%s, %s, %s, true, 'm', 100, 20, 10)",
                [tenant_id, new_id(), provider_id],
            )


async def test_the_database_lets_no_tenant_use_what_is_not_its_own(
    alice: Person, mallory: Person, api_pool: Pool, admin: Pool
) -> None:
    theirs = (await alice.post("/v1/providers", body())).json()["provider_id"]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await uses(admin, theirs, [mallory.tenant_id])
    async with tenant_transaction(api_pool, alice.tenant_id) as db:
        rows = await db.execute("UPDATE provider SET enabled = true WHERE tenant_id = %s", [PLATFORM_TENANT])
        assert rows.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await db.execute(
                "INSERT INTO provider (tenant_id, provider_id, name, kind, base_url, region, model, most_tokens, rank,"
                " enabled) VALUES (%s, %s, 'n', 'openai', 'u', '', 'm', 1, 0, false)",
                [PLATFORM_TENANT, uuid4()],
            )
