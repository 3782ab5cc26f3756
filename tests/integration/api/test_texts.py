"""Texts on screen: masked, in pages, and in clear for nobody here."""

import pytest
from psycopg.errors import InsufficientPrivilege
from tests.integration.api.found import COVERAGE, MASKED, SECRET, find_more
from tests.integration.api.people import Person, a_video, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool, tenant_transaction


@pytest.fixture(scope="module")
async def ids(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    await find_more(admin, ids, texts=5)
    return ids


async def test_a_text_is_shown_masked_with_its_places(alice: Person, ids: dict[str, str]) -> None:
    texts = (await alice.get(f"/v1/videos/{ids['video_id']}/texts")).json()
    assert texts["items"][1] == {
        "number": 1,
        "start_us": 1000,
        "end_us": 1800,
        "text": MASKED,
        "masked": True,
        "confidence": 0.75,
        "spans": [{"start_us": 1000, "end_us": 1800, "box": [0.1, 0.2, 0.3, 0.4]}],
    }
    assert texts["analysis_id"] == ids["analysis_id"]
    assert texts["coverage"] == COVERAGE


async def test_no_answer_holds_a_text_in_clear(alice: Person, ids: dict[str, str]) -> None:
    video, analysis = f"/v1/videos/{ids['video_id']}", f"/v1/analyses/{ids['analysis_id']}"
    for path in (video, analysis, *(f"{video}/{what}" for what in ("texts", "scenes", "overlay", "artifacts"))):
        assert SECRET not in (await alice.get(path)).text


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT clear FROM screen_text",
        "SELECT * FROM screen_text",
        "SELECT screen_text FROM screen_text",
        "SELECT row_to_json(t) FROM screen_text t",
        "SELECT number FROM screen_text WHERE clear LIKE 'h%'",
        "SELECT number FROM screen_text ORDER BY clear",
        "SELECT count(clear) FROM screen_text",
        "DELETE FROM screen_text RETURNING clear",
        "DELETE FROM screen_text WHERE clear LIKE 'h%'",
        "UPDATE screen_text SET masked = clear",
        "COPY screen_text TO STDOUT",
        "CREATE TEMP TABLE mine AS TABLE screen_text",
    ],
)
async def test_the_api_cannot_read_a_text_in_clear_whatever_it_asks(
    api_pool: Pool, alice: Person, ids: dict[str, str], statement: str
) -> None:
    assert ids
    with pytest.raises(InsufficientPrivilege):
        async with tenant_transaction(api_pool, alice.tenant_id) as db:
            await db.execute(statement)  # pyright: ignore[reportArgumentType, reportCallIssue] - the tests' own strings


async def test_texts_come_in_pages_and_in_order(alice: Person, ids: dict[str, str]) -> None:
    path, cursor, numbers = f"/v1/videos/{ids['video_id']}/texts?limit=2", "", list[int]()
    while True:
        page = (await alice.get(path + cursor)).json()
        assert (page["analysis_id"], page["coverage"]) == (ids["analysis_id"], COVERAGE)
        numbers += [text["number"] for text in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert numbers == [0, 1, 2, 3, 4]


async def test_a_video_without_a_result_has_no_texts_yet(alice: Person) -> None:
    ids = await a_video(alice)
    texts = await alice.get(f"/v1/videos/{ids['video_id']}/texts")
    assert texts.json() == {"items": [], "next_cursor": None, "analysis_id": None, "coverage": None}


async def test_where_no_text_was_looked_for_there_is_no_coverage(
    alice: Person, admin: Pool, s3: S3Client, service: Context
) -> None:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    texts = (await alice.get(f"/v1/videos/{ids['video_id']}/texts")).json()
    assert (texts["items"], texts["coverage"], texts["analysis_id"]) == ([], None, ids["analysis_id"])
