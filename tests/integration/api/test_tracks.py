"""Tracks, the motion of scenes, and the score."""

import pytest
from tests.integration.api.found import SCORE, find_more
from tests.integration.api.people import Person, a_video, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool


@pytest.fixture(scope="module")
async def ids(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids, scenes=4)
    await find_more(admin, ids, tracks=3)
    return ids


async def test_a_track_tells_from_when_to_when_and_where(alice: Person, ids: dict[str, str]) -> None:
    tracks = (await alice.get(f"/v1/videos/{ids['video_id']}/tracks")).json()
    assert [track["number"] for track in tracks["items"]] == [0, 1, 2]
    assert tracks["items"][2] == {
        "number": 2,
        "method": "motion",
        "label": "moving",
        "start_us": 2000,
        "end_us": 2900,
        "samples": 20,
        "bounds": [0.5, 0.25, 0.125, 1.0],
    }
    assert tracks["analysis_id"] == ids["analysis_id"]


async def test_tracks_come_in_pages(alice: Person, ids: dict[str, str]) -> None:
    path = f"/v1/videos/{ids['video_id']}/tracks?limit=2"
    first = (await alice.get(path)).json()
    second = (await alice.get(f"{path}&cursor={first['next_cursor']}")).json()
    assert [track["number"] for page in (first, second) for track in page["items"]] == [0, 1, 2]
    assert second["next_cursor"] is None


async def test_the_score_has_all_that_it_was_reckoned_from(alice: Person, ids: dict[str, str]) -> None:
    score = (await alice.get(f"/v1/videos/{ids['video_id']}/score")).json()
    assert score == SCORE | {"analysis_id": ids["analysis_id"]}


async def test_a_score_without_a_total_says_why(alice: Person, admin: Pool, ids: dict[str, str]) -> None:
    path = f"/v1/videos/{ids['video_id']}/score"
    async with admin.connection() as db:
        await db.execute(
            'UPDATE analysis SET score = score || \'{"total": null, "reason": "Nothing moved."}\''
            " WHERE analysis_id = %s",
            [ids["analysis_id"]],
        )
    score = (await alice.get(path)).json()
    assert (score["total"], score["reason"], len(score["parts"])) == (None, "Nothing moved.", 2)


async def test_without_a_score_it_says_why(alice: Person, admin: Pool, s3: S3Client, service: Context) -> None:
    ids = await a_video(alice)
    path = f"/v1/videos/{ids['video_id']}/score"
    none = {"version": None, "total": None, "parts": []}
    assert (await alice.get(path)).json() == none | {"analysis_id": None, "reason": "There is no result yet."}
    await finish(admin, s3, service.settings.bucket, ids)
    reason = "This analysis made no score."
    assert (await alice.get(path)).json() == none | {"analysis_id": ids["analysis_id"], "reason": reason}


@pytest.mark.parametrize("kind", ["fade_in", "fade_out", "dissolve"])
async def test_a_scene_tells_how_it_begins_and_what_moves(
    alice: Person, admin: Pool, ids: dict[str, str], kind: str
) -> None:
    async with admin.connection() as db:
        await db.execute(
            "UPDATE scene SET boundary_kind = %s, motion_kind = 'both', motion_mean = 0.25, motion_p95 = 0.5"
            " WHERE analysis_id = %s AND number = 2",
            [kind, ids["analysis_id"]],
        )
    scenes = (await alice.get(f"/v1/videos/{ids['video_id']}/scenes")).json()["items"]
    assert scenes[2]["boundary"]["kind"] == kind
    assert scenes[2]["motion"] == {"kind": "both", "mean": 0.25, "p95": 0.5}
    assert scenes[1]["motion"] is None
