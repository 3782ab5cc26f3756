"""The sums of the ledger of answers over HTTP: exact, by what they are grouped by, and of one tenant alone."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import httpx
from psycopg import sql
from tests.integration.api.people import Person, a_colleague, a_tenant
from tests.integration.api.test_bots import a_bot
from tests.integration.api.test_requests import is_problem

from sightglass_api.permissions import Role
from sightglass_common.db import Pool
from sightglass_common.ids import new_id

BEGIN = date(2026, 1, 30)
DAYS = 4
GROUPS = {"key": "key_id", "bot": "bot_id", "provider": "provider_id"}


async def insert(admin: Pool, table: str, rows: list[dict[str, Any]]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    values = sql.SQL(", ").join(map(sql.Placeholder, rows[0]))
    async with admin.connection() as db, db.cursor() as cursor:
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, values)
        await cursor.executemany(query, rows)


async def a_provider(person: Person) -> str:
    new = {"name": str(new_id()), "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
    made = await person.post("/v1/providers", new)
    assert made.status_code == 201, made.text
    return made.json()["provider_id"]


async def a_ledger(person: Person, keys: list[str], admin: Pool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Answers, and calls of providers, of some days, keys, bots and providers, drawn by chance; some on the borders."""
    draw = Random(7)
    bots = [None, *[UUID((await a_bot(person))["bot_id"]) for _ in range(2)]]
    providers = [UUID(await a_provider(person)) for _ in range(2)]
    midnight = datetime(BEGIN.year, BEGIN.month, BEGIN.day, tzinfo=UTC)
    borders = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=DAYS, microseconds=-1)]
    inside = [midnight + timedelta(seconds=draw.randrange(DAYS * 86400)) for _ in range(60)]
    answers: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    for at in [*borders, midnight + timedelta(days=DAYS), *inside]:
        whose = {"tenant_id": person.tenant_id, "turn_id": new_id(), "at": at, "model": "m"}
        whose |= {"key_id": draw.choice(keys), "bot_id": draw.choice(bots)}
        generated = draw.random() < 0.5
        took = {name: draw.randrange(9) for name in ("retrieved", "withheld")}
        took |= {name: draw.randrange(10**6) for name in ("first_event_us", "whole_us")}
        facts = {"generated": generated, "answered": draw.random() < 0.8, **took}
        answers.append(whose | facts | {"provider_id": draw.choice(providers) if generated else None})
        for _ in range(draw.randrange(3)):
            known = draw.random() < 0.8
            tokens = [draw.randrange(10**5) if known else None for _ in range(2)]
            prices = [Decimal(draw.randrange(10**8)) / 10**6 if draw.random() < 0.8 else None] * 2
            called = {"use_id": new_id(), "provider_id": draw.choice(providers), "reserved_tokens": 4000}
            called |= dict(
                zip(("input_tokens", "output_tokens", "input_price", "output_price"), tokens + prices, strict=True)
            )
            calls.append(whose | called)
    await insert(admin, "answer_record", answers)
    await insert(admin, "answer_use", calls)
    return answers, calls


def named(row: dict[str, Any], group: str) -> str | None:
    if group == "day":
        return f"{row['at']:%Y-%m-%d}"
    value = row[GROUPS[group]]
    return None if value is None else str(value)


def summed(answers: list[dict[str, Any]], calls: list[dict[str, Any]]) -> dict[str, Any]:
    """What the interface must tell of these, latencies aside."""
    count = Counter[str]()
    for row in answers:
        count.update({name: int(row[name]) for name in ("answered", "generated", "retrieved", "withheld")})
    cost = Decimal()
    for row in calls:
        count.update({name: row[name] or 0 for name in ("input_tokens", "output_tokens")})
        count["unsettled_tokens"] += 0 if row["input_tokens"] is not None else row["reserved_tokens"]
        if row["input_tokens"] is not None and row["input_price"] is not None:
            cost += (row["input_tokens"] * row["input_price"] + row["output_tokens"] * row["output_price"]) / 10**6
    names = ("answered", "generated", "retrieved", "withheld", "input_tokens", "output_tokens", "unsettled_tokens")
    counted = {name: count[name] for name in names}
    return {"answers": len(answers), "calls": len(calls), "cost": cost, **counted}


def told(one: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in one.items() if name not in {"name", "first_event", "whole"}}
    return rest | {"cost": Decimal(one["cost"])}


async def test_the_sums_are_those_of_the_ledger_whatever_they_are_grouped_by(
    api_pool: Pool, transport: httpx.ASGITransport, admin: Pool, mallory: Person
) -> None:
    person = await a_tenant(api_pool, transport)
    colleague = await a_colleague(api_pool, transport, person, Role.MEMBER)
    every = await a_ledger(person, [person.key_id, colleague.key_id], admin)
    await a_ledger(mallory, [mallory.key_id], admin)
    last = BEGIN + timedelta(days=DAYS - 1)
    answers, calls = [[row for row in rows if BEGIN <= row["at"].date() <= last] for rows in every]
    assert len(every[0]) - len(answers) == 2, "what is before the first day, and after the last"
    for group in ("day", *GROUPS):
        wanted = {"from": str(BEGIN), "to": str(last), "group": group}
        found = (await person.get("/v1/analytics", params=wanted)).json()
        names = {named(row, group) for row in [*answers, *calls]}
        assert {one["name"] for one in found["items"]} == names
        for one in found["items"]:
            of = [[row for row in rows if named(row, group) == one["name"]] for rows in (answers, calls)]
            assert told(one) == summed(*of), (group, one["name"])
        assert told(found["total"]) == summed(answers, calls)
        times = sorted(row["whole_us"] for row in answers)
        place = -(-95 * len(times) // 100) - 1
        assert found["total"]["whole"]["p95_ms"] == times[place] / 1000
    is_problem(await colleague.get("/v1/analytics"), 403, "forbidden")


async def test_without_answers_the_sums_are_nothing(api_pool: Pool, transport: httpx.ASGITransport) -> None:
    person = await a_tenant(api_pool, transport)
    found = (await person.get("/v1/analytics")).json()
    assert date.fromisoformat(found["end"]) - date.fromisoformat(found["begin"]) == timedelta(days=29)
    assert (found["items"], told(found["total"]), found["total"]["whole"]) == ([], summed([], []), None)
    for wrong in ({"from": "2026-02-02", "to": "2026-02-01"}, {"from": "2024-01-01", "to": "2026-01-01"}):
        is_problem(await person.get("/v1/analytics", params=wrong), 422, "invalid_request")
    for wrong in ({"group": "model"}, {"day": "2026-01-01"}, {"to": "0001-01-01"}):
        is_problem(await person.get("/v1/analytics", params=wrong), 422, "invalid_request")


async def test_a_price_is_exact_and_takes_the_place_of_the_one_before(alice: Person, admin: Pool) -> None:
    provider_id = await a_provider(alice)
    for price in ("0.1", "2.500001"):
        put = await alice.http.put(
            f"/v1/providers/{provider_id}/price", json={"input_price": price, "output_price": "10"}
        )
        assert (put.status_code, put.json()["input_price"]) == (200, price)
    async with admin.connection() as db:
        found = await db.execute("SELECT input_price FROM provider_price WHERE provider_id = %s", [provider_id])
        assert await found.fetchall() == [(Decimal("2.500001"),)]
    for wrong in ("-1", "0.0000001", "1000000", "NaN"):
        refused = await alice.http.put(
            f"/v1/providers/{provider_id}/price", json={"input_price": wrong, "output_price": "10"}
        )
        is_problem(refused, 422, "invalid_request")
