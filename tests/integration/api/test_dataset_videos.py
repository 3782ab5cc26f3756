"""Videos of datasets: which one holds, and what is told of each."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.api.people import Person, a_video, finish
from tests.integration.api.test_conversations import answered, asked, begun, events_of
from tests.integration.api.test_datasets import a_dataset
from tests.stack import Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool


async def a_cinema(person: Person, videos: object) -> str:
    """The path of the videos of a dataset that holds these."""
    path = f"/v1/datasets/{(await a_dataset(person))['dataset_id']}/videos"
    added = await person.post(path, {"videos": videos})
    assert added.status_code == 202, added.text
    return path


async def listed(person: Person, path: str) -> list[str]:
    return [one["video_id"] for one in (await person.get(path, params={"limit": 200})).json()["items"]]


async def test_adding_videos_begins_one_job_that_reads_what_is_new(alice: Person, admin: Pool) -> None:
    video = await a_video(alice)
    path = await a_cinema(alice, [video["video_id"]])
    first = (await alice.post(path, {"videos": [video["video_id"]]})).json()
    again = (await alice.post(path, {"videos": [video["video_id"]]})).json()
    assert (first["source_id"], first["job_id"] != again["job_id"]) == (again["source_id"], True)
    assert (await alice.get(f"/v1/jobs/{again['job_id']}")).json()["kind"] == "indexing"
    async with admin.connection() as db:
        found = await db.execute(
            "SELECT job_id::text, of_videos FROM source WHERE source_id = %s", [again["source_id"]]
        )
        assert await found.fetchall() == [(again["job_id"], True)]
    (one,) = (await alice.get(path)).json()["items"]
    assert one == {
        "video_id": video["video_id"], "filename": "a.mp4", "status": "waiting", "reason": None, "document_id": None,
        "analysis_id": None, "segments": 0,
    }  # fmt: skip


async def test_of_all_one_may_be_left_out_and_those_to_come_are_held(alice: Person) -> None:
    first = (await a_video(alice))["video_id"]
    path = await a_cinema(alice, "all")
    assert (await alice.get(path.removesuffix("/videos"))).json()["all_videos"] is True
    later = (await a_video(alice, body=b"another"))["video_id"]
    assert {first, later} <= set(await listed(alice, path))
    assert (await alice.http.delete(f"{path}/{first}")).status_code == 204
    assert later in await listed(alice, path)
    assert first not in await listed(alice, path)
    assert (await alice.http.delete(f"{path}/{first}")).json()["code"] == "video_not_found"
    await alice.post(path, {"videos": "all"})
    assert first in await listed(alice, path)
    assert (await alice.http.delete(path)).status_code == 204
    assert await listed(alice, path) == []


async def test_a_video_that_there_is_not_and_anothers_are_refused_alike(alice: Person, mallory: Person) -> None:
    own, theirs = (await a_video(alice))["video_id"], (await a_video(mallory))["video_id"]
    path = await a_cinema(alice, [own])
    for unknown in (theirs, str(uuid4())):
        refused = await alice.post(path, {"videos": [own, unknown]})
        assert (refused.status_code, refused.json()["code"]) == (404, "video_not_found")
    assert await listed(alice, path) == [own]


@pytest.mark.parametrize("videos", [[], "some", None, ["no id"], [str(uuid4())] * 1001])
async def test_what_names_no_videos_is_refused(alice: Person, videos: object) -> None:
    path = f"/v1/datasets/{(await a_dataset(alice))['dataset_id']}/videos"
    assert (await alice.post(path, {"videos": videos})).json()["code"] == "invalid_request"


async def test_a_video_that_is_taken_out_is_hidden_at_once(alice: Person, admin: Pool) -> None:
    video_id = (await a_video(alice))["video_id"]
    path = await a_cinema(alice, [video_id])
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO document (tenant_id, document_id, dataset_id, source_id, ref, title, status, video_id)"
            " SELECT tenant_id, %s, dataset_id, source_id, %s, '', 'ready', %s FROM source"
            " WHERE dataset_id = %s",
            [uuid4(), video_id, video_id, path.split("/")[3]],
        )
    assert (await alice.get(path)).json()["items"][0]["status"] == "ready"
    await alice.http.delete(f"{path}/{video_id}")
    assert (await alice.get(f"{path.removesuffix('videos')}documents")).json()["items"] == []


async def test_a_citation_of_a_video_has_the_picture_of_its_scene(
    alice: Person, mallory: Person, admin: Pool, s3: S3Client, service: Context, database: Database
) -> None:
    own, theirs = await a_video(alice), await a_video(mallory)
    for ids in (own, theirs):
        await finish(admin, s3, service.settings.bucket, ids, scenes=2)
    path = await begun(alice)
    turn = await asked(alice, path)
    cited = [citation_of(n, ids, scene) for n, ids, scene in ((1, own, 1), (2, own, 7), (3, theirs, 0))]
    events: list[tuple[str, Any]] = [("retrieval", {"results": []}), *(("citation", one) for one in cited)]
    await answered(database, alice, turn, *events, ("done", {"answered": True}))
    async with admin.connection() as db:
        await db.execute("UPDATE turn SET citations = %s WHERE turn_id = %s", [json.dumps(cited), turn["turn_id"]])
    shown: list[Any] = (await alice.get(f"{path}/turns/{turn['turn_id']}")).json()["citations"]
    streamed = events_of((await alice.get(f"{path}/turns/{turn['turn_id']}/events")).text)
    for citations in (shown, [data for _, kind, data in streamed if kind == "citation"]):
        assert own["analysis_id"] in citations[0]["thumbnail"]["url"]
        assert [one.get("thumbnail") for one in citations[1:]] == [None, None]
        assert (citations[0]["start_us"], citations[0]["scene"]) == (5, 1)


def citation_of(n: int, video: dict[str, str], scene: int) -> dict[str, Any]:
    """A citation as chat stores it."""
    place = {"video_id": video["video_id"], "analysis_id": video["analysis_id"], "scene": scene}
    ids = {name: str(uuid4()) for name in ("segment_id", "dataset_id", "document_id")}
    return {
        "n": n, **ids, "document_ref": None, "title": "a.mp4", "locator": {}, "snippet": "", **place, "start_us": 5,
        "end_us": 9,
    }  # fmt: skip
