"""Quotas over HTTP: whose questions they limit, what counts, and that no more are ever taken than there are."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import openai
import pytest
from fastapi import FastAPI
from tests.integration.api.people import Person, a_colleague, a_tenant, count
from tests.integration.api.test_bots import a_bot
from tests.integration.api.test_conversations import begun
from tests.integration.api.test_datasets import a_dataset
from tests.integration.api.test_openai import client
from tests.integration.api.test_requests import is_problem
from tests.stack import Database

from sightglass_api.permissions import Role
from sightglass_api.usage import quota_queries
from sightglass_common.dataset_errors import QuotaSpent
from sightglass_common.db import Pool, tenant_transaction

QUESTION = {"question": "Which valve?"}


@pytest.fixture
async def owner(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


async def limited(person: Person, **quota: object) -> list[dict[str, Any]]:
    put = await person.http.put("/v1/quotas", json=quota)
    assert put.status_code == 200, put.text
    return put.json()["items"]


async def today(person: Person) -> list[int]:
    return [one["questions_today"] for one in (await person.get("/v1/quotas")).json()["items"]]


async def test_of_many_questions_at_once_no_more_are_taken_than_each_quota_has(
    owner: Person, database: Database
) -> None:
    bot = await a_bot(owner)
    await limited(owner, questions_a_day=12)
    await limited(owner, bot_id=bot["bot_id"], questions_a_day=7)
    await limited(owner, key_id=owner.key_id, questions_a_day=9)

    async def one(pool: Pool, bot_id: str | None, key_id: str) -> str | None:
        try:
            async with tenant_transaction(pool, owner.tenant_id) as db:
                await quota_queries.take(db, key_id, None if bot_id is None else UUID(bot_id))
        except QuotaSpent as error:
            return str(error.context["quota_of"])
        return None

    async with database.pool("api", max_size=50) as pool:
        # Another key's are of the tenant and the bot alone.
        asked = [one(pool, bot["bot_id"], owner.key_id if n % 2 else "other") for n in range(50)]
        found = await asyncio.gather(*asked)
        assert (found.count(None), set(found)) == (7, {None, "bot"})
        assert await today(owner) == [7, found[1::2].count(None), 7]
        rest = await asyncio.gather(*(one(pool, None, "other") for _ in range(50)))
        assert (rest.count(None), set(rest)) == (5, {None, "tenant"})


async def test_a_question_too_many_is_refused_until_the_day_ends_and_leaves_nothing(
    owner: Person, admin: Pool, app: FastAPI
) -> None:
    bot, path = await a_bot(owner), await begun(owner)
    await limited(owner, questions_a_day=2)
    assert (await owner.post(f"{path}/turns", QUESTION)).status_code == 202
    assert (await owner.post("/v1/search", {"query": "valve"})).status_code == 200
    refused = await owner.post(f"{path}/turns", QUESTION)
    is_problem(refused, 429, "quota_spent")
    midnight = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
    told = refused.json()
    assert (datetime.fromisoformat(told["resets_at"]), told["quota_of"]) == (midnight, "tenant")
    assert (
        abs(midnight - datetime.now(UTC) - timedelta(seconds=int(refused.headers["retry-after"]))).total_seconds() < 60
    )
    assert await count(admin, "turn", owner.tenant_id) == 1
    is_problem(await owner.post("/v1/search", {"query": "valve"}), 429, "quota_spent")
    with pytest.raises(openai.RateLimitError) as caught:
        await client(owner.key, app).chat.completions.create(
            model=bot["name"], messages=[{"role": "user", "content": "Which valve?"}]
        )
    assert (caught.value.code, caught.value.type) == ("quota_spent", "rate_limit_error")
    assert await count(admin, "conversation", owner.tenant_id) == 1
    async with admin.connection() as db:
        await db.execute("UPDATE quota SET day = day - 1 WHERE tenant_id = %s", [owner.tenant_id])
    assert await today(owner) == [0]
    assert (await owner.post(f"{path}/turns", QUESTION)).status_code == 202
    assert await today(owner) == [1]


async def test_an_evaluation_is_as_many_questions_as_it_has_or_none(owner: Person) -> None:
    path = f"/v1/datasets/{(await a_dataset(owner))['dataset_id']}/evaluate"
    await limited(owner, questions_a_day=5)
    judged = [{"question": "Which valve?", "relevant": {"a": 1}}] * 3
    assert (await owner.post(path, {"questions": judged})).status_code == 200
    is_problem(await owner.post(path, {"questions": judged}), 429, "quota_spent")
    assert await today(owner) == [3]


async def test_a_quota_is_changed_and_removed_and_is_of_what_the_tenant_has(
    owner: Person, mallory: Person, api_pool: Pool, transport: httpx.ASGITransport
) -> None:
    path = await begun(owner)
    await limited(owner, questions_a_day=0)
    is_problem(await owner.post(f"{path}/turns", QUESTION), 429, "quota_spent")
    (changed,) = await limited(owner, questions_a_day=1, tokens_a_month=500)
    assert [changed[name] for name in ("questions_a_day", "tokens_a_month", "tokens_this_month")] == [1, 500, 0]
    assert (await owner.post(f"{path}/turns", QUESTION)).status_code == 202
    is_problem(await owner.post(f"{path}/turns", QUESTION), 429, "quota_spent")
    assert await limited(owner) == []
    assert (await owner.post(f"{path}/turns", QUESTION)).status_code == 202
    theirs = (await a_bot(mallory))["bot_id"]
    for unknown in ({"bot_id": theirs}, {"bot_id": str(uuid4())}):
        is_problem(await owner.http.put("/v1/quotas", json=unknown | {"questions_a_day": 1}), 404, "bot_not_found")
    for unknown in (mallory.key_id, "nobody"):
        refused = await owner.http.put("/v1/quotas", json={"key_id": unknown, "questions_a_day": 1})
        is_problem(refused, 404, "key_not_found")
    beside = {"bot_id": str(uuid4()), "key_id": owner.key_id, "questions_a_day": 1}
    for wrong in (beside, {"questions_a_day": -1}, {"questions_an_hour": 1}):
        is_problem(await owner.http.put("/v1/quotas", json=wrong), 422, "invalid_request")
    member = await a_colleague(api_pool, transport, owner, Role.MEMBER)
    is_problem(await member.http.put("/v1/quotas", json={"questions_a_day": 9}), 403, "forbidden")
    assert (await owner.get("/v1/quotas")).json() == {"items": []}
