"""Documents are deleted with every trace, read anew, and withheld meanwhile: over HTTP, with the services behind it."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from psycopg import sql
from tests.integration.api.people import Person, a_tenant
from tests.integration.api.test_datasets import a_dataset, documents_sent
from tests.integration.api.upkeep import Upkeep, services
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api.datasets.renewing import Renewer
from sightglass_common.db import Db, Pool
from sightglass_scanner.deleting import handler, queries

RECORDS = b"\n".join(
    json.dumps(
        {"id": f"{name}-ref", "title": f"On {name}", "text": f"The {name} opens the valve of hall {n}."}
    ).encode()
    for n, name in enumerate(["walrus", "heron", "badger", "otter", "lynx"])
)


class Killed(BaseException):
    """The scanner is gone."""


@pytest.fixture(scope="module")
async def upkeep(admin: Pool, database: Database, aws: Aws, s3: S3Client) -> AsyncGenerator[Upkeep]:
    async with services(admin, database, aws, s3) as upkeep:
        yield upkeep


@pytest.fixture
async def owner(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


async def sent(person: Person, upkeep: Upkeep, *bodies: tuple[bytes, str]) -> tuple[str, list[dict[str, Any]]]:
    """A dataset into which files have come: its path, and what was begun for each."""
    path = f"/v1/datasets/{(await a_dataset(person))['dataset_id']}"
    begun = [await documents_sent(person, path.rpartition("/")[2], body, name) for body, name in bodies]
    await upkeep.work(person.tenant_id)
    return path, begun


async def found(person: Person, word: str) -> list[str]:
    results = (await person.post("/v1/search", {"query": word})).json()["results"]
    return [one["text"] for one in results]


async def asked(person: Person, upkeep: Upkeep, question: str) -> str:
    """A question that is answered; the path of its turn."""
    conversation = (await person.post("/v1/conversations")).json()["conversation_id"]
    path = f"/v1/conversations/{conversation}/turns"
    turn = (await person.post(path, {"question": question})).json()["turn_id"]
    await upkeep.work(person.tenant_id)
    return f"{path}/{turn}"


async def documents(person: Person, path: str, **wanted: str) -> dict[str, dict[str, Any]]:
    listed = (await person.get(f"{path}/documents", params=wanted)).json()["items"]
    return {one["document_ref"] or one["document_id"]: one for one in listed}


async def test_of_a_deleted_document_nothing_is_left_and_it_does_not_come_back(owner: Person, upkeep: Upkeep) -> None:
    path, (begun,) = await sent(owner, upkeep, (RECORDS, "a.jsonl"))
    turns = [await asked(owner, upkeep, "What does the walrus open?"), await asked(owner, upkeep, "Is the heron here?")]
    assert (await owner.get(turns[0])).json()["answer"].startswith("The walrus opens")
    walrus = (await documents(owner, path))["walrus-ref"]["document_id"]
    gone = await owner.http.delete(f"{path}/documents/{walrus}")
    assert gone.status_code == 204
    assert await found(owner, "walrus") == []
    assert (await owner.get(f"{path}/documents/{walrus}")).status_code == 404
    assert (await owner.http.delete(f"{path}/documents/{walrus}")).status_code == 404
    assert await upkeep.work(owner.tenant_id) == ["contents-to-delete"]
    assert (await owner.get(gone.headers["Location"])).json()["status"] == "done"
    assert await upkeep.tables_with(owner.tenant_id, "walrus opens") == set()
    # What was asked is the asker's own word.
    assert await upkeep.tables_with(owner.tenant_id, "walrus") <= {"turn", "conversation"}
    turn = (await owner.get(turns[0])).json()
    assert (turn["answer"], turn["citations"]) == (None, [{"n": 1, "deleted": True}])
    stream = (await owner.get(f"{turns[0]}/events")).text
    assert "opens" not in "".join(line for line in stream.splitlines() if "walrus" in line)
    assert await found(owner, "heron") == ["The heron opens the valve of hall 1."]
    await owner.post(f"{path}/reindex")
    await upkeep.work(owner.tenant_id)
    assert sorted(await documents(owner, path)) == ["badger-ref", "heron-ref", "lynx-ref", "otter-ref"]
    again = await documents_sent(owner, path.rpartition("/")[2], RECORDS, "b.jsonl")
    await upkeep.work(owner.tenant_id)
    assert (await documents(owner, path, source_id=again["source_id"])).keys() >= {"walrus-ref", "heron-ref"}
    assert begun["document_ids"] == []


async def test_of_what_models_told_nothing_is_left_where_a_document_is_deleted_that_they_were_given(
    owner: Person, upkeep: Upkeep
) -> None:
    path, _ = await sent(owner, upkeep, (RECORDS, "a.jsonl"))
    written, begun, begun_anew = [await asked(owner, upkeep, "What does the walrus open?") for _ in range(3)]
    changes = {
        written: """usage = usage || '{"generated": true}', citations = '[]', answer = 'Otters.'""",
        begun: "answer = NULL, citations = '[]'",
        begun_anew: "citations = '[]', answer = 'Otters.'",
    }
    async with upkeep.admin.connection() as db, db.transaction():
        for turn, change in changes.items():
            ids = {"turn_id": turn.rpartition("/")[2]}
            query = sql.SQL("UPDATE turn SET {} WHERE turn_id = %(turn_id)s").format(sql.SQL(change))  # pyright: ignore[reportArgumentType] - the tests' own strings
            await db.execute(query, ids)
            await db.execute("DELETE FROM turn_event WHERE turn_id = %(turn_id)s AND kind <> 'retrieval'", ids)
            kinds = "(50, 'delta'), (51, 'reset'), (52, 'retrieval')" if turn is begun_anew else "(50, 'delta')"
            query = sql.SQL(
                "INSERT INTO turn_event (tenant_id, turn_id, number, kind, data)"
                """ SELECT tenant_id, turn_id, number, kind, '{{"text": "It opens a valve.", "results": []}}'"""
                " FROM turn, (VALUES {}) AS v (number, kind) WHERE turn_id = %(turn_id)s"
            ).format(sql.SQL(kinds))  # pyright: ignore[reportArgumentType] - the tests' own strings
            await db.execute(query, ids)
            after = "UPDATE turn_event SET data = data - 'text' WHERE turn_id = %(turn_id)s AND kind <> 'delta'"
            await db.execute(after, ids)
    walrus = (await documents(owner, path))["walrus-ref"]["document_id"]
    await owner.http.delete(f"{path}/documents/{walrus}")
    await upkeep.work(owner.tenant_id)
    assert "turn_event" not in await upkeep.tables_with(owner.tenant_id, "opens a valve")
    answers = [(await owner.get(turn)).json()["answer"] for turn in (written, begun, begun_anew)]
    assert answers == [None, None, "Otters."]


@pytest.mark.parametrize("survives", [0, 1, 3, 5, 7])
async def test_a_source_whose_removal_is_killed_is_removed_by_the_next_attempt(
    owner: Person, upkeep: Upkeep, survives: int, s3: S3Client, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "_DOCUMENTS", 2)
    path, (begun, kept) = await sent(owner, upkeep, (RECORDS, "walrus.jsonl"), (b"The beaver stays.", "beaver.txt"))
    await asked(owner, upkeep, "What does the walrus open?")
    key = f"tenants/{owner.tenant_id}/uploads/{begun['upload_id']}"
    assert (await s3.head_object(Bucket=aws.bucket, Key=key))["ContentLength"] == len(RECORDS)
    assert (await owner.http.delete(f"{path}/sources/{begun['source_id']}")).status_code == 204
    assert (await owner.get(f"{path}/sources/{begun['source_id']}")).json()["state"] == "deleting"
    assert [await found(owner, name) for name in ("walrus", "lynx")] == [[], []]
    calls = 0

    def killing(name: str) -> None:
        real = getattr(queries, name)

        async def called(db: Db, *given: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == survives + 1:
                raise Killed
            return await real(db, *given)

        monkeypatch.setattr(queries, name, called)

    for name in ("mark", "withdraw", "remove", "remove_sources"):
        killing(name)
    with pytest.raises(Killed):
        await upkeep.work(owner.tenant_id)
    async with upkeep.admin.connection() as db:
        again = await db.execute(
            "UPDATE job SET lease_until = now() WHERE tenant_id = %s AND kind = 'deleting' RETURNING message::text",
            [owner.tenant_id],
        )
        ((body,),) = await again.fetchall()
    await upkeep.deliver("contents-to-delete", body)
    assert await upkeep.tables_with(owner.tenant_id, "valve of hall") == set()
    assert "segment" not in await upkeep.tables_with(owner.tenant_id, "lynx")
    assert (await owner.get(f"{path}/sources/{begun['source_id']}")).status_code == 404
    assert (await owner.get(f"/v1/uploads/{begun['upload_id']}")).status_code == 404
    with pytest.raises(s3.exceptions.ClientError):
        await s3.head_object(Bucket=aws.bucket, Key=key)
    assert await found(owner, "beaver") == ["The beaver stays."]
    assert [one["source_id"] for one in (await owner.get(f"{path}/sources")).json()["items"]] == [kept["source_id"]]


async def test_of_a_deleted_dataset_no_row_is_left(owner: Person, upkeep: Upkeep) -> None:
    path, _ = await sent(owner, upkeep, (RECORDS, "walrus.jsonl"), (b"The beaver stays.", "walrus.txt"))
    await owner.post(f"{path}/documents", {"filename": "walrus.md", "content_type": "text/plain", "size_bytes": 1})
    await owner.http.delete(path)
    await upkeep.work(owner.tenant_id)
    for word in ("walrus", "valve", "beaver"):
        assert await upkeep.tables_with(owner.tenant_id, word) == set()
    kept = {"tenant", "api_key", "job", "processed"}
    assert await upkeep.tables_with(owner.tenant_id, str(owner.tenant_id)) == kept


async def test_a_file_that_is_one_document_goes_with_it(owner: Person, upkeep: Upkeep) -> None:
    path, (begun,) = await sent(owner, upkeep, (b"The beaver stays.", "beaver.txt"))
    assert (await owner.http.delete(f"{path}/documents/{begun['source_id']}")).status_code == 204
    await upkeep.work(owner.tenant_id)
    assert await upkeep.tables_with(owner.tenant_id, "beaver") == set()
    assert (await owner.get(f"{path}/sources")).json()["items"] == []


async def test_a_message_that_names_what_is_not_deleted_removes_nothing(owner: Person, upkeep: Upkeep) -> None:
    path, (begun,) = await sent(owner, upkeep, (b"The beaver stays.", "beaver.txt"))
    await owner.http.delete(f"{path}/documents/{begun['source_id']}")
    async with upkeep.admin.connection() as db:
        await db.execute("UPDATE source SET deleted_at = NULL WHERE source_id = %s", [begun["source_id"]])
    await upkeep.work(owner.tenant_id)
    assert await found(owner, "beaver") == ["The beaver stays."]


async def test_a_document_that_is_read_anew_is_found_meanwhile_and_once(owner: Person, upkeep: Upkeep) -> None:
    path, (begun,) = await sent(owner, upkeep, (b"The beaver stays.", "beaver.txt"))
    again = await owner.post(f"{path}/documents/{begun['source_id']}/reindex")
    assert (again.status_code, again.headers["Location"]) == (202, f"/v1/jobs/{again.json()['job_id']}")
    assert await found(owner, "beaver") == ["The beaver stays."]
    assert await upkeep.work(owner.tenant_id) == ["sources-to-scan", "contents-to-index"]
    assert await found(owner, "beaver") == ["The beaver stays."]
    assert (await owner.get(f"/v1/jobs/{again.json()['job_id']}")).json()["status"] == "done"
    whole = await owner.post(f"{path}/reindex")
    assert await upkeep.work(owner.tenant_id) == ["datasets-to-read", "sources-to-scan", "contents-to-index"]
    assert (await owner.get(whole.headers["Location"])).json()["status"] == "done"
    assert await found(owner, "beaver") == ["The beaver stays."]


async def test_what_is_redacted_by_less_than_is_asked_for_is_withheld_and_then_read_anew(
    owner: Person, upkeep: Upkeep, relay_pool: Pool
) -> None:
    renewer = Renewer(relay_pool)
    path, (begun,) = await sent(owner, upkeep, (b"The beaver B-123456 stays.", "beaver.txt"))
    await renewer.run_once()
    assert await upkeep.work(owner.tenant_id) == []
    raised = {"min_confidence_of": {"email": 0.9}}
    assert (await owner.http.put("/v1/detection-settings", json=raised)).status_code == 200
    assert len(await found(owner, "beaver")) == 1
    new = {"detector_id": "badge", "pattern": "B-[0-9]{6}"}
    assert (await owner.post("/v1/detectors", new)).status_code == 201
    answer = (await owner.post("/v1/search", {"query": "beaver"})).json()
    assert (answer["results"], answer["withheld"]) == ([], 1)
    document = (await owner.get(f"{path}/documents/{begun['source_id']}")).json()
    assert (document["withheld"], document["withheld_reason"]) == (True, "settings_changed")
    assert (await owner.get(path)).json()["withheld"] == 1
    assert (await owner.get(f"{path}/sources/{begun['source_id']}")).json()["withheld"] == 1
    for _ in range(2):
        await renewer.run_once()
    assert await upkeep.work(owner.tenant_id) == ["datasets-to-read", "sources-to-scan", "contents-to-index"]
    assert await found(owner, "beaver") == ["The beaver [BADGE#1] stays."]
    assert (await owner.get(path)).json()["withheld"] == 0
    lowered = {"min_confidence_of": {"email": 0.4}}
    await owner.http.put("/v1/detection-settings", json=lowered)
    assert await found(owner, "beaver") == []
