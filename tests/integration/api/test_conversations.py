"""Conversations over HTTP: whose they are, what is kept of a question, and an answer as it comes."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.integration.api.people import Person, a_colleague
from tests.integration.api.test_datasets import a_dataset
from tests.stack import Database

from sightglass_api.conversations import exporting, following
from sightglass_api.permissions import Role
from sightglass_common.announcing_queries import announce_turn
from sightglass_common.db import Pool, tenant_transaction

STREAM = {"Accept": "text/event-stream"}


async def begun(person: Person, **new: object) -> str:
    made = await person.post("/v1/conversations", new)
    assert made.status_code == 201, made.text
    return f"/v1/conversations/{made.json()['conversation_id']}"


async def asked(person: Person, path: str, question: str = "Which valve?") -> dict[str, Any]:
    taken = await person.post(f"{path}/turns", {"question": question})
    assert taken.status_code == 202, taken.text
    assert taken.headers["location"] == f"{path}/turns/{taken.json()['turn_id']}"
    return taken.json()


async def answered(
    database: Database, person: Person, turn: dict[str, Any], *events: tuple[str, dict[str, Any]]
) -> None:
    """As chat would have written it, up to the end of the turn if the last is `done`."""
    async with database.pool("chat") as pool, tenant_transaction(pool, person.tenant_id) as db:
        for number, (kind, data) in enumerate(events, 1):
            await db.execute(
                "INSERT INTO turn_event (tenant_id, turn_id, number, kind, data) VALUES (%s, %s, %s, %s, %s)",
                [person.tenant_id, turn["turn_id"], number, kind, json.dumps(data)],
            )
        if events[-1][0] == "done":
            await db.execute(
                "UPDATE turn SET answered = true, answer = 'The red one. [1]' WHERE turn_id = %s", [turn["turn_id"]]
            )
            await db.execute("UPDATE job SET status = 'done' WHERE job_id = %s", [turn["job_id"]])
        await announce_turn(db, UUID(turn["turn_id"]))


def events_of(stream: str) -> list[tuple[int, str, dict[str, Any]]]:
    blocks = [block.splitlines() for block in stream.split("\n\n") if block.startswith("id: ")]
    return [(int(i[4:]), kind[7:], json.loads(data[6:])) for i, kind, data in blocks]


async def test_what_is_sensitive_in_a_question_is_never_stored(alice: Person, admin: Pool) -> None:
    path = await begun(alice)
    turn = await asked(alice, path, "Is 536-22-4399 the SSN of Ann?")
    shown = (await alice.get(f"{path}/turns/{turn['turn_id']}")).json()
    assert (shown["question"], shown["status"]) == ("Is [US_SSN#1] the SSN of Ann?", "queued")
    assert (await alice.get(path)).json()["title"] == "Is [US_SSN#1] the SSN of Ann?"
    titled = await begun(alice, title="About 536-22-4399")
    assert (await alice.get(titled)).json()["title"] == "About [US_SSN#1]"
    async with admin.connection() as db:
        found = await db.execute("SELECT body FROM outbox WHERE job_id = %s", [turn["job_id"]])
        (body,) = await found.fetchone() or ("",)
    assert "4399" not in body


async def test_an_answer_is_streamed_from_where_the_client_was(alice: Person, database: Database) -> None:
    path = await begun(alice)
    turn = await asked(alice, path)
    citation = {"n": 1}
    pieces = [("retrieval", {"results": []}), ("delta", {"text": "The red one. [1]"}), ("citation", citation)]
    await answered(database, alice, turn, *pieces, ("usage", {}), ("done", {"answered": True}))
    events = f"{path}/turns/{turn['turn_id']}/events"
    whole = events_of((await alice.get(events)).text)
    assert [(number, kind) for number, kind, _ in whole] == [
        (1, "retrieval"), (2, "delta"), (3, "citation"), (4, "usage"), (5, "done"),
    ]  # fmt: skip
    rest = events_of((await alice.get(events, headers={"Last-Event-ID": "3"})).text)
    assert rest == whole[3:]
    assert (await alice.get(events, headers={"Last-Event-ID": "5"})).status_code == 204
    shown = (await alice.get(f"{path}/turns/{turn['turn_id']}")).json()
    assert (shown["answer"], shown["answered"], shown["generated"]) == ("The red one. [1]", True, False)


async def test_a_question_with_a_wish_for_events_is_answered_in_its_own_stream_as_soon_as_that_is_announced(
    alice: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody would look again by themselves before the test's time is over.
    monkeypatch.setattr(following, "_LOOK_EVERY_S", 3600)
    path = await begun(alice)
    request = alice.http.build_request("POST", f"{path}/turns", json={"question": "Which?"}, headers=STREAM)
    # The application is in this process: its answer is whole before it is seen.
    waiting = asyncio.create_task(alice.http.send(request))
    turns: list[dict[str, Any]] = []
    while not turns:
        turns = (await alice.get(f"{path}/turns")).json()["items"]
    turn = {"turn_id": turns[0]["turn_id"], "job_id": await job_of(database, alice, turns[0]["turn_id"])}
    await answered(database, alice, turn, ("delta", {"text": "a"}), ("done", {"answered": True}))
    streamed = await waiting
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert [kind for _, kind, _ in events_of(streamed.text)] == ["delta", "done"]


async def job_of(database: Database, person: Person, turn_id: str) -> str:
    async with database.pool("chat") as pool, tenant_transaction(pool, person.tenant_id) as db:
        found = await db.execute("SELECT job_id FROM turn WHERE turn_id = %s", [turn_id])
        (job_id,) = await found.fetchone() or ("",)
    return str(job_id)


async def test_a_turn_is_cancelled_and_its_stream_says_so_once(alice: Person) -> None:
    path = await begun(alice)
    turn = await asked(alice, path)
    cancelled = await alice.post(f"{path}/turns/{turn['turn_id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    events = f"{path}/turns/{turn['turn_id']}/events"
    ((number, kind, data),) = events_of((await alice.get(events)).text)
    assert (kind, data["code"]) == ("error", "cancelled")
    assert (await alice.get(events, headers={"Last-Event-ID": str(number)})).status_code == 204
    again = await alice.post(f"{path}/turns/{turn['turn_id']}/cancel")
    assert again.json()["code"] == "job_not_cancellable"


async def test_a_conversation_goes_with_all_that_was_said(alice: Person, admin: Pool) -> None:
    path = await begun(alice)
    turn = await asked(alice, path)
    assert (await alice.http.delete(path)).status_code == 204
    assert (await alice.get(f"{path}/turns/{turn['turn_id']}")).json()["code"] == "turn_not_found"
    assert (await alice.get(path)).json()["code"] == "conversation_not_found"
    assert (await alice.get(f"/v1/jobs/{turn['job_id']}")).json()["status"] == "cancelled"
    async with admin.connection() as db:
        found = await db.execute("SELECT count(*) FROM turn WHERE turn_id = %s", [turn["turn_id"]])
        assert await found.fetchone() == (0,)


async def test_a_conversation_belongs_to_one_key_of_one_tenant(
    alice: Person, mallory: Person, api_pool: Pool, transport: httpx.ASGITransport
) -> None:
    bob = await a_colleague(api_pool, transport, alice, Role.MEMBER)
    path = await begun(alice)
    turn = await asked(alice, path)

    async def answers(person: Person, path: str, turn_id: str) -> list[tuple[int, dict[str, Any]]]:
        found = [
            await person.get(path),
            await person.get(f"{path}/turns"),
            await person.get(f"{path}/turns/{turn_id}"),
            await person.get(f"{path}/turns/{turn_id}/events"),
            await person.post(f"{path}/turns/{turn_id}/cancel"),
            await person.post(f"{path}/turns", {"question": "What?"}),
            await person.get(f"{path}/export"),
            await person.http.patch(path, json={"title": "Mine"}),
            await person.http.delete(path),
        ]
        return [(one.status_code, one.json() | {"instance": "", "request_id": ""}) for one in found]

    unknown = await answers(mallory, f"/v1/conversations/{uuid4()}", str(uuid4()))
    assert {status for status, _ in unknown} == {404}
    for stranger in (bob, mallory):
        assert await answers(stranger, path, turn["turn_id"]) == unknown
        assert (await stranger.get("/v1/conversations")).json()["items"] == []
    assert (await alice.get(path)).status_code == 200


async def test_a_conversation_is_about_datasets_that_there_are(alice: Person, mallory: Person) -> None:
    mine, theirs = (await a_dataset(alice))["dataset_id"], (await a_dataset(mallory))["dataset_id"]
    refused = await alice.post("/v1/conversations", {"dataset_ids": [mine, theirs]})
    unknown = await alice.post("/v1/conversations", {"dataset_ids": [mine, str(uuid4())]})
    assert refused.status_code == unknown.status_code == 404
    assert refused.json()["code"] == unknown.json()["code"] == "dataset_not_found"
    assert (await alice.get(await begun(alice, dataset_ids=[mine]))).json()["dataset_ids"] == [mine]


async def test_a_conversation_is_exported_whole_page_by_page_with_its_citations(
    alice: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_AT_ONCE", 2)
    path = await begun(alice, title="Of *valves*")
    turns = [await asked(alice, path, f"Which valve is {n}?") for n in range(5)]
    await answered(database, alice, turns[0], ("done", {"answered": True}))
    cited = {"n": 1, "segment_id": "s", "dataset_id": str(uuid4()), "document_id": str(uuid4()), "document_ref": "r",
             "title": "valves.md", "locator": {"line": 3}, "snippet": "The red one."}  # fmt: skip
    async with database.pool("chat") as pool, tenant_transaction(pool, alice.tenant_id) as db:
        await db.execute(
            "UPDATE turn SET citations = %s WHERE turn_id = %s", [json.dumps([cited]), turns[0]["turn_id"]]
        )
    told = await alice.get(f"{path}/export")
    assert told.headers["content-disposition"] == f'attachment; filename="conversation-{path[-36:]}.jsonl"'
    first, *lines = [json.loads(line) for line in told.text.splitlines()]
    assert first == (await alice.get(path)).json()
    assert lines == (await alice.get(f"{path}/turns")).json()["items"]
    assert (len(lines), lines[0]["citations"][0]["document_ref"]) == (5, "r")
    page = (await alice.get(f"{path}/export", params={"format": "md"})).text
    assert page.startswith("# Of \\*valves\\*\n")
    assert "\n\\[1\\] valves.md, line 3\n\n> The red one.\n" in page
    assert page.count("Which valve is") == 5
    assert (await alice.get(f"{path}/export", params={"format": "pdf"})).json()["code"] == "invalid_request"


async def test_a_title_is_changed_and_holds_nothing_sensitive(alice: Person) -> None:
    path = await begun(alice)
    changed = await alice.http.patch(path, json={"title": "Of 536-22-4399"})
    assert (changed.status_code, changed.json()["title"]) == (200, "Of [US_SSN#1]")
    assert (await alice.get(path)).json() == changed.json()
    await asked(alice, path)
    assert (await alice.get(path)).json()["title"] == "Of [US_SSN#1]", "a question does not change it"
    assert (await alice.http.patch(path, json={"title": ""})).json()["code"] == "invalid_request"


@pytest.mark.parametrize("question", ["", "x" * 4001, "a\0b", "\ud800"])
async def test_a_question_that_cannot_be_is_refused(alice: Person, question: str) -> None:
    refused = await alice.post(f"{await begun(alice)}/turns", {"question": question})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_turns_are_not_in_the_list_of_jobs(alice: Person) -> None:
    turn = await asked(alice, await begun(alice))
    assert (await alice.get(f"/v1/jobs/{turn['job_id']}")).json()["kind"] == "turn"
    assert turn["job_id"] not in {one["job_id"] for one in (await alice.get("/v1/jobs")).json()["items"]}
