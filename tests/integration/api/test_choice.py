"""Which analysis stands for a video, for each list of what was found."""

from uuid import uuid4

import pytest
from tests.integration.api.found import find_more
from tests.integration.api.people import Person, a_video, change_job, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool

LISTS = ["scenes", "texts", "tracks", "score", "overlay", "artifacts"]
PAGES = ["scenes", "texts", "tracks", "artifacts"]


class Studio:
    """Analyses of one video, in the states that a worker leaves them in."""

    def __init__(self, person: Person, admin: Pool, s3: S3Client, bucket: str, ids: dict[str, str]) -> None:
        self.person, self.admin, self.s3, self.bucket, self.ids = person, admin, s3, bucket, ids

    async def another(self) -> dict[str, str]:
        answer = await self.person.post(f"/v1/videos/{self.ids['video_id']}/analyses")
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def finish(self, ids: dict[str, str], status: str = "done") -> None:
        await finish(self.admin, self.s3, self.bucket, ids)
        await find_more(self.admin, ids)
        await change_job(self.admin, ids["job_id"], f"status = '{status}'")

    async def shown(self) -> set[str | None]:
        path = f"/v1/videos/{self.ids['video_id']}"
        return {(await self.person.get(f"{path}/{what}")).json()["analysis_id"] for what in LISTS}


@pytest.fixture
async def studio(alice: Person, admin: Pool, s3: S3Client, service: Context) -> Studio:
    return Studio(alice, admin, s3, service.settings.bucket, await a_video(alice))


async def test_the_newest_with_a_result_is_shown_until_a_newer_has_one(studio: Studio) -> None:
    await studio.finish(studio.ids)
    newer = await studio.another()
    await studio.finish(newer, "queued")
    for status in ("queued", "running", "failed", "cancelled"):
        await change_job(studio.admin, newer["job_id"], f"status = '{status}'")
        assert await studio.shown() == {studio.ids["analysis_id"]}
    await change_job(studio.admin, newer["job_id"], "status = 'partial'")
    assert await studio.shown() == {newer["analysis_id"]}


async def test_an_exact_analysis_under_way_is_not_shown(studio: Studio) -> None:
    await studio.finish(studio.ids, "running")
    assert await studio.shown() == {None}


@pytest.mark.parametrize("what", PAGES)
async def test_a_cursor_goes_on_with_the_analysis_that_it_began_with(studio: Studio, what: str) -> None:
    await studio.finish(studio.ids)
    path = f"/v1/videos/{studio.ids['video_id']}/{what}?limit=1"
    first = (await studio.person.get(path)).json()
    newer = await studio.another()
    await studio.finish(newer)
    second = (await studio.person.get(f"{path}&cursor={first['next_cursor']}")).json()
    assert (second["analysis_id"], len(second["items"])) == (studio.ids["analysis_id"], 1)
    assert (await studio.person.get(path)).json()["analysis_id"] == newer["analysis_id"]


@pytest.mark.parametrize("what", LISTS)
async def test_the_analysis_that_is_named_is_shown_whatever_its_state(studio: Studio, what: str) -> None:
    await studio.finish(studio.ids, "failed")
    named = studio.ids["analysis_id"]
    found = await studio.person.get(f"/v1/videos/{studio.ids['video_id']}/{what}?analysis_id={named}")
    assert found.json()["analysis_id"] == named


@pytest.mark.parametrize("what", LISTS)
async def test_an_analysis_of_another_video_of_another_tenant_or_of_nobody_is_not_found(
    studio: Studio, mallory: Person, what: str
) -> None:
    others = [(await a_video(studio.person))["analysis_id"], (await a_video(mallory))["analysis_id"], str(uuid4())]
    for other in others:
        answer = await studio.person.get(f"/v1/videos/{studio.ids['video_id']}/{what}?analysis_id={other}")
        assert (answer.status_code, answer.json()["code"]) == (404, "analysis_not_found")


@pytest.mark.parametrize("what", PAGES)
async def test_a_cursor_of_another_list_is_refused(studio: Studio, what: str) -> None:
    await studio.finish(studio.ids)
    path = f"/v1/videos/{studio.ids['video_id']}"
    cursor = (await studio.person.get(f"{path}/{what}?limit=1")).json()["next_cursor"]
    for other in PAGES:
        answer = await studio.person.get(f"{path}/{other}?cursor={cursor}")
        assert answer.status_code == (200 if other == what else 400)
