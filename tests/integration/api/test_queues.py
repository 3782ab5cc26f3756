"""Queues, for whoever operates the platform."""

from typing import Any

import pytest
from tests.integration.api.people import Person, a_video, change_job, count
from tests.stack import Aws
from types_aiobotocore_sqs.client import SQSClient

from sightglass_common.db import Pool
from sightglass_common.sqs import Sqs

QUEUE = "video-analyses"
DEAD = f"{QUEUE}-dlq"


@pytest.fixture
async def url(sqs: Sqs, sdk_sqs: SQSClient, aws: Aws) -> dict[str, str]:
    found = {name: (await sqs.get_queue_url(QueueName=aws.queue_prefix + name))["QueueUrl"] for name in (QUEUE, DEAD)}
    for address in found.values():
        await sdk_sqs.purge_queue(QueueUrl=address)
    return found


async def depths(operator: Person) -> dict[str, Any]:
    items = (await operator.get("/v1/admin/queues")).json()["items"]
    return next(item for item in items if item["name"] == QUEUE)


async def message_of(admin: Pool, job_id: str) -> str:
    async with admin.connection() as db:
        row = await (await db.execute("SELECT message::text FROM job WHERE job_id = %s", [job_id])).fetchone()
    assert row
    return str(row[0])


async def test_a_look_at_messages_changes_nothing(
    operator: Person, alice: Person, admin: Pool, sqs: Sqs, url: dict[str, str]
) -> None:
    ids = await a_video(alice)
    reason = {"reason": {"DataType": "String", "StringValue": "not_a_video: It is text."}}
    await sqs.send_message(
        QueueUrl=url[DEAD],
        MessageBody=await message_of(admin, ids["job_id"]),
        MessageAttributes=reason,  # pyright: ignore[reportArgumentType] - a literal of that shape
        MessageGroupId="g",
    )
    await sqs.send_message(QueueUrl=url[DEAD], MessageBody="{nonsense", MessageGroupId="g")
    for _ in range(2):
        items = (await operator.get(f"/v1/admin/queues/{DEAD}/messages")).json()["items"]
        assert {(item["job_id"], item["tenant_id"], item["reason"]) for item in items} == {
            (ids["job_id"], str(alice.tenant_id), "not_a_video: It is text."),
            (None, None, None),
        }
        assert {item["type"] for item in items} == {"sightglass.analyze-video.v1", None}
    assert (await depths(operator))["dead_letters"] == 2


async def test_redriving_retries_failed_jobs_and_sends_the_rest_back(
    operator: Person, alice: Person, admin: Pool, sqs: Sqs, url: dict[str, str]
) -> None:
    failed, done = await a_video(alice, b"failed"), await a_video(alice, b"done")
    await change_job(admin, failed["job_id"], "status = 'failed', finished_at = now(), error_code = 'internal'")
    await change_job(admin, done["job_id"], "status = 'done', finished_at = now()")
    before = await count(admin, "outbox", alice.tenant_id)
    for body in (await message_of(admin, failed["job_id"]), await message_of(admin, done["job_id"]), "{nonsense"):
        await sqs.send_message(QueueUrl=url[DEAD], MessageBody=body, MessageGroupId="g")
    answer = await operator.post(f"/v1/admin/queues/{QUEUE}/redrive", {"limit": 10})
    assert answer.json() == {"redriven": 3, "jobs_retried": 1}
    retried = (await alice.get(f"/v1/jobs/{failed['job_id']}")).json()
    assert (retried["status"], retried["error"]) == ("queued", None)
    assert await count(admin, "outbox", alice.tenant_id) == before + 1
    left = await depths(operator)
    assert (left["dead_letters"], left["visible"]) == (0, 2)


async def test_redriving_a_message_that_names_another_tenants_job_does_not_retry_it(
    operator: Person, alice: Person, mallory: Person, admin: Pool, sqs: Sqs, url: dict[str, str]
) -> None:
    ids = await a_video(alice, b"forged")
    await change_job(admin, ids["job_id"], "status = 'failed', finished_at = now()")
    forged = (await message_of(admin, ids["job_id"])).replace(str(alice.tenant_id), str(mallory.tenant_id))
    await sqs.send_message(QueueUrl=url[DEAD], MessageBody=forged, MessageGroupId="g")
    answer = await operator.post(f"/v1/admin/queues/{QUEUE}/redrive")
    assert answer.json() == {"redriven": 1, "jobs_retried": 0}
    assert (await alice.get(f"/v1/jobs/{ids['job_id']}")).json()["status"] == "failed"


async def test_a_limit_leaves_the_rest(operator: Person, sqs: Sqs, url: dict[str, str]) -> None:
    for number in range(3):
        await sqs.send_message(QueueUrl=url[DEAD], MessageBody=f"x{number}", MessageGroupId="g")
    answer = await operator.post(f"/v1/admin/queues/{QUEUE}/redrive", {"limit": 2})
    assert answer.json()["redriven"] == 2
    assert (await depths(operator))["dead_letters"] == 1


@pytest.mark.parametrize("path", ["nope/messages", "nope-dlq/messages"])
async def test_an_unknown_queue_is_not_found(operator: Person, path: str) -> None:
    answer = await operator.get(f"/v1/admin/queues/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "queue_not_found")


@pytest.mark.parametrize("name", ["nope", DEAD])
async def test_only_a_queue_is_redriven(operator: Person, name: str) -> None:
    answer = await operator.post(f"/v1/admin/queues/{name}/redrive")
    assert (answer.status_code, answer.json()["code"]) == (404, "queue_not_found")


@pytest.mark.parametrize("limit", [0, 1001, "x"])
async def test_a_limit_that_does_not_fit_is_named(operator: Person, limit: object) -> None:
    answer = await operator.post(f"/v1/admin/queues/{QUEUE}/redrive", {"limit": limit})
    assert answer.status_code == 422
