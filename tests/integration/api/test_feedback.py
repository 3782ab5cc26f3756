"""Feedback over HTTP: whose it is, the questions that become of it, and that it goes with what it is about."""

import json
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.integration.api.people import Person, a_colleague, a_tenant
from tests.integration.api.test_requests import is_problem
from tests.integration.api.test_upkeep import RECORDS, asked, documents, sent
from tests.integration.api.upkeep import Upkeep, services
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api.permissions import Role
from sightglass_common.db import Pool

CANARY = "536-22-4399"


@pytest.fixture(scope="module")
async def upkeep(admin: Pool, database: Database, aws: Aws, s3: S3Client) -> AsyncGenerator[Upkeep]:
    async with services(admin, database, aws, s3) as upkeep:
        yield upkeep


@pytest.fixture
async def owner(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


async def say(person: Person, turn: str, **said: object) -> dict[str, Any]:
    given = await person.post(f"{turn}/feedback", {"thumb": "up"} | said)
    assert given.status_code == 200, given.text
    return given.json()


async def questions(person: Person, path: str) -> list[dict[str, Any]]:
    told = await person.get(f"{path}/feedback")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/x-ndjson"), told.text
    return [json.loads(line) for line in told.text.splitlines()]


async def test_answers_that_were_found_good_become_questions_that_a_search_is_tried_with(
    owner: Person, upkeep: Upkeep, api_pool: Pool, transport: httpx.ASGITransport
) -> None:
    path, _ = await sent(owner, upkeep, (RECORDS, "a.jsonl"), (b"The beaver builds a dam of wood.", "beaver.txt"))
    colleague = await a_colleague(api_pool, transport, owner, Role.VIEWER)
    walrus = await asked(owner, upkeep, "What does the walrus open?")
    heron = await asked(colleague, upkeep, "Where is the heron?")
    beaver = await asked(owner, upkeep, "Of what does the beaver build?")
    assert await questions(owner, path) == []
    assert (await say(owner, walrus))["document_id"] is None
    known = await documents(owner, path)
    right = {name: known[name]["document_id"] for name in ("lynx-ref", "heron-ref")}
    assert (await say(colleague, heron, thumb="down", source=right["lynx-ref"]))["document_id"] == right["lynx-ref"]
    (built,) = [name for name in known if not name.endswith("-ref")]
    assert (await say(owner, beaver, source=1))["document_id"] == built
    gathered = await questions(owner, path)
    assert gathered == [
        {"question": "Of what does the beaver build?", "relevant": {built: 2}},
        {"question": "Where is the heron?", "relevant": {"lynx-ref": 2}},
        {"question": "What does the walrus open?", "relevant": {"walrus-ref": 1}},
    ]
    tried = await owner.post(f"{path}/evaluate", {"questions": gathered})
    assert (tried.status_code, tried.json()["missing"]) == (200, 0)
    assert tried.json()["words"]["recall_at_10"] > 0.6, "the beaver's document, which has no ref, is not found"
    await say(owner, walrus, thumb="down")
    assert {one["question"] for one in await questions(owner, path)} == {one["question"] for one in gathered[:2]}
    is_problem(await colleague.get(f"{path}/feedback"), 403, "forbidden")


async def test_feedback_takes_the_place_of_what_was_said_before_and_holds_nothing_sensitive(
    owner: Person, upkeep: Upkeep
) -> None:
    await sent(owner, upkeep, (b"The beaver stays.", "beaver.txt"))
    turn = await asked(owner, upkeep, "Where is the beaver?")
    assert (await owner.get(turn)).json()["feedback"] is None
    await say(owner, turn, source=1, note="Good.")
    said = await say(owner, turn, thumb="down", note=f"Ann has {CANARY}.")
    assert (said["thumb"], said["document_id"], said["note"]) == ("down", None, "Ann has [US_SSN#1].")
    assert (await owner.get(turn)).json()["feedback"] == said
    assert await upkeep.tables_with(owner.tenant_id, CANARY) == set()


async def test_what_is_said_of_no_answer_or_of_nothing_that_the_caller_has_is_refused(
    owner: Person, mallory: Person, upkeep: Upkeep
) -> None:
    path, _ = await sent(owner, upkeep, (b"The beaver stays.", "beaver.txt"))
    (document,) = await documents(owner, path)
    turn = await asked(owner, upkeep, "Where is the beaver?")
    for wrong in ({"source": 2}, {"source": 0}, {"thumb": "sideways"}, {"stars": 5}, {"note": "a\0b"}):
        refused = await owner.post(f"{turn}/feedback", {"thumb": "up"} | wrong)
        is_problem(refused, 422, "invalid_request")
    is_problem(await owner.post(f"{turn}/feedback", {"thumb": "up", "source": str(uuid4())}), 404, "document_not_found")
    is_problem(await mallory.post(f"{turn}/feedback", {"thumb": "up"}), 404, "turn_not_found")
    conversation = (await mallory.post("/v1/conversations")).json()["conversation_id"]
    begun = await mallory.post(f"/v1/conversations/{conversation}/turns", {"question": "Where?"})
    theirs = f"/v1/conversations/{conversation}/turns/{begun.json()['turn_id']}/feedback"
    is_problem(await mallory.post(theirs, {"thumb": "up"}), 409, "turn_not_answered")
    await upkeep.work(mallory.tenant_id)
    is_problem(await mallory.post(theirs, {"thumb": "up", "source": document}), 404, "document_not_found")


async def test_what_was_said_of_a_document_goes_with_it(owner: Person, upkeep: Upkeep) -> None:
    path, _ = await sent(owner, upkeep, (RECORDS, "a.jsonl"), (b"The beaver stays.", "beaver.txt"))
    walrus, beaver = [await asked(owner, upkeep, f"Where is the {name}?") for name in ("walrus", "beaver")]
    known = await documents(owner, path)
    await say(owner, walrus, note="It opens valves of hall nought.")
    await say(owner, beaver, source=known["lynx-ref"]["document_id"], note="The lynx says so too, of nought.")
    for name in ("walrus-ref", "lynx-ref"):
        await owner.http.delete(f"{path}/documents/{known[name]['document_id']}")
    assert await questions(owner, path) == [
        {"question": "Where is the beaver?", "relevant": {name: 1 for name in known if not name.endswith("-ref")}}
    ]
    await upkeep.work(owner.tenant_id)
    assert await upkeep.tables_with(owner.tenant_id, "nought") == set()
    left = [(await owner.get(turn)).json()["feedback"] for turn in (walrus, beaver)]
    assert [(one["thumb"], one["document_id"], one["note"]) for one in left] == [("up", None, "")] * 2
    await owner.http.delete(walrus.partition("/turns")[0])
    await owner.http.delete(path)
    await upkeep.work(owner.tenant_id)
    assert "feedback" in await upkeep.tables_with(owner.tenant_id, str(owner.tenant_id)), "the thumb of a turn stays"
