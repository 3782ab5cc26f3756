"""A video goes in over HTTP, and its scenes come out."""

import httpx
import pytest
from tests.acceptance.flow import announce, finished, send, submit
from tests.films import film, without_moov
from tests.running import RunningSystem


def test_a_video_goes_in_and_its_scenes_come_out(client: httpx.Client) -> None:
    ids = submit(client, film("bikes.mp4"), "bikes.mp4")
    job = finished(client, ids["job_id"])
    assert (job["status"], job["progress"], job["error"]) == ("done", 1.0, None)
    assert {s["stage"] for s in job["stages"]} == {"probe", "download", "scenes", "store"}
    analysis = client.get(f"/v1/analyses/{ids['analysis_id']}").json()
    assert (analysis["frames"], analysis["duration_us"], analysis["scene_count"]) == (250, 10_000_000, 6)
    scenes = client.get(f"/v1/videos/{ids['video_id']}/scenes").json()["items"]
    assert [s["first_frame"] for s in scenes] == [0, 30, 76, 137, 187, 242]
    for scene in scenes:
        picture = httpx.get(scene["thumbnail"]["url"])
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8")


def test_the_original_comes_back_by_range(client: httpx.Client) -> None:
    ids = submit(client, film("bikes.mp4"), 'fahrräder "1".mp4')
    video = client.get(f"/v1/videos/{ids['video_id']}").json()
    part = httpx.get(video["original"]["url"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, film("bikes.mp4")[100:200])
    assert httpx.get(video["original"]["url"]).content == film("bikes.mp4")
    assert video["filename"] == 'fahrräder "1".mp4'
    finished(client, ids["job_id"])


def test_a_player_gets_a_storyboard_whose_links_work(client: httpx.Client) -> None:
    ids = submit(client, film("bikes.mp4"))
    finished(client, ids["job_id"])
    answer = client.get(f"/v1/analyses/{ids['analysis_id']}/storyboard.vtt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
    assert answer.text.startswith("WEBVTT")
    links = [line for line in answer.text.splitlines() if line.startswith("http")]
    assert links
    assert all("#xywh=" in link for link in links)
    assert httpx.get(links[0]).content.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b"only text, named .mp4\n", "not_a_video"),
        (film("broken/audio_only.mp4"), "no_video_stream"),
        (without_moov(film("bikes.mp4")), "corrupt_container"),
        (film("bikes.mp4")[:200_000], "corrupt_container"),
    ],
    ids=["empty", "text", "audio only", "no moov", "tail cut"],
)
def test_what_is_no_sound_video_ends_in_its_code(client: httpx.Client, body: bytes, code: str) -> None:
    job = finished(client, submit(client, body)["job_id"])
    assert (job["status"], job["attempt"]) == ("failed", 1)
    assert (job["error"]["code"], job["error"]["retryable"]) == (code, False)


def test_a_damaged_video_gives_what_can_be_decoded(client: httpx.Client) -> None:
    ids = submit(client, film("broken/bitrot.mp4"))
    assert finished(client, ids["job_id"])["status"] == "partial"
    analysis = client.get(f"/v1/analyses/{ids['analysis_id']}").json()
    assert analysis["partial"]
    assert analysis["frames"] >= 245


def test_times_of_a_film_of_variable_rate_are_right(client: httpx.Client) -> None:
    ids = submit(client, film("vfr.mp4"))
    finished(client, ids["job_id"])
    scenes = client.get(f"/v1/videos/{ids['video_id']}/scenes").json()["items"]
    starts = [s["start_us"] / 1e6 for s in scenes[1:]]
    assert starts == pytest.approx([1.2, 3.04, 7.48, 9.48, 11.68], abs=0.085)


def test_completing_twice_starts_nothing_twice(client: httpx.Client) -> None:
    body = film("codecs/bikes1s_h264.mp4")
    upload = announce(client, body)
    send(upload, body)
    first, second = (client.post(f"/v1/uploads/{upload['upload_id']}/complete") for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    finished(client, first.json()["job_id"])


def test_an_upload_that_never_came_and_one_of_another_size_are_refused(client: httpx.Client) -> None:
    body = film("codecs/bikes1s_h264.mp4")
    upload = announce(client, body)
    answer = client.post(f"/v1/uploads/{upload['upload_id']}/complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")
    assert send(upload, body[:-1]).status_code in {400, 403}
    assert client.post(f"/v1/uploads/{upload['upload_id']}/complete").status_code == 409


def test_the_pipeline_reports_the_time_of_each_stage(system: RunningSystem) -> None:
    answer = httpx.get(f"{system.url}/health/analysis-pipeline", timeout=60).json()
    assert answer["ok"], answer
    assert {"queued", "running", "total", "probe", "scenes"} <= set(answer["seconds"])


def test_every_service_says_that_it_is_ready_and_counts(system: RunningSystem, client: httpx.Client) -> None:
    assert httpx.get(f"{system.url}/livez").status_code == httpx.get(f"{system.url}/readyz").status_code == 200
    assert "sightglass_requests_total" in httpx.get(f"{system.url}/metrics").text
    health = client.get("/v1/health").json()
    assert health["status"] == "ok", health


def test_no_log_holds_a_key(system: RunningSystem, client: httpx.Client) -> None:
    submit(client, film("codecs/bikes1s_vp9.webm"), "secret-name.webm")
    for name in ("api", "relay", "worker"):
        text = system.log(name)
        assert system.key.rsplit("_", 1)[-1] not in text
        assert "X-Amz-Signature=" not in text
