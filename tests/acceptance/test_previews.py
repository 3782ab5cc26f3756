"""A preview over HTTP, and the exact result that takes its place when asked for."""

from typing import Any

import httpx
from tests.acceptance.flow import finished, submit
from tests.films import film

CUTS_US = [0, 1_200_000, 3_040_000, 5_480_000, 7_480_000, 9_680_000]


def scenes(client: httpx.Client, video_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/videos/{video_id}/scenes")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_preview_is_replaced_by_the_exact_result_and_never_the_other_way(client: httpx.Client) -> None:
    preview = submit(client, film("bikes.mp4"), "bikes.mp4", tier="preview")
    job = finished(client, preview["job_id"])
    assert (job["status"], {s["stage"] for s in job["stages"]}) == ("done", {"probe", "scenes"})
    shown = scenes(client, preview["video_id"])
    assert (shown["analysis_id"], shown["tier"], shown["status"]) == (preview["analysis_id"], "preview", "done")
    assert [s["start_us"] for s in shown["items"]] == CUTS_US
    assert all(httpx.get(s["thumbnail"]["url"]).content.startswith(b"\xff\xd8") for s in shown["items"])
    analysis = client.get(f"/v1/analyses/{preview['analysis_id']}").json()
    assert analysis["preview"] == {"key_frames": 6, "longest_gap_us": 2_440_000}
    assert (analysis["tier"], analysis["frames"], analysis["score"]) == ("preview", None, None)

    path = f"/v1/videos/{preview['video_id']}/analyses"
    exact = client.post(path, json={"tier": "exact"}).json()
    finished(client, exact["job_id"])
    shown = scenes(client, preview["video_id"])
    assert (shown["analysis_id"], shown["tier"]) == (exact["analysis_id"], "exact")
    assert [s["first_frame"] for s in shown["items"]] == [0, 30, 76, 137, 187, 242]

    later = client.post(path, json={"tier": "preview"}).json()
    finished(client, later["job_id"])
    assert scenes(client, preview["video_id"])["analysis_id"] == exact["analysis_id"]


def test_a_preview_of_what_is_no_video_ends_in_its_code(client: httpx.Client) -> None:
    job = finished(client, submit(client, b"only text, named .mp4\n", tier="preview")["job_id"])
    assert (job["status"], job["error"]["code"]) == ("failed", "not_a_video")
