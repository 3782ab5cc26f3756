"""The processes as they are run: served over a socket, stopped by a signal, operated by commands."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from tests.integration.api.people import Person, a_video, count
from tests.stack import Aws, Database

from sightglass_common.db import Pool
from sightglass_common.sqs import Sqs

START_S = 40  # on a machine that does much else


@dataclass
class Service:
    """A process of ours with its log."""

    process: asyncio.subprocess.Process
    lines: list[str]
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def environment(database: Database, aws: Aws) -> dict[str, str]:
    return os.environ | {
        "SIGHTGLASS_DATABASE_URL": database.url("api"),
        "SIGHTGLASS_BUCKET": aws.bucket,
        "SIGHTGLASS_QUEUE_PREFIX": aws.queue_prefix,
        "SIGHTGLASS_PORT": "0",
        "AWS_ENDPOINT_URL": aws.endpoint_url,
    }


async def command(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sightglass_api", *words, env=environment, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@asynccontextmanager
async def running(environment: dict[str, str], word: str) -> AsyncGenerator[Service]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sightglass_api", word, env=environment, stderr=asyncio.subprocess.PIPE
    )
    service = Service(process, [])
    reading = asyncio.create_task(_read(service))
    try:
        async with asyncio.timeout(START_S):
            while not service.port:
                assert process.returncode is None, service.lines
                await asyncio.sleep(0.02)
        yield service
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(service: Service) -> None:
    assert service.process.stderr
    async for line in service.process.stderr:
        service.lines.append(line.decode())
        found = re.search(r'"port": (\d+)', service.lines[-1])
        if found and not service.port:
            service.port = int(found[1])


async def stop(service: Service) -> int:
    service.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(START_S):
        return await service.process.wait()


@pytest.fixture(scope="module")
async def serving(environment: dict[str, str]) -> AsyncGenerator[Service]:
    async with running(environment, "serve") as service:
        yield service
        assert await stop(service) == 0, service.lines


async def test_who_connects_while_it_starts_waits_and_is_served(environment: dict[str, str]) -> None:
    async with running(environment, "serve") as service, httpx.AsyncClient(timeout=START_S) as http:
        assert (await http.get(f"{service.url}/readyz")).status_code == 200
        assert await stop(service) == 0


async def test_a_stream_over_a_socket_tells_changes_as_they_come_and_ends_with_the_service(
    environment: dict[str, str], alice: Person
) -> None:
    ids = await a_video(alice)
    headers = {"Authorization": f"Bearer {alice.key}"}
    async with (
        running(environment, "serve") as service,
        httpx.AsyncClient(headers=headers, timeout=START_S) as http,
        http.stream("GET", f"{service.url}/v1/jobs/{ids['job_id']}/events") as answer,
    ):
        lines = answer.aiter_lines()
        async for line in lines:
            if line.startswith("data: "):
                assert json.loads(line.removeprefix("data: "))["status"] == "queued"
                break
        async with asyncio.timeout(START_S):
            service.process.send_signal(signal.SIGTERM)
            assert [line async for line in lines if line.startswith("data: ")] == []
            assert await service.process.wait() == 0


async def test_ten_megabytes_over_a_socket_get_their_answer(serving: Service, alice: Person) -> None:
    headers = {"Authorization": f"Bearer {alice.key}", "Content-Type": "application/json"}

    async def unannounced() -> AsyncGenerator[bytes]:
        for _ in range(160):
            yield b" " * 65_536

    async with httpx.AsyncClient(headers=headers, timeout=START_S) as http:
        for body in (b" " * 10_485_760, unannounced()):
            answer = await http.post(f"{serving.url}/v1/uploads", content=body)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_log_line_has_the_ids_and_no_secret(serving: Service, alice: Person) -> None:
    headers = {"Authorization": f"Bearer {alice.key}", "X-Request-Id": "find-me"}
    async with httpx.AsyncClient(headers=headers, timeout=START_S) as http:
        await http.get(f"{serving.url}/v1/whoami")
    async with asyncio.timeout(START_S):
        while not (found := [line for line in serving.lines if "find-me" in line]):  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.02)
    entry = json.loads(found[0])
    assert (entry["event"], entry["route"], entry["status"]) == ("http.request", "/v1/whoami", 200)
    assert (entry["tenant_id"], entry["service"]) == (str(alice.tenant_id), "api")
    assert not [line for line in serving.lines if alice.key in line]


async def test_commands_make_a_tenant_and_keys_and_end_them(serving: Service, environment: dict[str, str]) -> None:
    status, out, err = await command(environment, "tenants", "create", "made by command", "--json")
    assert status == 0, err
    made = json.loads(out)
    assert set(made) == {"tenant_id", "api_key"}
    again = await command(environment, "tenants", "create", "made by command")
    assert (again[0], again[2].strip()) == (1, "tenant_exists: There is a tenant named made by command.")
    tenant = ("--tenant", made["tenant_id"])
    key = json.loads((await command(environment, "keys", "create", *tenant, "--role", "viewer", "--json"))[1])
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key['api_key']}"}, timeout=START_S) as http:
        assert (await http.get(f"{serving.url}/v1/whoami")).json()["role"] == "viewer"
        assert (await command(environment, "buckets", "link", *tenant, "films"))[0] == 0
        assert (await http.get(f"{serving.url}/v1/buckets")).json()["items"][0]["bucket"] == "films"
        assert (await command(environment, "keys", "revoke", *tenant, key["key_id"]))[0] == 0
        assert (await http.get(f"{serving.url}/v1/whoami")).status_code == 401


async def test_a_command_without_settings_says_which_are_missing() -> None:
    status, _, err = await command({"PATH": os.defpath}, "tenants", "create", "x")
    assert status == 1
    assert "SIGHTGLASS_DATABASE_URL" in err
    assert "Traceback" not in err


async def test_help_loads_no_framework() -> None:
    code = "import sys; from sightglass_api.__main__ import parser; parser(); print(sorted(sys.modules))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=-1)
    loaded = (await process.communicate())[0].decode()
    assert not {name for name in ("fastapi", "pydantic", "psycopg", "aiobotocore") if f"'{name}'" in loaded}


async def test_the_start_waits_for_no_aws_client() -> None:
    code = "import sys, sightglass_api.app, sightglass_api.opening; print(sorted(sys.modules))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=-1)
    loaded = (await process.communicate())[0].decode()
    assert not {name for name in ("aiobotocore", "aiohttp", "botocore.client") if f"'{name}'" in loaded}


async def test_the_relay_sends_what_the_api_has_posted(
    environment: dict[str, str], database: Database, aws: Aws, alice: Person, admin: Pool, sqs: Sqs
) -> None:
    ids = await a_video(alice, b"to be sent")
    relay = environment | {"SIGHTGLASS_DATABASE_URL": database.url("relay")}
    url = (await sqs.get_queue_url(QueueName=f"{aws.queue_prefix}video-analyses"))["QueueUrl"]
    async with running(relay, "relay") as service, httpx.AsyncClient(timeout=START_S) as http:
        bodies: list[str] = []
        async with asyncio.timeout(START_S):
            while not any(ids["job_id"] in body for body in bodies):
                received = await sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
                bodies += [message.get("Body", "") for message in received.get("Messages", [])]
            while await count(admin, "outbox", alice.tenant_id):  # noqa: ASYNC110 - a row has no event
                await asyncio.sleep(0.02)
        assert (await http.get(f"{service.url}/readyz")).status_code == 200
        assert await stop(service) == 0


async def test_reconcile_now_posts_every_unfinished_job(
    environment: dict[str, str], database: Database, alice: Person, admin: Pool
) -> None:
    await a_video(alice, b"to be lost")
    async with admin.connection() as db:
        await db.execute("DELETE FROM outbox")
    relay = environment | {"SIGHTGLASS_DATABASE_URL": database.url("relay")}
    status, out, err = await command(relay, "reconcile", "--now")
    assert status == 0, err
    assert int(out.split()[0]) == await count(admin, "outbox", alice.tenant_id) > 0


async def test_provisioning_twice_is_harmless(environment: dict[str, str]) -> None:
    for _ in range(2):
        status, out, err = await command(environment, "provision")
        assert (status, out.strip()) == (0, "queues and bucket are there"), err
