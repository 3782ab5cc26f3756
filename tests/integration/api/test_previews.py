"""Previews: which one stands for a video, what is shown of one under way, and that exact results stay."""

import json
from uuid import uuid4

import pytest
from tests.integration.api.people import Person, a_video, an_upload, change_job
from tests.integration.api.test_reruns import tier_in_message

from sightglass_common.db import Pool


class Film:
    """A video, whose analyses are brought into the states that a worker leaves them in."""

    def __init__(self, person: Person, admin: Pool, ids: dict[str, str]) -> None:
        self.person, self.admin, self.ids = person, admin, ids

    async def another(self, tier: str) -> dict[str, str]:
        answer = await self.person.post(f"/v1/videos/{self.ids['video_id']}/analyses", {"tier": tier})
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def becomes(self, ids: dict[str, str], status: str, *, scenes: int) -> None:
        """So many scenes in all, and a job of this status."""
        async with self.admin.connection() as db:
            await db.execute("DELETE FROM scene WHERE analysis_id = %s", [ids["analysis_id"]])
            for number in range(scenes):
                await db.execute(
                    "INSERT INTO scene"
                    " (tenant_id, analysis_id, number, start_us, end_us, boundary_kind, boundary_score)"
                    " VALUES (%s, %s, %s, %s, %s, 'cut', 0.9)",
                    [self.person.tenant_id, ids["analysis_id"], number, number * 1000, number * 1000 + 1000],
                )
        await change_job(self.admin, ids["job_id"], f"status = '{status}'")

    async def shown(self) -> tuple[str | None, str | None, str | None, int]:
        """Which analysis is shown, its tier and status, and how many scenes."""
        page = (await self.person.get(f"/v1/videos/{self.ids['video_id']}/scenes")).json()
        return page["analysis_id"], page["tier"], page["status"], len(page["items"])


@pytest.fixture
async def film(alice: Person, admin: Pool) -> Film:
    """A video whose first analysis, an exact one, has failed."""
    ids = await a_video(alice)
    await change_job(admin, ids["job_id"], "status = 'failed'")
    return Film(alice, admin, ids)


async def test_a_preview_is_asked_for_by_upload_rerun_and_object(film: Film, alice: Person, admin: Pool) -> None:
    again = await film.another("preview")
    upload = await an_upload(alice)
    done = (await alice.post(f"/v1/uploads/{upload['upload_id']}/complete", {"tier": "preview"})).json()
    for ids in (again, done):
        assert await tier_in_message(admin, ids) == (ids["analysis_id"], "preview")
        analysis = (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()
        assert (analysis["tier"], analysis["status"], analysis["preview"]) == ("preview", "queued", None)


async def test_scenes_of_a_preview_under_way_are_shown_and_marked(film: Film) -> None:
    preview = await film.another("preview")
    await film.becomes(preview, "running", scenes=0)
    assert await film.shown() == (None, None, None, 0)
    for status in ("running", "queued"):
        await film.becomes(preview, status, scenes=2)
        assert await film.shown() == (preview["analysis_id"], "preview", status, 2)
    for status in ("failed", "cancelled"):
        await film.becomes(preview, status, scenes=2)
        assert await film.shown() == (None, None, None, 0)
    await film.becomes(preview, "done", scenes=3)
    assert await film.shown() == (preview["analysis_id"], "preview", "done", 3)


async def test_a_preview_is_shown_until_the_exact_result_is_whole_and_no_later_one_takes_its_place(film: Film) -> None:
    preview = await film.another("preview")
    await film.becomes(preview, "done", scenes=2)
    exact = await film.another("exact")
    for status in ("queued", "running", "failed"):
        await film.becomes(exact, status, scenes=1)
        assert await film.shown() == (preview["analysis_id"], "preview", "done", 2)
    await film.becomes(exact, "partial", scenes=5)
    assert await film.shown() == (exact["analysis_id"], "exact", "partial", 5)
    later = await film.another("preview")
    for status in ("running", "done"):
        await film.becomes(later, status, scenes=4)
        assert await film.shown() == (exact["analysis_id"], "exact", "partial", 5)


async def test_a_whole_preview_is_shown_until_a_newer_one_is_whole(film: Film) -> None:
    first = await film.another("preview")
    await film.becomes(first, "done", scenes=2)
    second = await film.another("preview")
    await film.becomes(second, "running", scenes=1)
    assert (await film.shown())[0] == first["analysis_id"]
    await film.becomes(second, "done", scenes=3)
    assert (await film.shown())[0] == second["analysis_id"]


async def test_what_a_preview_does_not_know_is_null(film: Film, alice: Person, admin: Pool) -> None:
    preview = await film.another("preview")
    await film.becomes(preview, "done", scenes=2)
    seen = {"key_frames": 6, "longest_gap_us": 2_440_000}
    async with admin.connection() as db:
        await db.execute(
            "UPDATE analysis SET preview = %s WHERE analysis_id = %s", [json.dumps(seen), preview["analysis_id"]]
        )
    analysis = (await alice.get(f"/v1/analyses/{preview['analysis_id']}")).json()
    assert (analysis["preview"], analysis["scene_count"]) == (seen, 2)
    assert {analysis[name] for name in ("frames", "score", "text_coverage", "sprite")} == {None}
    page = (await alice.get(f"/v1/videos/{film.ids['video_id']}/scenes")).json()
    assert {scene[name] for scene in page["items"] for name in ("first_frame", "last_frame", "motion")} == {None}


async def test_a_page_of_scenes_goes_on_in_the_preview_that_it_began_with(film: Film, alice: Person) -> None:
    preview = await film.another("preview")
    await film.becomes(preview, "running", scenes=3)
    path = f"/v1/videos/{film.ids['video_id']}/scenes?limit=1"
    first = (await alice.get(path)).json()
    exact = await film.another("exact")
    await film.becomes(exact, "done", scenes=2)
    second = (await alice.get(f"{path}&cursor={first['next_cursor']}")).json()
    assert (second["analysis_id"], second["tier"]) == (preview["analysis_id"], "preview")
    assert [scene["number"] for scene in second["items"]] == [1]


async def test_another_tenants_preview_is_a_preview_that_is_not_there(film: Film, mallory: Person) -> None:
    preview = await film.another("preview")
    await film.becomes(preview, "running", scenes=2)
    for video, analysis in ((film.ids["video_id"], preview["analysis_id"]), (str(uuid4()), str(uuid4()))):
        answers = [
            await mallory.get(f"/v1/videos/{video}/scenes"),
            await mallory.get(f"/v1/videos/{video}/scenes?analysis_id={analysis}"),
            await mallory.get(f"/v1/analyses/{analysis}"),
            await mallory.post(f"/v1/videos/{video}/analyses", {"tier": "preview"}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
    own = (await a_video(mallory))["video_id"]
    answer = await mallory.get(f"/v1/videos/{own}/scenes?analysis_id={preview['analysis_id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "analysis_not_found")
