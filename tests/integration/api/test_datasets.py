"""Datasets and documents over HTTP, and the search of them."""

import json
import math
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.api.people import Person, send_form
from tests.stack import Database

from sightglass_common.db import Pool, tenant_transaction


async def a_dataset(person: Person, **changed: object) -> dict[str, Any]:
    made = await person.post("/v1/datasets", {"name": f"d-{uuid4()}"} | changed)
    assert made.status_code == 201, made.text
    return made.json()


async def documents_sent(person: Person, dataset_id: str, body: bytes, filename: str = "a.md") -> dict[str, Any]:
    """A file with documents, announced, sent and completed."""
    new = {"filename": filename, "content_type": "text/plain", "size_bytes": len(body)}
    announced = await person.post(f"/v1/datasets/{dataset_id}/documents", new)
    assert announced.status_code == 201, announced.text
    assert (await send_form(announced.json(), body)).status_code == 204
    done = await person.post(f"/v1/uploads/{announced.json()['upload_id']}/complete")
    assert done.status_code == 202, done.text
    return done.json() | {"upload_id": announced.json()["upload_id"]}


async def test_a_dataset_is_made_shown_changed_and_deleted(alice: Person) -> None:
    made = await a_dataset(alice, description="Manuals", language="de")
    path = f"/v1/datasets/{made['dataset_id']}"
    assert (made["language"], made["documents"], made["segments"]) == ("de", 0, 0)
    assert (await alice.get(path)).json() == made
    changed = await alice.http.patch(path, json={"name": f"renamed {made['dataset_id']}"})
    assert (changed.json()["name"], changed.json()["description"]) == (f"renamed {made['dataset_id']}", "Manuals")
    assert made["dataset_id"] in {one["dataset_id"] for one in (await alice.get("/v1/datasets")).json()["items"]}
    assert (await alice.http.delete(path)).status_code == 204
    assert (await alice.get(path)).json()["code"] == "dataset_not_found"
    assert (await alice.http.delete(path)).status_code == 404


