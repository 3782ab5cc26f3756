"""Analyses of objects in a tenant's own buckets."""

from uuid import uuid4

import pytest
from tests.integration.api.people import Person, an_upload, count
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_api.tenants import administration
from sightglass_common.db import Pool
from sightglass_common.errors import NameReserved


@pytest.fixture(scope="module")
async def bucket(s3: S3Client, api_pool: Pool, alice: Person) -> str:
    name = f"films-{uuid4().hex[:8]}"
    await s3.create_bucket(Bucket=name)
    await administration.link_bucket(api_pool, alice.tenant_id, name, platforms_own="sightglass")
    return name


async def test_the_same_object_in_the_same_state_is_one_video(alice: Person, s3: S3Client, bucket: str) -> None:
    await s3.put_object(Bucket=bucket, Key="a/one.mp4", Body=b"one", ContentType="video/mp4")
    first = await alice.post("/v1/analyses", {"bucket": bucket, "key": "a/one.mp4"})
    second = await alice.post("/v1/analyses", {"bucket": bucket, "key": "a/one.mp4"})
    assert first.status_code == second.status_code == 202, first.text
    assert first.headers["location"] == f"/v1/jobs/{first.json()['job_id']}"
    assert first.json()["video_id"] == second.json()["video_id"]
    assert first.json()["analysis_id"] != second.json()["analysis_id"]
    await s3.put_object(Bucket=bucket, Key="a/one.mp4", Body=b"two")
    third = await alice.post("/v1/analyses", {"bucket": bucket, "key": "a/one.mp4"})
    assert third.json()["video_id"] != first.json()["video_id"]
    video = (await alice.get(f"/v1/videos/{first.json()['video_id']}")).json()
    assert (video["filename"], video["content_type"], video["size_bytes"]) == ("one.mp4", "video/mp4", 3)


@pytest.mark.parametrize(
    "key", ["../up.mp4", "a//b", "a/./b", "a/../b", "é ü+%2e.mp4", "a b?c#d", "🎬", "x" * 1024, "tab\there"]
)
async def test_any_key_that_s3_takes_is_found(alice: Person, s3: S3Client, bucket: str, key: str) -> None:
    await s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    answer = await alice.post("/v1/analyses", {"bucket": bucket, "key": key})
    assert answer.status_code == 202, answer.text
    assert (await alice.get(f"/v1/videos/{answer.json()['video_id']}")).json()["key"] == key


async def test_a_bucket_that_is_not_linked_is_refused(mallory: Person, bucket: str) -> None:
    for named in (bucket, f"nobodys-{uuid4().hex[:8]}"):
        answer = await mallory.post("/v1/analyses", {"bucket": named, "key": "a/one.mp4"})
        assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")


async def test_the_platforms_own_bucket_opens_to_nobody(
    alice: Person, mallory: Person, admin: Pool, service: Context
) -> None:
    own = service.settings.bucket
    upload = await an_upload(alice)
    async with admin.connection() as db:  # even if somebody linked it behind the command's back
        await db.execute("INSERT INTO bucket_link VALUES (%s, %s)", [mallory.tenant_id, own])
    answer = await mallory.post("/v1/analyses", {"bucket": own, "key": upload["fields"]["key"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")


async def test_the_platforms_own_bucket_cannot_be_linked(api_pool: Pool, alice: Person) -> None:
    with pytest.raises(NameReserved):
        await administration.link_bucket(api_pool, alice.tenant_id, "sightglass", platforms_own="sightglass")


async def test_an_object_that_is_not_there_is_told(alice: Person, bucket: str, admin: Pool) -> None:
    before = await count(admin, "job", alice.tenant_id)
    answer = await alice.post("/v1/analyses", {"bucket": bucket, "key": "nope"})
    assert (answer.status_code, answer.json()["code"]) == (422, "object_not_found")
    assert await count(admin, "job", alice.tenant_id) == before


async def test_a_version_that_is_not_there_is_told(alice: Person, s3: S3Client, bucket: str) -> None:
    await s3.put_object(Bucket=bucket, Key="v.mp4", Body=b"v")
    answer = await alice.post("/v1/analyses", {"bucket": bucket, "key": "v.mp4", "version_id": "nope"})
    assert (answer.status_code, answer.json()["code"]) == (422, "object_not_found")


async def test_a_version_stays_the_one_that_was_named(alice: Person, s3: S3Client, bucket: str) -> None:
    await s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = await s3.put_object(Bucket=bucket, Key="versioned.mp4", Body=b"old")
    await s3.put_object(Bucket=bucket, Key="versioned.mp4", Body=b"newer")
    named = {"bucket": bucket, "key": "versioned.mp4"}
    of_old = await alice.post("/v1/analyses", named | {"version_id": old["VersionId"]})
    of_new = await alice.post("/v1/analyses", named)
    sizes = [
        (await alice.get(f"/v1/videos/{answer.json()['video_id']}")).json()["size_bytes"] for answer in (of_old, of_new)
    ]
    assert sizes == [3, 5]


@pytest.mark.parametrize(
    "change",
    [
        {"bucket": "Nope"},
        {"bucket": "a"},
        {"bucket": "../etc"},
        {"key": ""},
        {"key": "a\0b"},
        {"key": "\ud800"},
        {"key": "é" * 600},
        {"tier": "fast"},
        {"version_id": "a b"},
    ],
)
async def test_a_field_that_does_not_fit_is_named(alice: Person, change: dict[str, str]) -> None:
    answer = await alice.post("/v1/analyses", {"bucket": "films", "key": "a.mp4"} | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(change))}"


async def test_linked_buckets_are_listed_and_unlinked(alice: Person, bucket: str, api_pool: Pool) -> None:
    assert [item["bucket"] for item in (await alice.get("/v1/buckets")).json()["items"]] == [bucket]
    await administration.unlink_bucket(api_pool, alice.tenant_id, bucket)
    answer = await alice.post("/v1/analyses", {"bucket": bucket, "key": "a/one.mp4"})
    assert answer.status_code == 403
