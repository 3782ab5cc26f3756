"""Videos in datasets are taken out, read anew and removed with the dataset: over HTTP, with the services behind it."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from tests.integration.api.people import Person, a_tenant, a_video, finish
from tests.integration.api.test_datasets import a_dataset
from tests.integration.api.upkeep import Upkeep, services
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api.datasets.renewing import Renewer
from sightglass_common.db import Pool

READ = ["sources-to-scan", "contents-to-index"]


@pytest.fixture(scope="module")
async def upkeep(admin: Pool, database: Database, aws: Aws, s3: S3Client) -> AsyncGenerator[Upkeep]:
    async with services(admin, database, aws, s3) as upkeep:
        yield upkeep


@pytest.fixture
async def owner(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


@pytest.fixture
async def film(owner: Person, admin: Pool, s3: S3Client, aws: Aws) -> dict[str, Any]:
    """A video of which an analysis says that it shows a walrus."""
    video = await a_video(owner)
    await finish(admin, s3, aws.bucket, video, scenes=1)
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO scene_label SELECT tenant_id, analysis_id, 0, 0, 0, 'walrus', 0.9, NULL FROM analysis"
            " WHERE analysis_id = %s",
            [video["analysis_id"]],
        )
        await db.execute("DELETE FROM outbox WHERE tenant_id = %s", [owner.tenant_id])
    return video


async def held(owner: Person, upkeep: Upkeep, film: dict[str, Any]) -> str:
    """The path of a dataset that holds the video, which is indexed there."""
    path = f"/v1/datasets/{(await a_dataset(owner))['dataset_id']}"
    await owner.post(f"{path}/videos", {"videos": [film["video_id"]]})
    assert await upkeep.work(owner.tenant_id) == READ
    assert await found(owner) == ["Shows walrus."]
    return path


async def found(owner: Person) -> list[str]:
    return [one["text"] for one in (await owner.post("/v1/search", {"query": "walrus"})).json()["results"]]


@pytest.mark.parametrize("by", ["video", "videos", "document"])
async def test_of_a_video_that_is_taken_out_the_dataset_has_no_trace_and_it_may_come_back(
    owner: Person, upkeep: Upkeep, film: dict[str, Any], by: str
) -> None:
    path = await held(owner, upkeep, film)
    conversation = (await owner.post("/v1/conversations")).json()["conversation_id"]
    await owner.post(f"/v1/conversations/{conversation}/turns", {"question": "Which one shows the walrus?"})
    await upkeep.work(owner.tenant_id)
    (document,) = (await owner.get(f"{path}/documents")).json()["items"]
    ways = {
        "video": f"{path}/videos/{film['video_id']}",
        "videos": f"{path}/videos",
        "document": f"{path}/documents/{document['document_id']}",
    }
    assert (await owner.http.delete(ways[by])).status_code == 204
    assert (await found(owner), (await owner.get(f"{path}/documents")).json()["items"]) == ([], [])
    assert (await owner.get(f"{path}/videos")).json()["items"] == []
    assert await upkeep.work(owner.tenant_id) == ["contents-to-delete"]
    assert await upkeep.tables_with(owner.tenant_id, "Shows walrus") == set()
    assert await upkeep.tables_with(owner.tenant_id, document["document_id"]) <= {"turn"}
    async with upkeep.admin.connection() as db:
        left = await db.execute("SELECT count(*) FROM posting WHERE tenant_id = %s", [owner.tenant_id])
        assert await left.fetchone() == (0,)
    await owner.post(f"{path}/videos", {"videos": "all"})
    await upkeep.work(owner.tenant_id)
    assert await found(owner) == ["Shows walrus."]


async def test_a_dataset_with_videos_goes_whole_and_the_videos_stay(
    owner: Person, upkeep: Upkeep, film: dict[str, Any]
) -> None:
    path = await held(owner, upkeep, film)
    await owner.http.delete(path)
    await upkeep.work(owner.tenant_id)
    assert await upkeep.tables_with(owner.tenant_id, path.rpartition("/")[2]) <= {"job", "processed"}
    assert (await owner.get(f"/v1/videos/{film['video_id']}")).status_code == 200


async def test_videos_are_withheld_and_read_anew_as_other_documents_are(
    owner: Person, upkeep: Upkeep, relay_pool: Pool, film: dict[str, Any]
) -> None:
    await held(owner, upkeep, film)
    await owner.post("/v1/detectors", {"detector_id": "beast", "pattern": "wa[l]rus"})
    answer = (await owner.post("/v1/search", {"query": "shows"})).json()
    assert (answer["results"], answer["withheld"]) == ([], 1)
    await Renewer(relay_pool).run_once()
    assert await upkeep.work(owner.tenant_id) == ["datasets-to-read", *READ]
    (result,) = (await owner.post("/v1/search", {"query": "shows"})).json()["results"]
    assert result["text"] == "Shows [BEAST#1]."
    # What is set is what was set before, but nobody knows that of the rules' names.
    for floors in ({"email": 0.4}, {}):
        await owner.http.put("/v1/detection-settings", json={"min_confidence_of": floors})
    assert (await owner.post("/v1/search", {"query": "shows"})).json()["withheld"] == 1
    await Renewer(relay_pool).run_once()
    await upkeep.work(owner.tenant_id)
    assert len((await owner.post("/v1/search", {"query": "shows"})).json()["results"]) == 1


async def test_what_videos_are_is_no_file_and_is_not_deleted_as_one(
    owner: Person, upkeep: Upkeep, film: dict[str, Any]
) -> None:
    path = await held(owner, upkeep, film)
    (document,) = (await owner.get(f"{path}/documents")).json()["items"]
    assert (await owner.http.delete(f"{path}/sources/{document['source_id']}")).status_code == 404
    assert (await owner.get(f"{path}/sources")).json()["items"] == []
    assert await found(owner) == ["Shows walrus."]