async def test_of_two_datasets_only_one_has_a_name_until_it_is_deleted(alice: Person) -> None:
    first, second = await a_dataset(alice), await a_dataset(alice)
    assert (await alice.post("/v1/datasets", {"name": first["name"]})).json()["code"] == "dataset_name_taken"
    taken = await alice.http.patch(f"/v1/datasets/{second['dataset_id']}", json={"name": first["name"]})
    assert taken.json()["code"] == "dataset_name_taken"
    await alice.http.delete(f"/v1/datasets/{first['dataset_id']}")
    assert (await alice.post("/v1/datasets", {"name": first["name"]})).status_code == 201


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "a\0b"}, {"name": "a", "language": "xx"}, {"name": "\ud800"}])
async def test_a_dataset_that_cannot_be_is_refused(alice: Person, wrong: dict[str, str]) -> None:
    refused = await alice.post("/v1/datasets", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_completing_a_file_of_documents_begins_one_indexing(alice: Person, admin: Pool) -> None:
    dataset = await a_dataset(alice)
    done = await documents_sent(alice, dataset["dataset_id"], b"# Title")
    assert done["document_ids"] == [done["source_id"]]
    again = await alice.post(f"/v1/uploads/{done['upload_id']}/complete")
    assert again.json() == {name: done[name] for name in ("source_id", "job_id", "document_ids")}
    job = (await alice.get(f"/v1/jobs/{done['job_id']}")).json()
    assert (job["kind"], job["status"]) == ("indexing", "queued")
    upload = (await alice.get(f"/v1/uploads/{done['upload_id']}")).json()
    assert (upload["state"], upload["dataset_id"]) == ("completed", dataset["dataset_id"])
    async with admin.connection() as db:
        found = await db.execute("SELECT queue FROM outbox WHERE job_id = %s", [done["job_id"]])
        assert await found.fetchall() == [("sources-to-scan",)]


async def test_of_records_the_documents_are_known_later(alice: Person) -> None:
    dataset = await a_dataset(alice)
    assert (await documents_sent(alice, dataset["dataset_id"], b"{}", "a.JSONL"))["document_ids"] == []


async def test_nothing_is_added_to_a_dataset_that_is_deleted_meanwhile(alice: Person) -> None:
    dataset = await a_dataset(alice)
    new = {"filename": "a.md", "content_type": "text/plain", "size_bytes": 1}
    path = f"/v1/datasets/{dataset['dataset_id']}"
    announced = (await alice.post(f"{path}/documents", new)).json()
    assert (await send_form(announced, b"x")).status_code == 204
    await alice.http.delete(path)
    refused = await alice.post(f"/v1/uploads/{announced['upload_id']}/complete")
    assert (refused.status_code, refused.json()["code"]) == (404, "dataset_not_found")


async def test_datasets_of_others_and_unknown_ones_look_the_same(alice: Person, mallory: Person) -> None:
    theirs, unknown = (await a_dataset(alice))["dataset_id"], str(uuid4())
    new = {"filename": "a.md", "content_type": "text/plain", "size_bytes": 1}

    async def answers(dataset_id: str) -> list[tuple[int, dict[str, Any]]]:
        path = f"/v1/datasets/{dataset_id}"
        found = [
            await mallory.get(path),
            await mallory.get(f"{path}/documents"),
            await mallory.get(f"{path}/documents/{uuid4()}"),
            await mallory.http.patch(path, json={"name": "mine"}),
            await mallory.http.delete(path),
            await mallory.post(f"{path}/documents", new),
            await mallory.post("/v1/search", {"query": "a", "dataset_ids": [dataset_id]}),
        ]
        return [(one.status_code, one.json() | {"instance": "", "request_id": ""}) for one in found]

    assert await answers(theirs) == await answers(unknown)
    assert {status for status, _ in await answers(theirs)} == {404}


async def test_a_viewer_searches_and_changes_nothing(alice: Person, viewer: Person) -> None:
    dataset = await a_dataset(alice)
    assert (await viewer.post("/v1/datasets", {"name": "v"})).status_code == 403
    assert (await viewer.http.delete(f"/v1/datasets/{dataset['dataset_id']}")).status_code == 403
    assert (await viewer.post("/v1/search", {"query": "anything"})).status_code == 200


async def a_segment(database: Database, person: Person, dataset_id: str, source_id: str, text: str) -> None:
    """As chat would have written it."""
    async with database.pool("chat") as pool, tenant_transaction(pool, person.tenant_id) as db:
        await db.execute(
            "INSERT INTO corpus (tenant_id, dataset_id, next_number, segments, words) VALUES (%s, %s, 1, 1, 5)",
            [person.tenant_id, dataset_id],
        )
        await db.execute(
            "INSERT INTO segment (tenant_id, dataset_id, number, document_id, ordinal, text, locator, words, word_keys)"
            " VALUES (%s, %s, 0, %s, 0, %s, %s, 5, '{}')",
            [person.tenant_id, dataset_id, source_id, text, json.dumps({"line": 7})],
        )
        await db.execute(
            "INSERT INTO posting (tenant_id, word, dataset_id, first_number, entries)"
            " SELECT %s, word_key(stem), %s, 0, int8send(1029)"
            " FROM unnest(tsvector_to_array(to_tsvector('english', %s))) AS stem",
            [person.tenant_id, dataset_id, text],
        )


async def test_a_search_finds_segments_and_hides_what_is_sensitive_in_the_query(
    alice: Person, admin: Pool, database: Database
) -> None:
    dataset = await a_dataset(alice)
    done = await documents_sent(alice, dataset["dataset_id"], b"x")
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO document (tenant_id, document_id, dataset_id, source_id, ref, title, status, served,"
            " served_rules) VALUES (%s, %s, %s, %s, 'manual-7', 'Manual', 'ready', 0, '1.0')",
            [alice.tenant_id, done["source_id"], dataset["dataset_id"], done["source_id"]],
        )
    await a_segment(database, alice, dataset["dataset_id"], done["source_id"], "Turning the valve closes the pipe.")
    asked = {"query": "my SSN is 536-22-4399, which valves turn?", "dataset_ids": [dataset["dataset_id"]]}
    found = (await alice.post("/v1/search", asked)).json()
    assert found["query"] == "my SSN is [US_SSN#1], which valves turn?"
    assert found["vectors"] is False
    (result,) = found["results"]
    assert (result["document_ref"], result["locator"], result["scores"]["vectors"]) == ("manual-7", {"line": 7}, None)
    assert result["text"] == "Turning the valve closes the pipe."
    for filters, there in (({"document_refs": ["manual-7"]}, 1), ({"from_us": 0}, 0), ({}, 1)):
        some = (await alice.post("/v1/search", asked | {"filters": filters, "group": "document"})).json()
        assert len(some["results"]) == there, filters
    for wrong in ({"from_us": 2, "to_us": 2}, {"metadata": {"a": "\0"}}, {"metadata": {"a": []}}, {"document": []}):
        refused = await alice.post("/v1/search", asked | {"filters": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request"), wrong
    tried = [("Which valves turn?", {"manual-7": 3, "gone": 1}), ("Holidays?", {"manual-7": 1})]
    judged = {"questions": [{"question": question, "relevant": relevant} for question, relevant in tried]}
    path = f"/v1/datasets/{dataset['dataset_id']}/evaluate"
    evaluation = (await alice.post(path, judged)).json()
    ndcg = round(3 / (3 + 1 / math.log2(3)) / 2, 4)  # the first of two for one question, and nothing for the other
    assert (evaluation["questions"], evaluation["missing"], evaluation["vectors"]) == (2, 1, None)
    assert (evaluation["words"]["ndcg_at_10"], evaluation["words"]["recall_at_10"]) == (ndcg, 0.25)
    assert (await alice.post(path, {"questions": [judged["questions"][0] | {"relevant": {"a": 0}}]})).status_code == 422
    await alice.http.delete(f"/v1/datasets/{dataset['dataset_id']}")
    assert (await alice.post(path, judged)).json()["code"] == "dataset_not_found"
    assert (await alice.post("/v1/search", {"query": "valve"})).json()["results"] == []
    assert (await alice.post("/v1/search", asked)).json()["code"] == "dataset_not_found"
