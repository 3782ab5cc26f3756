"""Videos of datasets: each a document of its newest exact analysis, however often and whenever it is asked for."""

import asyncio
from typing import Any

import pytest
from psycopg import sql
from tests.integration.scanner.films import SECOND, a_cinema, a_video, an_analysis, asked, read, take_out
from tests.integration.scanner.shelf import Shelf
from tests.integration.scanner.yard import Yard
from tests.stack import Database

from sightglass_api.datasets import video_queries
from sightglass_common.db import tenant_transaction
from sightglass_common.errors import JobOver
from sightglass_common.outcomes import Done, Retry
from sightglass_common.tracing import Trace
from sightglass_common.video_source_queries import changing, have_film_read
from sightglass_scanner.films import queries

SSN = "219-09-9182"  # of this file alone: the tables are searched for it
READABLE = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public'
      AND has_column_privilege('sightglass_chat', format('public.%I', table_name), column_name, 'SELECT')
"""


async def said(shelf: Shelf, document: dict[str, Any]) -> list[str]:
    return [passage["text"] for passage in await shelf.passages(document["document_id"])]


async def test_a_film_is_a_document_of_its_scenes_without_its_values(yard: Yard) -> None:
    video_id = await a_video(yard, f"of {SSN}.mp4")
    analysis_id = await an_analysis(yard, video_id, ["Opening hours", f"SSN {SSN}"], ["Nine to five"], label="boat")
    shelf, source_id = await a_cinema(yard, [video_id])
    (envelope,) = await asked(yard)
    assert await shelf.deliver(envelope) == Done()
    (document,) = await shelf.documents()
    assert (document["ref"], document["video_id"], document["analysis_id"]) == (str(video_id), video_id, analysis_id)
    assert (document["title"], document["status"]) == ("of [US_SSN#1].mp4", "read")
    assert document["redactions"] >= 2
    assert (document["threshold"], len(document["detectors"]), document["source_id"]) == (0.5, 32, source_id)
    assert await said(shelf, document) == [
        "Opening hours", "SSN [US_SSN#1]", "Shows boat.", "Nothing moves.", "Nine to five", "Nothing moves.",
    ]  # fmt: skip
    assert (await shelf.passages(document["document_id"]))[4]["locator"] == {
        "kind": "video", "video_id": str(video_id), "analysis_id": str(analysis_id), "scene": 1,
        "start_us": 5 * SECOND, "end_us": 10 * SECOND, "box": [0.1, 0.1, 0.5, 0.04],
    }  # fmt: skip
    (message,) = await shelf.handed_on()
    assert (message.job_id, message.source_id) == (envelope.message.job_id, source_id)
    assert isinstance(await shelf.deliver(envelope), Retry | JobOver)
    assert await shelf.documents() == [document]


async def test_what_a_screen_shows_is_in_no_column_that_chat_can_read(yard: Yard) -> None:
    video_id = await a_video(yard, f"of {SSN}.mp4")
    await an_analysis(yard, video_id, [f"SSN {SSN}"], label=f"ssn {SSN}")
    shelf, _ = await a_cinema(yard, [video_id])
    await read(shelf)
    async with yard.admin.connection() as db:
        found = await db.execute(READABLE)
        readable = await found.fetchall()
        assert ("content", "passages") in readable
        assert {"screen_text", "scene_label", "scene", "video", "analysis"}.isdisjoint({table for table, _ in readable})
        for table, column in readable:
            told = sql.SQL("SELECT count(*) FROM {} AS r WHERE r.{}::text LIKE %s").format(
                sql.Identifier(table), sql.Identifier(column)
            )
            assert await (await db.execute(told, [f"%{SSN}%"])).fetchone() == (0,), f"{table}.{column}"


async def test_a_newer_exact_analysis_takes_the_place_and_a_preview_or_a_failed_one_does_not(yard: Yard) -> None:
    video_id = await a_video(yard)
    shelf, _ = await a_cinema(yard)
    await an_analysis(yard, video_id, ["A preview"], tier="preview")
    assert await read(shelf) == []
    await an_analysis(yard, video_id, ["Old words"])
    await ended(yard, shelf)
    (old,) = await read(shelf)
    newest = await an_analysis(yard, video_id, ["New words"], status="partial")
    await an_analysis(yard, video_id, ["A preview"], tier="preview")
    await an_analysis(yard, video_id, ["Half a result"], status="failed")
    await ended(yard, shelf)
    (new,) = await read(shelf)
    assert (new["document_id"], new["analysis_id"]) == (old["document_id"], newest)
    assert await said(shelf, new) == ["New words", "Nothing moves."]
    assert new["reading"] == old["reading"] + 1
    await ended(yard, shelf)
    assert await read(shelf) == [new], "what was read of it is not read again"


async def ended(yard: Yard, shelf: Shelf) -> None:
    """Ask as who has changed something does."""
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await video_queries.have_read(db, yard.tenant_id, shelf.dataset_id, trace=Trace.new())


async def test_who_reads_an_older_analysis_and_is_late_changes_nothing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await a_video(yard)
    await an_analysis(yard, video_id, ["Old words"])
    shelf, _ = await a_cinema(yard, [video_id])
    looked, (late,) = queries.scenes, await asked(yard)

    async def overtaken(*given: Any) -> Any:
        monkeypatch.setattr(queries, "scenes", looked)
        await an_analysis(yard, video_id, ["New words"])
        await ended(yard, shelf)
        await read(shelf)
        return await looked(*given)

    monkeypatch.setattr(queries, "scenes", overtaken)
    assert await shelf.deliver(late) == Done()
    (document,) = await shelf.documents()
    assert await said(shelf, document) == ["New words", "Nothing moves."]


async def test_a_video_that_is_taken_out_while_it_is_read_does_not_come(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id, other = await a_video(yard), await a_video(yard)
    for one in (video_id, other):
        await an_analysis(yard, one, ["Some words"])
    shelf, _ = await a_cinema(yard)
    looked, (envelope,) = queries.scenes, await asked(yard)

    async def taken_out(*given: Any) -> Any:
        monkeypatch.setattr(queries, "scenes", looked)
        await take_out(shelf, video_id)
        return await looked(*given)

    monkeypatch.setattr(queries, "scenes", taken_out)
    await shelf.deliver(envelope)
    assert [row["video_id"] for row in await shelf.documents()] == [other]
    await read(shelf)
    assert [row["video_id"] for row in await shelf.documents()] == [other]


async def test_what_was_taken_out_and_added_again_is_read_again(yard: Yard) -> None:
    video_id = await a_video(yard)
    await an_analysis(yard, video_id, ["Some words"])
    shelf, _ = await a_cinema(yard)
    await read(shelf)
    await take_out(shelf, video_id)
    (hidden,) = await read(shelf)
    assert (hidden["status"], hidden["ref"], hidden["served"]) == ("deleting", None, None)
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await video_queries.add(db, shelf.dataset_id, [video_id])
    await ended(yard, shelf)
    (back,) = [row for row in await read(shelf) if row["document_id"] != hidden["document_id"]]
    assert (back["status"], back["video_id"]) == ("read", video_id)


async def test_killed_between_two_films_the_next_attempt_reads_the_one_that_is_left(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await an_analysis(yard, await a_video(yard), ["Some words"])
    shelf, _ = await a_cinema(yard)
    (envelope,) = await asked(yard)
    stored, calls = queries.put, 0

    async def killed(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise MemoryError
        return await stored(*given)

    monkeypatch.setattr(queries, "put", killed)
    assert isinstance(await shelf.deliver(envelope), Retry)
    assert len(before := await shelf.documents()) == 1
    monkeypatch.setattr(queries, "put", stored)
    assert await shelf.deliver(envelope) == Done()
    after = await shelf.documents()
    assert len(after) == 2
    assert before[0] in after


async def test_the_end_of_an_analysis_asks_the_datasets_that_hold_its_video_and_no_other(
    yard: Yard, database: Database
) -> None:
    held, free = await a_video(yard), await a_video(yard)
    one, other = await an_analysis(yard, held, ["Some words"]), await an_analysis(yard, free, ["Some words"])
    _, of_all = await a_cinema(yard)
    chosen, of_chosen = await a_cinema(yard, [held], "chosen")
    await take_out(chosen, held)
    again, of_again = await a_cinema(yard, [held], "again")
    await asked(yard)
    async with database.pool("worker") as worker:
        for analysis_id in (one, other):
            async with tenant_transaction(worker, yard.tenant_id) as db:
                await have_film_read(db, yard.tenant_id, analysis_id, source="worker", trace=Trace.new())
    sources = sorted(envelope.message.source_id for envelope in await asked(yard))
    assert sources == sorted([of_all, of_all, of_again])
    assert of_chosen not in sources
    assert again.dataset_id != chosen.dataset_id


async def test_of_an_end_and_an_adding_at_once_one_sees_the_other(yard: Yard, database: Database) -> None:
    """The end waits until the adding is over: it would not see the video in the dataset before."""
    video_id = await a_video(yard)
    analysis_id = await an_analysis(yard, video_id, ["Some words"])
    _, source_id = await a_cinema(yard)
    await asked(yard)
    async with database.pool("worker") as worker:

        async def end() -> None:
            async with tenant_transaction(worker, yard.tenant_id) as db:
                await have_film_read(db, yard.tenant_id, analysis_id, source="worker", trace=Trace.new())

        async with tenant_transaction(yard.api, yard.tenant_id) as db:
            await changing(db)
            waiting = asyncio.create_task(end())
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            assert not done
        await waiting
    assert [envelope.message.source_id for envelope in await asked(yard)] == [source_id]
