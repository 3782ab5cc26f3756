"""Videos in chat: found and cited to the second, replaced and removed whole, and never with what a screen showed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import sql
from tests.integration.chat.library import Library

from sightglass_chat import queries
from sightglass_retrieval.minilm import MiniLM

SECOND = 1_000_000
VIDEO, ANALYSIS = str(uuid4()), str(uuid4())


def line(scene: int, text: str, start: int, end: int, top: float | None = None) -> dict[str, Any]:
    """A line as the scanner stores it."""
    place: dict[str, Any] = {"kind": "video", "video_id": VIDEO, "analysis_id": ANALYSIS, "scene": scene}
    place |= {"start_us": start * SECOND, "end_us": end * SECOND}
    return {"text": text, "locator": place | ({"box": [0.1, top, 0.5, 0.04]} if top is not None else {})}


FILM = [
    line(0, "Welcome to the lighthouse tour.", 0, 12, 0.1),
    line(0, "The keeper climbs two hundred and twelve steps each evening.", 12, 18, 0.5),
    line(0, "Nothing moves.", 0, 20),
    line(1, "The lamp was made in Paris by hand.", 21, 30, 0.3),
]


async def documents(library: Library) -> Sequence[Any]:
    async with library.admin.connection() as db:
        found = await db.execute("SELECT status, segments FROM document WHERE tenant_id = %s", [library.tenant_id])
        return await found.fetchall()


async def change(library: Library, document_id: UUID, changes: sql.SQL) -> None:
    async with library.admin.connection() as db:
        change = sql.SQL("UPDATE document SET {} WHERE document_id = %s").format(changes)
        await db.execute(change, [document_id])


async def test_what_a_film_shows_is_cited_with_its_time_and_its_place_on_the_screen(
    library: Library, model: MiniLM
) -> None:
    await library.document(FILM, title="tour.mp4", ref=VIDEO)
    assert await library.index(model=model) == "done"
    assert await documents(library) == [("ready", 2)]
    turn = await library.ask("How many steps does the keeper climb?", model=model)
    assert turn["answer"].startswith("The keeper climbs two hundred and twelve steps each evening. [1]")
    citation = turn["citations"][0]
    assert (citation["title"], citation["document_ref"]) == ("tour.mp4", VIDEO)
    assert {name: citation[name] for name in ("video_id", "analysis_id", "scene", "start_us", "end_us", "box")} == {
        "video_id": VIDEO, "analysis_id": ANALYSIS, "scene": 0, "start_us": 12 * SECOND, "end_us": 18 * SECOND,
        "box": [0.1, 0.5, 0.5, 0.04],
    }  # fmt: skip
    assert citation["locator"] == {
        "kind": "video", "video_id": VIDEO, "analysis_id": ANALYSIS, "scene": 0, "start_us": 0, "end_us": 20 * SECOND,
        "box": [0.1, 0.1, 0.5, 0.44],
    }  # fmt: skip
    assert [hit.locator["scene"] for hit in await library.found("lamp")] == [1]


async def test_a_film_that_is_taken_out_goes_with_all_that_was_indexed_of_it(library: Library) -> None:
    kept = await library.document([line(0, "A pump stands here.", 0, 5, 0.1)], title="pump.mp4")
    gone = await library.document(FILM, title="tour.mp4", ref=VIDEO)
    await library.index()
    await change(library, gone, sql.SQL("status = 'deleting', served = NULL"))
    assert await library.found("lighthouse") == []
    assert await library.index() == "done"
    assert await library.count("segment") == 1
    async with library.admin.connection() as db:
        words = (
            "SELECT sum(octet_length(entries) / 8), (SELECT segments FROM corpus WHERE tenant_id = %(t)s) FROM posting"
        )
        (count, segments) = await (
            await db.execute(f"{words} WHERE tenant_id = %(t)s", {"t": library.tenant_id})
        ).fetchone() or (0, 0)
    assert segments == 1
    await library.forget(kept)
    assert (count > 0, await library.count("posting")) == (True, 0)


async def test_what_was_cut_of_an_older_reading_is_not_stored(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = await library.document([line(0, "Old words here.", 0, 5, 0.1)])
    cut = queries.passages

    async def overtaken(*given: Any) -> Any:
        monkeypatch.setattr(queries, "passages", cut)
        old = await cut(*given)
        async with library.admin.connection() as db:
            await db.execute(
                'UPDATE content SET passages = \'[{"text": "New words here.", "locator": {}}]\' WHERE document_id = %s',
                [document_id],
            )
        await change(library, document_id, sql.SQL("reading = reading + 1"))
        return old

    monkeypatch.setattr(queries, "passages", overtaken)
    assert await library.index() == "done"
    assert [hit.text for hit in await library.found("words")] == ["New words here."]


async def test_a_document_that_is_taken_out_while_it_is_indexed_does_not_come_back(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = await library.document(FILM)
    cut = queries.passages

    async def taken_out(*given: Any) -> Any:
        monkeypatch.setattr(queries, "passages", cut)
        await change(library, document_id, sql.SQL("status = 'deleting', served = NULL"))
        return await cut(*given)

    monkeypatch.setattr(queries, "passages", taken_out)
    await library.index()
    assert (await library.count("segment"), await library.count("posting")) == (0, 0)
