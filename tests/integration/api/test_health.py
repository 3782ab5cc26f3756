"""Health: of the process, of what it needs, and of the whole pipeline."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest
from tests.integration.api.found import find_more
from tests.integration.api.people import Person, change_job, count
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Aws, Context
from sightglass_api.health.checks import check_all
from sightglass_api.health.pipeline import PipelineCheck
from sightglass_api.lazily import ready
from sightglass_api.opening import open_aws
from sightglass_api.s3_objects import S3Objects
from sightglass_api.tenants.queries import HEALTH_TENANT
from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.clock import SystemClock
from sightglass_common.db import Pool, open_pool
from sightglass_common.errors import DependencyUnavailable
from sightglass_common.tracing import Trace


async def test_it_is_alive_and_ready_for_anybody(transport: httpx.ASGITransport) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://test.example.com") as anybody:
        assert (await anybody.get("/livez")).json() == {"status": "ok"}
        assert (await anybody.get("/readyz")).json() == {"status": "ok"}
        assert "sightglass_requests_total" in (await anybody.get("/metrics")).text


async def test_each_dependency_tells_its_latency(viewer: Person) -> None:
    health = (await viewer.get("/v1/health")).json()
    assert health["status"] == "ok"
    assert set(health["checks"]) == {"postgres", "s3", "sqs"}
    assert all(check["ok"] and check["latency_ms"] > 0 for check in health["checks"].values())


@pytest.fixture
async def broken(service: Context) -> AsyncGenerator[Context]:
    """A service whose Postgres, S3 and SQS do not answer: nothing listens on port 1."""
    nowhere = "http://127.0.0.1:1"
    async with (
        open_pool("postgresql://x:secret@127.0.0.1:1/x", name="test", timeout_s=0.2) as pool,
        open_s3(nowhere, attempts=1) as s3,  # so that the tests need not wait
        open_sqs(nowhere, attempts=1) as sqs,
    ):
        aws = Aws(S3Objects(s3, s3, SystemClock(), link_s=900), sqs)
        yield replace(service, pool=pool, aws=ready(aws))


async def test_what_does_not_answer_is_told_without_secrets(broken: Context) -> None:
    checks = await check_all(broken)
    assert {name: check.ok for name, check in checks.items()} == {"postgres": False, "s3": False, "sqs": False}
    assert all(check.detail and "secret" not in check.detail for check in checks.values())


async def test_requests_are_told_to_come_back_while_the_database_is_away(
    alice: Person, broken: Context, service: Context, transport: httpx.ASGITransport
) -> None:
    state = transport.app.state  # pyright: ignore[reportFunctionMemberAccess, reportUnknownVariableType] - it is a FastAPI
    state.context = broken
    try:
        for path in ("/v1/whoami", "/readyz"):
            answer = await alice.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert "127.0.0.1" not in answer.text
        assert (await alice.get("/livez")).status_code == 200
    finally:
        state.context = service


async def test_requests_are_told_to_come_back_while_s3_is_away(
    alice: Person, broken: Context, service: Context, transport: httpx.ASGITransport
) -> None:
    state = transport.app.state  # pyright: ignore[reportFunctionMemberAccess, reportUnknownVariableType] - it is a FastAPI
    new = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 5}
    upload_id = (await alice.post("/v1/uploads", new)).json()["upload_id"]
    state.context = replace(service, aws=broken.aws)
    try:
        answer = await alice.post(f"/v1/uploads/{upload_id}/complete")
    finally:
        state.context = service
    assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")


async def test_a_video_that_does_not_come_out_is_no_health(service: Context, admin: Pool, s3: S3Client) -> None:
    result = await PipelineCheck().result(service, Trace.new())  # no worker runs here
    assert (result.ok, result.cached) == (False, False)
    assert result.detail == "The job is queued after 0.6 s."
    assert set(result.seconds) == {"queued", "total"}
    assert await count(admin, "job", HEALTH_TENANT) == 1
    stored = await s3.list_objects_v2(Bucket=service.settings.bucket, Prefix=f"tenants/{HEALTH_TENANT}/")
    assert [entry.get("Size") for entry in stored.get("Contents", [])] == [2194]


async def test_everybody_gets_the_result_of_one_run(service: Context, admin: Pool) -> None:
    before = await count(admin, "job", HEALTH_TENANT)
    check = PipelineCheck()
    results = await asyncio.gather(*(check.result(service, Trace.new()) for _ in range(5)))
    assert sorted(result.cached for result in results) == [False, True, True, True, True]
    assert (await check.result(service, Trace.new())).cached
    # Another process has just run one: it is joined.
    assert await count(admin, "job", HEALTH_TENANT) == before


async def test_a_video_that_comes_out_tells_its_stages(
    service: Context, admin: Pool, transport: httpx.ASGITransport
) -> None:
    async with admin.connection() as db:
        await db.execute("UPDATE job SET created_at = now() - interval '1 hour' WHERE tenant_id = %s", [HEALTH_TENANT])

    async def work() -> None:
        """Stands in for the worker."""
        while True:
            async with admin.connection() as db:
                found = await db.execute(
                    "SELECT job_id FROM job WHERE tenant_id = %s AND created_at > now() - interval '1 minute'",
                    [HEALTH_TENANT],
                )
                row = await found.fetchone()
            if row:
                break
        stages = '[{"stage": "probe", "started_at": "2026-01-01T00:00:00Z", "attempt": 1}]'
        await change_job(
            admin,
            str(row[0]),
            f"status = 'done', started_at = now(), finished_at = now(), stages = '{stages}'",
        )

    working = asyncio.create_task(work())
    async with httpx.AsyncClient(transport=transport, base_url="http://test.example.com") as anybody:
        answer = await anybody.get("/health/analysis-pipeline")
    await working
    assert (answer.status_code, answer.json()["ok"], answer.json()["cached"]) == (200, True, False)
    assert {"queued", "running", "total", "probe"} == set(answer.json()["seconds"])


async def test_the_clients_come_after_the_start(service: Context) -> None:
    async with open_aws(service.settings) as aws:
        await (await aws.get()).objects.reach(service.settings.bucket)


async def test_clients_that_cannot_be_made_are_told_at_their_use(
    service: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no address")
    async with open_aws(service.settings) as aws:
        with pytest.raises(DependencyUnavailable):
            await replace(service, aws=aws).objects()
        assert aws.failed


async def test_links_name_s3_as_clients_see_it(service: Context) -> None:
    settings = service.settings.model_copy(update={"public_s3_url": "https://s3.example.com"})
    async with open_aws(settings) as aws:
        link = await (await aws.get()).objects.link(settings.bucket, "a.jpg")
    assert link.url.startswith(f"https://s3.example.com/{settings.bucket}/a.jpg?") or link.url.startswith(
        f"https://{settings.bucket}.s3.example.com/a.jpg?"
    )


async def test_runs_of_long_ago_leave_nothing(service: Context, admin: Pool, s3: S3Client) -> None:
    await PipelineCheck().result(service, Trace.new())
    async with admin.connection() as db:
        rows = await (
            await db.execute(
                "UPDATE job SET status = 'done', created_at = now() - interval '2 hours',"
                " finished_at = now() - interval '2 hours' FROM analysis a"
                " WHERE job.tenant_id = %s AND a.job_id = job.job_id RETURNING a.tenant_id, a.analysis_id",
                [HEALTH_TENANT],
            )
        ).fetchall()
        for row in rows:
            await db.execute(
                "INSERT INTO scene (tenant_id, analysis_id, number, start_us, end_us, first_frame, last_frame,"
                " boundary_kind, boundary_score) VALUES (%s, %s, 0, 0, 1, 0, 0, 'start', 1)",
                list(row),
            )
    for _, analysis_id in rows:
        await find_more(admin, {"analysis_id": str(analysis_id)})
    assert rows
    for _, analysis_id in rows:
        key = f"tenants/{HEALTH_TENANT}/analyses/{analysis_id}/1/scene-00000.jpg"
        await s3.put_object(Bucket=service.settings.bucket, Key=key, Body=b"old")
    await PipelineCheck().result(service, Trace.new())
    assert await count(admin, "job", HEALTH_TENANT) == await count(admin, "analysis", HEALTH_TENANT) == 1
    for table in ("scene", "screen_text", "track", "artifact"):
        assert await count(admin, table, HEALTH_TENANT) == 0
    left = await s3.list_objects_v2(Bucket=service.settings.bucket, Prefix=f"tenants/{HEALTH_TENANT}/analyses/")
    assert left.get("Contents", []) == []
