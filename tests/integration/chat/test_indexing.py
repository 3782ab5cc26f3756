"""Redacted documents become segments: all of them, once, and only what is redacted."""

from typing import Any

import pytest
from tests.integration.chat.library import Library

from sightglass_chat import indexing, queries
from sightglass_chat.redacting import redacted
from sightglass_common.db import tenant_transaction
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
    (question,) = model.embed([redacted("When is a bill settled?")])
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
        await db.execute("UPDATE document SET status = 'read' WHERE tenant_id = %s", [library.tenant_id])
        await db.execute(
            "UPDATE content SET passages = %s WHERE tenant_id = %s",
            ['[{"text": "The dog sleeps.", "locator": {}}]', library.tenant_id],
        )
    assert await library.index() == "done"
    assert (await library.count("segment"), await library.count("posting")) == (1, before)
    assert await library.found("cat") == []
    assert len(await library.found("dog")) == 1


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
