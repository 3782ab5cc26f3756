"""Videos, analyses and scenes, with links that work."""

import httpx
import pytest
from tests.integration.api.people import PROBE, Person, a_video, change_job, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool


@pytest.fixture(scope="module")
async def ids(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    ids = await a_video(alice, b"0123456789", filename='Ün"ï 🎬.mp4')
    await finish(admin, s3, service.settings.bucket, ids, scenes=5)
    return ids


async def test_an_analysis_shows_what_was_found(alice: Person, ids: dict[str, str]) -> None:
    analysis = (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()
    assert analysis["status"] == "done"
    assert analysis["probe"] == PROBE | {"audio_streams": 1}
    assert (analysis["duration_us"], analysis["frames"], analysis["scene_count"]) == (2_000_000, 50, 5)
    assert analysis["error"] is None


async def test_links_to_artifacts_work_without_a_key(alice: Person, ids: dict[str, str]) -> None:
    analysis = (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()
    async with httpx.AsyncClient() as s3:
        for artifact in ("thumbnail", "sprite", "storyboard"):
            assert (await s3.get(analysis[artifact]["url"])).content == b"0123456789"


async def test_the_original_works_with_range_and_tells_its_name(alice: Person, ids: dict[str, str]) -> None:
    video = (await alice.get(f"/v1/videos/{ids['video_id']}")).json()
    async with httpx.AsyncClient() as s3:
        part = await s3.get(video["original"]["url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["content-disposition"].startswith("inline; filename=\"_n__ _.mp4\"; filename*=UTF-8''%C3%9Cn")


async def test_a_page_that_was_uploaded_is_not_shown_as_one(alice: Person) -> None:
    ids = await a_video(alice, b"<script>", content_type="text/html")
    video = (await alice.get(f"/v1/videos/{ids['video_id']}")).json()
    async with httpx.AsyncClient() as s3:
        shown = await s3.get(video["original"]["url"])
    assert shown.headers["content-type"] == "application/octet-stream"


async def test_a_changed_link_opens_nothing(alice: Person, ids: dict[str, str]) -> None:
    url = (await alice.get(f"/v1/videos/{ids['video_id']}")).json()["original"]["url"]
    async with httpx.AsyncClient() as s3:
        assert (await s3.get(url.replace(ids["upload_id"], "another"))).status_code == 403
        assert (await s3.delete(url)).status_code == 403
        assert (await s3.get(url.replace("video%2Fmp4", "text%2Fhtml"))).status_code == 403


async def test_scenes_come_in_pages_and_in_order(alice: Person, ids: dict[str, str]) -> None:
    path, cursor, numbers = f"/v1/videos/{ids['video_id']}/scenes?limit=2", "", list[int]()
    while True:
        page = (await alice.get(path + cursor)).json()
        assert page["analysis_id"] == ids["analysis_id"]
        numbers += [scene["number"] for scene in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert numbers == [0, 1, 2, 3, 4]


async def test_a_scene_has_times_a_boundary_and_a_thumbnail(alice: Person, ids: dict[str, str]) -> None:
    scene = (await alice.get(f"/v1/videos/{ids['video_id']}/scenes")).json()["items"][1]
    thumbnail = scene.pop("thumbnail")
    assert thumbnail["url"].startswith("http")
    assert scene == {
        "number": 1,
        "start_us": 1000,
        "end_us": 2000,
        "first_frame": 10,
        "last_frame": 19,
        "boundary": {"kind": "cut", "score": pytest.approx(0.9)},
        "keyframe_us": 1500,
        "motion": None,
        "labels": [],
    }


async def test_a_video_without_a_result_has_no_scenes_yet(alice: Person) -> None:
    ids = await a_video(alice)
    scenes = await alice.get(f"/v1/videos/{ids['video_id']}/scenes")
    empty = {"next_cursor": None, "analysis_id": None, "tier": None, "status": None}
    assert scenes.json() == {"items": [], **empty}


async def test_an_analysis_of_another_video_is_not_found(alice: Person, ids: dict[str, str]) -> None:
    other = await a_video(alice)
    answer = await alice.get(f"/v1/videos/{other['video_id']}/scenes?analysis_id={ids['analysis_id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "analysis_not_found")


async def test_a_failed_analysis_tells_why(alice: Person, admin: Pool) -> None:
    ids = await a_video(alice, b"not a video")
    await change_job(
        admin,
        ids["job_id"],
        "status = 'failed', finished_at = now(), error_code = 'not_a_video', error_detail = 'It is text.',"
        " error_stage = 'probe', error_retryable = false",
    )
    video = (await alice.get(f"/v1/videos/{ids['video_id']}")).json()
    assert video["latest"]["error"] == {
        "code": "not_a_video",
        "title": "The object is not a video",
        "detail": "It is text.",
        "stage": "probe",
        "retryable": False,
    }


async def test_videos_come_newest_first_in_pages_without_gap_or_repeat(mallory: Person) -> None:
    made = [(await a_video(mallory, f"video {number}".encode()))["video_id"] for number in range(5)]
    first = (await mallory.get("/v1/videos?limit=2")).json()
    late = (await a_video(mallory, b"late"))["video_id"]
    second = (await mallory.get(f"/v1/videos?limit=2&cursor={first['next_cursor']}")).json()
    third = (await mallory.get(f"/v1/videos?limit=2&cursor={second['next_cursor']}")).json()
    seen = [video["video_id"] for page in (first, second, third) for video in page["items"]]
    assert seen == made[::-1]
    assert late not in seen
    assert third["next_cursor"] is None


async def test_a_cursor_of_another_list_is_refused(mallory: Person) -> None:
    cursor = (await mallory.get("/v1/videos?limit=1")).json()["next_cursor"]
    for wrong in (f"/v1/jobs?cursor={cursor}", "/v1/videos?cursor=nonsense", f"/v1/videos?cursor={cursor}x"):
        answer = await mallory.get(wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
