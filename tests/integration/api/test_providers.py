"""Providers: described, changed and removed; a key is taken, and given to nobody."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.api.people import Person

from sightglass_common.db import Pool

KEY = "a-key-that-nobody-may-see"
LOCAL = "http://127.0.0.1:9/v1"


def body(**changes: Any) -> dict[str, Any]:
    return {"name": str(uuid4()), "kind": "openai", "base_url": LOCAL, "model": "m", "api_key": KEY} | changes


async def test_a_key_is_taken_and_given_to_nobody(alice: Person, admin: Pool) -> None:
    made = await alice.post("/v1/providers", body(temperature=0.5, tokens_a_month=10))
    assert made.status_code == 201, made.text
    provider = made.json()
    assert (provider["has_key"], provider["tokens_this_month"], provider["region"]) == (True, 0, None)
    got = await alice.get(made.headers["Location"])
    listed = await alice.get("/v1/providers")
    assert got.json() == provider
    assert provider in listed.json()["items"]
    assert KEY not in made.text + got.text + listed.text
    async with admin.connection() as db:
        found = await db.execute("SELECT p::text FROM provider p WHERE provider_id = %s", [provider["provider_id"]])
        (row,) = await found.fetchone() or ("",)
    assert KEY not in row
    assert KEY.encode().hex() not in row


async def test_a_change_leaves_what_it_does_not_name(alice: Person) -> None:
    made = (await alice.post("/v1/providers", body(temperature=0.5, tokens_a_month=10))).json()
    path = f"/v1/providers/{made['provider_id']}"
    changed = (await alice.http.patch(path, json={"model": "n", "temperature": None, "enabled": False})).json()
    expected = made | {"model": "n", "temperature": None, "enabled": False, "changed_at": changed["changed_at"]}
    assert changed == expected
    taken = (await alice.post("/v1/providers", body())).json()["name"]
    for problem, given in (("provider_name_taken", {"name": taken}), ("invalid_request", {"rank": -1})):
        assert (await alice.http.patch(path, json=given)).json()["code"] == problem
    assert (await alice.http.delete(path)).status_code == 204
    assert (await alice.get(path)).json()["code"] == "provider_not_found"
    assert (await alice.post("/v1/providers", body(name=made["name"]))).status_code == 201


async def test_a_key_goes_to_no_other_address_than_its_own(alice: Person) -> None:
    made = (await alice.post("/v1/providers", body())).json()
    path = f"/v1/providers/{made['provider_id']}"
    moved = {"base_url": "http://127.0.0.1:9/v2"}
    refused = await alice.http.patch(path, json=moved)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/api_key")
    assert (await alice.get(path)).json() == made
    assert (await alice.http.patch(path, json=moved | {"api_key": KEY})).json()["base_url"] == moved["base_url"]


async def test_of_a_test_the_newest_stands_and_none_begins_while_one_is_under_way(alice: Person, admin: Pool) -> None:
    path = f"/v1/providers/{(await alice.post('/v1/providers', body())).json()['provider_id']}/test"
    assert (await alice.get(path)).json()["code"] == "provider_not_tested"
    first = await alice.post(path)
    assert (first.status_code, first.headers["Location"], first.json()["status"]) == (202, path, "running")
    assert (await alice.post(path)).json() == (await alice.get(path)).json() == first.json()
    test_id = first.json()["test_id"]
    shown: dict[str, Any] = dict.fromkeys(("reachable", "key_accepted", "model_known", "streams", "tokens_told"))
    shown |= dict.fromkeys(("first_word_ms", "whole_ms", "input_tokens", "output_tokens"), 3)
    shown |= {"works": False, "reason": "budget_spent", "detail": "It is spent."}
    async with admin.connection() as db:
        asked = await db.execute("SELECT count(*) FROM outbox WHERE body LIKE %s", [f"%{test_id}%"])
        assert await asked.fetchone() == (1,)
        await db.execute(
            "UPDATE provider_test SET finished_at = now(), result = %s WHERE test_id = %s", [json.dumps(shown), test_id]
        )
    done = (await alice.get(path)).json()
    assert (done["status"], done["result"]) == ("done", shown)
    again = (await alice.post(path)).json()
    assert (again["status"], again["result"]) == ("running", None)
    async with admin.connection() as db:
        await db.execute(
            "UPDATE provider_test SET asked_at = now() - interval '3 minutes' WHERE test_id = %s", [again["test_id"]]
        )
    assert (await alice.post(path)).json()["test_id"] not in {test_id, again["test_id"]}, "its tester was killed"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:10", "127.0.0.1", "169.254.169.254", "2130706433", "[::ffff:10.0.0.1]", "localhost", "a:b@example.com"],
)
async def test_an_address_of_ours_is_refused(host: str, alice: Person) -> None:
    refused = await alice.post("/v1/providers", body(base_url=f"https://{host}/v1"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/base_url")


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": None}, {"region": "eu-central-1"}, {"kind": "bedrock"}, {"api_key": "a\nb"}, {"api_key": ""},
        {"kind": "bedrock", "region": "eu-central-1"}, {"temperature": 2.1}, {"most_tokens": 0}, {"model": ""},
        {"tokens_a_month": 2**63}, {"kind": "another"}, {"keys": "k"},
        {"kind": "bedrock", "region": "example.com/", "api_key": "a:b"},
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_and_no_answer_quotes_a_key(changes: dict[str, Any], alice: Person) -> None:
    refused = await alice.post("/v1/providers", body(**changes))
    assert refused.status_code == 422
    assert KEY not in refused.text
