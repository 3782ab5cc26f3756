"""Labels: with their scenes, in sum with the analysis, and of one's own videos alone."""

import json

import pytest
from psycopg.errors import InsufficientPrivilege
from tests.integration.api.people import Person, a_video, finish
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_common.db import Pool, tenant_transaction

SUMMARY = {
    "status": "partial", "reason": "text_capped", "labelled": 2, "cached": 1, "sent": 1, "calls": 1,
    "provider_refused": 0, "provider_unavailable": 0, "answer_unusable": 0, "picture_unreadable": 0,
    "text_not_looked_for": 0, "text_capped": 1, "text_failed": 0, "budget": 0,
}  # fmt: skip
_LABEL = """
    INSERT INTO scene_label SELECT tenant_id, analysis_id, %s, %s, %s, %s, %s, %s FROM analysis WHERE analysis_id = %s
"""


@pytest.fixture(scope="module")
async def ids(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids, scenes=3)
    labels = [(1, 1, 9, "dog", 0.5, None), (1, 0, 9, "cat", 0.75, json.dumps([0.5, 0.25, 0.125, 1.0]))]
    async with admin.connection() as db:
        for label in labels:
            await db.execute(_LABEL, [*label, ids["analysis_id"]])
        values = [json.dumps(SUMMARY), ids["analysis_id"]]
        await db.execute("UPDATE analysis SET labels = %s WHERE analysis_id = %s", values)
    return ids


async def test_a_scene_has_its_labels_in_order(alice: Person, ids: dict[str, str]) -> None:
    scenes = (await alice.get(f"/v1/videos/{ids['video_id']}/scenes")).json()["items"]
    assert [scene["labels"] for scene in scenes] == [
        [],
        [
            {"name": "cat", "confidence": 0.75, "box": [0.5, 0.25, 0.125, 1.0], "t_us": 9},
            {"name": "dog", "confidence": 0.5, "box": None, "t_us": 9},
        ],
        [],
    ]


async def test_the_analysis_tells_what_became_of_each_frame(alice: Person, ids: dict[str, str]) -> None:
    assert (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()["labels"] == SUMMARY
    assert (await alice.get(f"/v1/videos/{ids['video_id']}")).json()["latest"]["labels"] == SUMMARY


async def test_of_an_older_worker_nothing_is_said(alice: Person, admin: Pool, s3: S3Client, service: Context) -> None:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    assert (await alice.get(f"/v1/analyses/{ids['analysis_id']}")).json()["labels"] is None


async def test_anothers_labels_are_as_if_there_were_none(alice: Person, mallory: Person, ids: dict[str, str]) -> None:
    paths = (f"/v1/videos/{ids['video_id']}/scenes", f"/v1/analyses/{ids['analysis_id']}")
    nobodys = "01890000-0000-7000-8000-000000000000"
    for path in paths:
        theirs = await mallory.get(path)
        none = await mallory.get(path.replace(ids["video_id"], nobodys).replace(ids["analysis_id"], nobodys))
        assert (theirs.status_code, theirs.json()["code"]) == (none.status_code, none.json()["code"])
        assert theirs.status_code == 404


async def test_the_api_reads_another_tenants_labels_no_more_than_what_was_paid_for(
    api_pool: Pool, alice: Person, mallory: Person, ids: dict[str, str]
) -> None:
    for person, count in ((alice, 2), (mallory, 0)):
        async with tenant_transaction(api_pool, person.tenant_id) as db:
            rows = await (await db.execute("SELECT count(*) FROM scene_label")).fetchone()
            assert rows == (count,)
    with pytest.raises(InsufficientPrivilege):
        async with tenant_transaction(api_pool, alice.tenant_id) as db:
            await db.execute("SELECT count(*) FROM label_cache")


async def test_openapi_describes_them(alice: Person) -> None:
    schemas = (await alice.get("/openapi.json")).json()["components"]["schemas"]
    assert set(schemas["LabelSummary"]["properties"]) == set(SUMMARY)
    assert schemas["Scene"]["properties"]["labels"]["items"] == {"$ref": "#/components/schemas/Label"}
    assert set(schemas["Label"]["properties"]) == {"name", "confidence", "box", "t_us"}
