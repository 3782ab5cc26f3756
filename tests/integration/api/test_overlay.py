"""Overlays and the other files of an analysis, with links that work."""

import httpx
import pytest
from tests.integration.api.found import CHUNK_US, find_more, put_chunks
from tests.integration.api.people import Person, a_video, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool

NAMES = [
    "overlay-00000.json",
    "overlay-00001.json",
    "overlay-00002.json",
    "overlay.vtt",
    "sprite.jpg",
    "storyboard.vtt",
]


@pytest.fixture(scope="module")
async def ids(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    await find_more(admin, ids, chunks=3)
    await put_chunks(s3, service.settings.bucket, ids)
    return ids


async def test_an_overlay_is_chunks_of_time_with_links_that_work(alice: Person, ids: dict[str, str]) -> None:
    overlay = (await alice.get(f"/v1/videos/{ids['video_id']}/overlay")).json()
    assert (overlay["analysis_id"], overlay["chunk_us"], overlay["next_us"]) == (ids["analysis_id"], CHUNK_US, None)
    times = [(chunk["start_us"], chunk["end_us"]) for chunk in overlay["chunks"]]
    assert times == [(0, CHUNK_US), (CHUNK_US, 2 * CHUNK_US), (2 * CHUNK_US, 3 * CHUNK_US - 1000)]
    async with httpx.AsyncClient() as s3:
        assert (await s3.get(overlay["chunks"][0]["url"])).content == b"overlay-00000.json"
        assert (await s3.get(overlay["webvtt"]["url"])).content == b"overlay.vtt"


@pytest.mark.parametrize(
    ("query", "starts", "next_us"),
    [
        ("limit=2", [0, 1], 2),
        ("limit=2&from_us=20000000", [2], None),
        ("limit=1&from_us=9999999", [0], 1),
        ("from_us=10000000", [1, 2], None),
        ("from_us=29999999", [], None),
    ],
)
async def test_a_player_asks_for_the_chunks_from_where_it_is(
    alice: Person, ids: dict[str, str], query: str, starts: list[int], next_us: int | None
) -> None:
    overlay = (await alice.get(f"/v1/videos/{ids['video_id']}/overlay?{query}")).json()
    assert [chunk["start_us"] // CHUNK_US for chunk in overlay["chunks"]] == starts
    assert overlay["next_us"] == (None if next_us is None else next_us * CHUNK_US)
    assert overlay["chunk_us"] == (CHUNK_US if starts else None)


async def test_without_an_overlay_there_is_nothing_to_draw(alice: Person) -> None:
    ids = await a_video(alice)
    overlay = await alice.get(f"/v1/videos/{ids['video_id']}/overlay")
    assert overlay.json() == {"analysis_id": None, "chunk_us": None, "chunks": [], "next_us": None, "webvtt": None}


async def test_artifacts_are_all_files_of_the_analysis_in_pages(alice: Person, ids: dict[str, str]) -> None:
    path, cursor, found = f"/v1/videos/{ids['video_id']}/artifacts?limit=4", "", list[dict[str, object]]()
    while True:
        page = (await alice.get(path + cursor)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [artifact["name"] for artifact in found] == NAMES
    by_name = {artifact["name"]: artifact for artifact in found}
    async with httpx.AsyncClient() as s3:
        for name, body in (("overlay-00000.json", b"overlay-00000.json"), ("sprite.jpg", b"0123456789")):
            assert (await s3.get(str(by_name[name]["url"]))).content == body
    chunk, sprite = by_name["overlay-00001.json"], by_name["sprite.jpg"]
    for artifact in (chunk, sprite):
        del artifact["url"], artifact["expires_at"]
    assert chunk == {
        "name": "overlay-00001.json",
        "kind": "overlay",
        "content_type": "application/json",
        "size_bytes": 10,
        "start_us": CHUNK_US,
        "end_us": 2 * CHUNK_US,
    }
    assert sprite == {
        "name": "sprite.jpg",
        "kind": "sprite",
        "content_type": "image/jpeg",
        "size_bytes": None,
        "start_us": None,
        "end_us": None,
    }


async def test_an_analysis_names_its_files_but_not_each_chunk(alice: Person, ids: dict[str, str]) -> None:
    analysis = (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()
    assert [artifact["name"] for artifact in analysis["artifacts"]] == NAMES[3:]
