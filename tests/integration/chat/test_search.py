"""Segments in Postgres: what a search finds, in which order, and that nothing is left of what is forgotten."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from tests.integration.chat.library import Library, a_library

from sightglass_chat import queries
from sightglass_chat.queries import SegmentRow
from sightglass_common import search as search_of_segments
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.search import VECTORS_WEIGHT, search
from sightglass_common.search_filters import Filters

WORDS = [
    "harbour",
    "lantern",
    "copper",
    "meadow",
    "violin",
    "winter",
    "engine",
    "orchard",
    "pepper",
    "quarry",
    "river",
    "saddle",
    "timber",
    "valley",
]


def texts_of(seed: int, count: int = 30) -> list[str]:
    """Texts of words no two of which have one stem."""
    chance = random.Random(seed)  # a test's
    return [" ".join(chance.choices(WORDS, k=chance.randint(3, 20))) for _ in range(count)]


def vector(seed: int) -> list[float]:
    chance = random.Random(seed)  # a test's
    numbers = [chance.gauss(0, 1) for _ in range(384)]
    length = math.hypot(*numbers)
    return [number / length for number in numbers]


def bm25(texts: Sequence[str], query: str) -> dict[int, float]:
    """By the formula, written anew."""
    bags = [Counter(text.split()) for text in texts]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags)
    scores: defaultdict[int, float] = defaultdict(float)
    for word in set(query.split()):
        holding = [number for number, bag in enumerate(bags) if bag[word]]
        idf = math.log(1 + (len(bags) - len(holding) + 0.5) / (len(holding) + 0.5))
        for number in holding:
            times, length = bags[number][word], sum(bags[number].values())
            scores[number] += idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / mean))
    return dict(scores)


def scaled(scores: dict[int, float]) -> dict[int, float]:
    low, high = min(scores.values()), max(scores.values())
    return {number: (score - low) / (high - low) if high > low else 1.0 for number, score in scores.items()}


async def test_words_are_ranked_by_bm25(library: Library) -> None:
    texts = texts_of(1)
    await library.indexed(texts)
    for query in ("violin", "violin harbour", "copper winter copper pepper", "absent"):
        expected = bm25(texts, query)
        found = await library.found(query, k=100)
        assert {hit.ordinal: pytest.approx(hit.words_score, rel=1e-5) for hit in found} == expected
        assert [hit.words_score for hit in found] == sorted((hit.words_score or 0 for hit in found), reverse=True)


async def test_both_sides_are_scaled_and_weighed(library: Library) -> None:
    texts, vectors = texts_of(2), [vector(seed) for seed in range(30)]
    await library.indexed(texts, vectors)
    asked = vector(99)
    words = scaled(bm25(texts, "river meadow"))
    near = scaled({n: sum(a * b for a, b in zip(asked, one, strict=True)) for n, one in enumerate(vectors)})
    expected = {n: (1 - VECTORS_WEIGHT) * words.get(n, 0) + VECTORS_WEIGHT * near[n] for n in range(30)}
    found = await library.found("river meadow", asked, k=30)
    assert {hit.ordinal: hit.score for hit in found} == pytest.approx(expected, abs=2e-3)  # halves of floats
    assert len(found) == 30


async def test_ranking_is_the_same_whether_others_have_documents_or_not(
    library: Library, admin: Pool, chat_pool: Pool
) -> None:
    await library.indexed(texts_of(3), [vector(seed) for seed in range(30)])
    before = await library.found("violin river", vector(5))
    other = await a_library(admin, chat_pool)
    await other.indexed(["violin " * 20] * 50, [vector(5)] * 50)
    assert await library.found("violin river", vector(5)) == before


async def test_what_another_tenant_has_is_not_found_by_its_ids(library: Library, admin: Pool, chat_pool: Pool) -> None:
    await library.indexed(["violin"], [vector(1)])
    other = await a_library(admin, chat_pool)
    async with tenant_transaction(chat_pool, other.tenant_id) as db:
        assert await search(db, [library.dataset_id], "violin", vector(1), k=10) == []


async def test_nothing_is_left_of_a_document_that_is_forgotten(library: Library) -> None:
    first, second = (
        await library.indexed(texts_of(4), [vector(n) for n in range(30)]),
        await library.indexed(texts_of(5)),
    )
    alone = await library.found("violin river")
    third = await library.indexed(texts_of(6), [vector(n) for n in range(30)])
    await library.forget(third)
    assert await library.found("violin river") == alone
    await library.forget(first)
    await library.forget(second)
    for table in ("segment", "segment_vector", "segment_signs", "posting"):
        assert await library.count(table) == 0, table
    async with library.admin.connection() as db:
        found = await db.execute("SELECT segments, words FROM corpus WHERE tenant_id = %s", [library.tenant_id])
        assert await found.fetchone() == (0, 0)


async def test_of_many_documents_that_come_one_by_one_a_word_has_few_blocks(library: Library) -> None:
    texts, vectors = texts_of(7, 70), [vector(seed) for seed in range(70)]
    ids = [await library.indexed([text], [one]) for text, one in zip(texts, vectors, strict=True)]
    expected = bm25(texts, "violin river")
    found = {hit.document_id: hit.words_score for hit in await library.found("violin river", k=100)}
    assert found == {ids[n]: pytest.approx(score) for n, score in expected.items()}
    async with library.admin.connection() as db:
        found_blocks = await db.execute(
            "SELECT max(blocks), (SELECT count(*) FROM segment_signs WHERE tenant_id = %(tenant)s)"
            " FROM (SELECT count(*) AS blocks FROM posting WHERE tenant_id = %(tenant)s GROUP BY word) AS of_words",
            {"tenant": library.tenant_id},
        )
        most, of_signs = await found_blocks.fetchone() or (0, 0)
    assert most < 16 < max(sum(word in text.split() for text in texts) for word in WORDS)
    assert of_signs == 1
    for document_id in ids[:-1]:
        await library.forget(document_id)
    assert [hit.document_id for hit in await library.found("violin", vector(69))] == ids[-1:]
    await library.forget(ids[-1])
    assert (await library.count("posting"), await library.count("segment_signs")) == (0, 0)


async def test_what_is_nearest_by_signs_is_compared_and_nothing_else(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = [vector(seed) for seed in range(300)]
    await library.indexed(["violin"] * 300, vectors)
    asked = vector(1000)
    exact = await library.found("", asked, k=10)
    monkeypatch.setattr(search_of_segments, "_COMPARED", 0)
    monkeypatch.setattr(search_of_segments, "_CANDIDATES", 20)
    assert [hit.ordinal for hit in await library.found("", asked, k=10)] == [hit.ordinal for hit in exact]
    monkeypatch.setattr(search_of_segments, "_BY_SIGNS", 1)  # so that some of the best are not among them
    differing = [sum((a > 0) != (b > 0) for a, b in zip(one, asked, strict=True)) for one in vectors]
    by_signs = sorted(range(300), key=lambda n: (differing[n], n))[:20]
    found = await library.found("", asked, k=20)
    assert {hit.ordinal for hit in found} == set(by_signs)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


@pytest.mark.parametrize("by_signs", [False, True])
async def test_under_filters_there_are_as_many_as_there_are(
    library: Library, monkeypatch: pytest.MonkeyPatch, by_signs: bool
) -> None:
    monkeypatch.setattr(search_of_segments, "_CANDIDATES", 2 if by_signs else 100)
    wanted = await library.indexed(["violin"] * 60, [vector(seed) for seed in range(60)])
    await library.indexed(["violin violin river"] * 60, [vector(999)] * 60)  # nearer, and not asked for
    everything = await library.found("violin river", vector(999), k=60)
    assert wanted not in {hit.document_id for hit in everything}
    found = await library.found("violin river", vector(999), k=60, filters=Filters(document_ids=[wanted]))
    assert [hit.document_id for hit in found] == [wanted] * 60
    assert await library.found("violin", vector(1), filters=Filters(document_ids=[])) == []
    one_each = await library.found("violin", vector(1), one_of_each_document=True)
    assert len({hit.document_id for hit in one_each}) == len(one_each) == 2


@pytest.mark.parametrize("hidden", ["served_rules = '0.0'", "served = NULL", "status = 'deleting', served = NULL"])
async def test_what_is_hidden_takes_no_places_of_what_is_shown(
    library: Library, monkeypatch: pytest.MonkeyPatch, hidden: LiteralString
) -> None:
    monkeypatch.setattr(search_of_segments, "_CANDIDATES", 10)
    better = await library.indexed(["violin violin river"] * 40, [vector(999)] * 40)
    shown = await library.indexed(["violin"] * 12, [vector(seed) for seed in range(12)])
    assert {hit.document_id for hit in await library.found("violin river", vector(999))} == {better}
    async with library.admin.connection() as db:
        await db.execute(sql.SQL("UPDATE document SET {} WHERE document_id = %s").format(sql.SQL(hidden)), [better])
    found = await library.found("violin river", vector(999))
    assert [hit.document_id for hit in found] == [shown] * 10


async def test_filters_are_of_the_document_or_of_the_place_in_a_video(library: Library) -> None:
    film, other = uuid4(), uuid4()
    ids = {ref: await library.document(ref=ref) for ref in ("text", "film", "other")}
    places = {
        "text": [{"line": 1}],
        "film": [{"kind": "video", "video_id": str(film), "start_us": n * 10, "end_us": n * 10 + 10} for n in range(3)],
        "other": [{"kind": "video", "video_id": str(other), "start_us": 0, "end_us": 10}],
    }
    async with tenant_transaction(library.chat, library.tenant_id) as db:
        for ref, locators in places.items():
            rows = [SegmentRow(ids[ref], n, "", "violin", locator, None) for n, locator in enumerate(locators)]
            await queries.add(db, library.tenant_id, library.dataset_id, "english", rows)
        await queries.serve(db, {ids[ref]: len(locators) for ref, locators in places.items()})
    async with library.admin.connection() as db:
        await db.execute("UPDATE document SET metadata = '{\"page\": 1}' WHERE document_id = %s", [ids["text"]])

    async def found(**filters: Any) -> list[tuple[str | None, int]]:
        return [(hit.ref, hit.ordinal) for hit in await library.found("violin", filters=Filters(**filters))]

    everything = [("text", 0), ("film", 0), ("film", 1), ("film", 2), ("other", 0)]
    assert await found(source_ids=[library.source_id]) == everything
    assert await found(source_ids=[uuid4()]) == []
    assert await found(document_refs=["text", "other"]) == [("text", 0), ("other", 0)]
    assert await found(metadata={"page": 1}) == [("text", 0)]
    assert await found(video_ids=[film], from_us=10, to_us=20) == [("film", 1)]
    assert await found(from_us=9, to_us=11) == [("film", 0), ("film", 1), ("other", 0)]
    assert await found(to_us=10) == [("film", 0), ("other", 0)]


async def test_without_vectors_words_alone_decide(library: Library) -> None:
    await library.indexed(["violin", "river"])
    (hit,) = await library.found("violin")
    assert (hit.ordinal, hit.score, hit.vectors_score) == (0, 1.0, None)
    assert await library.found("absent") == []
    assert await library.found("") == []


async def test_chat_cannot_read_what_is_in_clear(chat_pool: Pool, library: Library) -> None:
    tables = dict.fromkeys(("screen_text", "image_reading", "upload", "finding", "api_key"), "*")
    for table, column in {**tables, "source": "filename"}.items():
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL("1") if column == "*" else sql.Identifier(column), sql.Identifier(table)
        )
        async with tenant_transaction(chat_pool, library.tenant_id) as db:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await db.execute(query)
