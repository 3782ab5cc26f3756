"""Redacted documents become segments: all of them, once, and only what is redacted."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.chat.library import Library

from sightglass_chat import indexing, queries
from sightglass_chat.redacting import redacted
from sightglass_common import redaction_queries
from sightglass_common.db import tenant_transaction
from sightglass_detect import Settings
from sightglass_retrieval.minilm import MiniLM


def passages(*texts: str) -> list[dict[str, Any]]:
    return [{"text": text, "locator": {"kind": "text", "line": number}} for number, text in enumerate(texts, 1)]


async def documents(library: Library) -> list[tuple[str, int]]:
    async with library.admin.connection() as db:
        found = await db.execute(
            "SELECT status, segments FROM document WHERE tenant_id = %s ORDER BY document_id", [library.tenant_id]
        )
        return await found.fetchall()


async def test_documents_are_found_by_words_and_by_meaning(library: Library, model: MiniLM) -> None:
    await library.document(passages("The cat sleeps on the warm windowsill."), title="Pets", ref="pets")
    await library.document(passages("Invoices are paid within thirty days."), title="Payments", ref="pay")
    assert await library.index(model=model) == "done"
    assert await documents(library) == [("ready", 1), ("ready", 1)]
    (question,) = model.embed([redacted("When is a bill settled?", Settings())])
    first = (await library.found("When is a bill settled?", question.tolist()))[0]
    assert (first.ref, first.title, first.locator["line"]) == ("pay", "Payments", 1)
    by_title = await library.found("pets")
    assert [hit.ref for hit in by_title] == ["pets"]


async def test_without_a_model_words_are_indexed_alone(library: Library) -> None:
    await library.document(passages("The cat sleeps."))
    assert await library.index() == "done"
    assert await library.count("segment_vector") == 0
    assert len(await library.found("cat")) == 1


async def test_a_document_of_many_segments_is_indexed_whole(library: Library) -> None:
    await library.document(passages(*(f"Chapter {n} tells of the {n}th voyage. " * 40 for n in range(80))))
    assert await library.index() == "done"
    ((status, segments),) = await documents(library)
    assert (status, await library.count("segment")) == ("ready", segments)
    assert segments > 2 * indexing._SEGMENTS  # so that it takes several transactions
    async with library.admin.connection() as db:
        found = await db.execute(
            "SELECT min(ordinal), max(ordinal) FROM segment WHERE tenant_id = %s", [library.tenant_id]
        )
        assert await found.fetchone() == (0, segments - 1)


async def test_indexed_again_it_is_there_once(library: Library) -> None:
    await library.document(passages("The cat sleeps."), ref="pets")
    await library.index()
    before = await library.count("posting")
    async with library.admin.connection() as db:
        await db.execute(
            "UPDATE document SET status = 'read', reading = reading + 1 WHERE tenant_id = %s", [library.tenant_id]
        )
        await db.execute(
            "UPDATE content SET passages = %s WHERE tenant_id = %s",
            ['[{"text": "The dog sleeps.", "locator": {}}]', library.tenant_id],
        )
    assert await library.index() == "done"
    assert (await library.count("segment"), await library.count("posting")) == (1, before)
    assert await library.found("cat") == []
    assert len(await library.found("dog")) == 1


async def read_anew(library: Library, *texts: str, rules: str = "1.0") -> None:
    """As the scanner leaves the documents of a source that it has read once more."""
    async with library.admin.connection() as db, db.transaction():
        await db.execute(
            "UPDATE document SET status = 'read', reading = reading + 1, rules = %s WHERE tenant_id = %s",
            [rules, library.tenant_id],
        )
        await db.execute(
            "UPDATE content SET passages = %s WHERE tenant_id = %s", [json.dumps(passages(*texts)), library.tenant_id]
        )


async def test_what_was_read_before_is_found_until_all_of_what_takes_its_place_is_stored(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.document(passages("The cat sleeps."))
    await library.index()
    await read_anew(library, *["The dog sleeps. " * 60] * 70)

    async def dies(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(queries, "serve", dies)
        assert await library.index() == "queued"
    assert [hit.text for hit in await library.found("cat dog")] == ["The cat sleeps."]
    assert await library.index() == "done"
    assert await library.found("cat") == []
    assert len(await library.found("dog", k=1000)) == await library.count("segment") > 2 * indexing._SEGMENTS


async def test_what_is_read_anew_or_deleted_while_it_is_indexed_is_not_searched_as_it_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.document(passages("The cat sleeps."))
    looked_at = queries.held

    async def meanwhile(*given: Any) -> set[Any]:
        monkeypatch.undo()
        await read_anew(library, "The dog sleeps.")
        return await looked_at(*given)

    monkeypatch.setattr(queries, "held", meanwhile)
    assert await library.index() == "done"
    assert (await library.found("cat"), len(await library.found("dog"))) == ([], 1)
    assert await library.count("segment") == 1


async def test_a_source_that_another_job_reads_anew_is_left_to_that(library: Library) -> None:
    await library.document(passages("The cat sleeps."))
    async with library.admin.connection() as db:
        other = "INSERT INTO job SELECT (jsonb_populate_record(j, %s)).* FROM job j WHERE job_id = %s"
        await db.execute(other, [json.dumps({"job_id": str(uuid4())}), library.job_id])
        await db.execute(
            "UPDATE source SET job_id = (SELECT job_id FROM job WHERE tenant_id = %(t)s AND job_id <> %(j)s)"
            " WHERE tenant_id = %(t)s",
            {"t": library.tenant_id, "j": library.job_id},
        )
    await library.index()
    assert await library.count("segment") == 0


async def test_what_is_redacted_by_other_rules_is_withheld_until_it_is_read_anew(
    library: Library, other: Library
) -> None:
    for one in (library, other):
        await one.document(passages("The cat sleeps."))
        await one.index()
    async with library.admin.connection() as db:
        await db.execute(
            "INSERT INTO detection_setting (tenant_id, settings, generation) VALUES (%s, '{}', 1)", [library.tenant_id]
        )
    async with tenant_transaction(library.chat, library.tenant_id) as db:
        assert await redaction_queries.withheld(db, [library.dataset_id]) == 1
    assert (await library.found("cat"), len(await other.found("cat"))) == ([], 1)
    turn = await library.ask("What does the cat do?")
    assert (turn["answered"], turn["events"][0]["data"]) == (False, {"results": [], "withheld": 1})
    await read_anew(library, "The cat sleeps.", rules="1.1")
    await library.index()
    assert len(await library.found("cat")) == 1


async def test_an_attempt_that_is_killed_leaves_what_the_next_one_completes(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await library.document(passages(*[f"Voyage {number} was long. " * 40] * 70))
    stored = queries.add
    calls = 0

    async def dies(*given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise MemoryError
        await stored(*given)

    monkeypatch.setattr(queries, "add", dies)
    assert await library.index() == "queued"
    assert {status for status, _ in await documents(library)} == {"ready", "read"}
    monkeypatch.undo()
    assert await library.index() == "done"
    assert await library.count("segment") == sum(segments for _, segments in await documents(library))
    assert len(await library.found("voyage", k=1000)) == await library.count("segment")


async def test_what_the_scanner_has_left_is_replaced_before_it_is_indexed(library: Library) -> None:
    await library.document(passages("Her SSN is 536-22-4399."), title="SSN 536-22-4399")
    await library.index()
    async with tenant_transaction(library.chat, library.tenant_id) as db:
        found = await db.execute("SELECT text FROM segment")
        assert await found.fetchall() == [("Her SSN is [US_SSN#1].",)]
    assert await library.found("4399") == []


async def test_a_source_with_documents_that_were_skipped_is_partial(library: Library) -> None:
    await library.document(passages("The cat sleeps."))
    broken = await library.document()
    async with library.admin.connection() as db:
        await db.execute(
            "UPDATE document SET status = 'skipped', reason = 'encrypted' WHERE document_id = %s", [broken]
        )
    assert await library.index() == "partial"


async def test_of_a_dataset_that_is_deleted_nothing_is_indexed(library: Library) -> None:
    await library.document(passages("The cat sleeps."))
    async with library.admin.connection() as db:
        await db.execute("UPDATE dataset SET deleted_at = now() WHERE dataset_id = %s", [library.dataset_id])
    assert await library.index() == "done"
    assert await library.count("segment") == 0
