"""Who gets in, and what they see: every route against every sort of caller."""

from uuid import uuid4

import httpx
import pytest
from tests.integration.api.people import (
    Person,
    a_colleague,
    a_finding,
    a_scan,
    a_segment,
    a_tenant,
    a_video,
    client_for,
    finish,
)
from tests.integration.api.test_datasets import documents_sent
from tests.unit.api.walk import Operation, an_app, operations
from types_aiobotocore_s3.client import S3Client

from sightglass_api import keys
from sightglass_api.context import Context
from sightglass_api.permissions import Permission, Role
from sightglass_api.tenants import administration
from sightglass_common.db import Pool

GUARDED = [operation for operation in operations(an_app()) if operation.marks != (None,)]
# What is of the platform is no tenant's.
OF_TENANTS = [operation for operation in GUARDED if not operation.path.startswith("/v1/admin/")]
WITH_ID = [operation for operation in OF_TENANTS if "_id}" in operation.path or "{model}" in operation.path]
READING = [operation for operation in GUARDED if operation.marks == (Permission.READ,)]
OTHERS = [operation for operation in GUARDED if operation.marks not in {(Permission.READ,), (Permission.ASK,)}]
# A conversation is of one key alone.
OWN = "/v1/conversations/{"

BODIES: dict[str, dict[str, object]] = {
    "/v1/uploads": {"filename": "a", "content_type": "a/b", "size_bytes": 1},
    "/v1/detect": {"text": "a text"},
    "/v1/detectors/{detector_id}": {"pattern": "[0-9]{4}"},
    "/v1/findings/{finding_id}": {"note": "a test"},
    "/v1/findings/{finding_id}/reveal": {"reason": "a test"},
    "/v1/schedules/{schedule_id}": {"paused": True},
    "/v1/datasets": {"name": "of a viewer"},
    "/v1/datasets/{dataset_id}": {"description": "changed"},
    "/v1/datasets/{dataset_id}/documents": {"filename": "a", "content_type": "a/b", "size_bytes": 1},
    "/v1/datasets/{dataset_id}/videos": {"videos": "all"},
    "/v1/datasets/{dataset_id}/prefixes": {"bucket": "scanned-bucket", "prefix": "again/"},
    "/v1/datasets/{dataset_id}/prefixes/{prefix_id}": {"every_minutes": None},
    "/v1/datasets/{dataset_id}/evaluate": {"questions": [{"question": "Is it here?", "relevant": {"a": 1}}]},
    "/v1/quotas": {"questions_a_day": 1_000_000},
    "/v1/search": {"query": "anything"},
    "/v1/bots": {"name": "of a viewer"},
    "/v1/bots/{bot_id}": {"description": "changed"},
    "/v1/bots/{bot_id}/publishable-keys": {"origins": ["https://www.example.com"]},
    "/v1/chat/completions": {"model": "any", "messages": [{"role": "user", "content": "Is anything here?"}]},
    "/v1/conversations": {},
    "/v1/providers": {"name": "of a viewer", "kind": "openai", "base_url": "https://example.com/v1", "model": "m"},
    "/v1/providers/{provider_id}/price": {"input_price": "2.5", "output_price": "10"},
    "/v1/providers/{provider_id}": {"enabled": False},
    "/v1/conversations/{conversation_id}": {"title": "changed"},
    "/v1/conversations/{conversation_id}/turns/{turn_id}/feedback": {"thumb": "up"},
    "/v1/conversations/{conversation_id}/turns": {"question": "Is anything here?"},
}


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture
async def ids(made: dict[str, str], admin: Pool) -> dict[str, str]:
    """A segment is shown by the rules of today, and tests change these."""
    return made | {"segment_id": await a_segment(admin, made["document_id"])}


@pytest.fixture(scope="module")
async def made(alice: Person, admin: Pool, s3: S3Client, service: Context) -> dict[str, str]:
    ids = await a_video(alice)
    await finish(admin, s3, service.settings.bucket, ids)
    scan = await a_scan(alice, admin)
    finding_id = await a_finding(admin, scan["scan_id"])
    found = {"scan_id": scan["scan_id"], "finding_id": finding_id}
    return ids | found | await said_and_read(alice, admin)


async def a_document(person: Person, admin: Pool, dataset_id: str) -> str:
    """Sent, and read; its source has the same id."""
    source_id = (await documents_sent(person, dataset_id, b"text"))["source_id"]
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO document (tenant_id, document_id, dataset_id, source_id, title)"
            " SELECT tenant_id, source_id, dataset_id, source_id, '' FROM source WHERE source_id = %s",
            [source_id],
        )
    return source_id


async def removable(person: Person, admin: Pool) -> dict[str, str]:
    """Ids of what a DELETE takes away."""
    schedule = await person.post("/v1/schedules", {"cron": "0 3 * * *", "scan": {"bucket": "scanned-bucket"}})
    await person.post("/v1/detectors", {"detector_id": "badge", "pattern": "B-[0-9]{6}"})
    dataset = await person.post("/v1/datasets", {"name": f"dataset {uuid4()}"})
    bot = await person.post("/v1/bots", {"name": f"bot {uuid4()}"})
    published = await person.post(
        f"/v1/bots/{bot.json()['bot_id']}/publishable-keys", {"origins": ["https://www.example.com"]}
    )
    await person.post(f"/v1/datasets/{dataset.json()['dataset_id']}/videos", {"videos": "all"})
    prefix = await person.post(
        f"/v1/datasets/{dataset.json()['dataset_id']}/prefixes", {"bucket": "scanned-bucket", "prefix": "docs/"}
    )
    conversation = await person.post("/v1/conversations")
    provider = await person.post(
        "/v1/providers", {"name": str(uuid4()), "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
    )
    await person.post(f"/v1/providers/{provider.json()['provider_id']}/test")
    source_id = await a_document(person, admin, dataset.json()["dataset_id"])
    return {
        "bot_id": bot.json()["bot_id"],
        "model": bot.json()["name"],
        "key_id": published.json()["key_id"],
        "schedule_id": schedule.json()["schedule_id"],
        "detector_id": "badge",
        "dataset_id": dataset.json()["dataset_id"],
        "source_id": source_id,
        "document_id": source_id,
        "prefix_id": prefix.json()["prefix_id"],
        "conversation_id": conversation.json()["conversation_id"],
        "provider_id": provider.json()["provider_id"],
    }


async def said_and_read(person: Person, admin: Pool) -> dict[str, str]:
    """A dataset with a document, and a conversation with a turn that is over."""
    ids = await removable(person, admin)
    turn = await person.post(f"/v1/conversations/{ids['conversation_id']}/turns", {"question": "Is anything here?"})
    turn_id = turn.json()["turn_id"]
    await person.post(f"/v1/conversations/{ids['conversation_id']}/turns/{turn_id}/cancel")
    return ids | {"turn_id": turn_id}


async def call(person: httpx.AsyncClient, operation: Operation, ids: dict[str, str]) -> httpx.Response:
    path = operation.path.format(**ids, name="video-analyses-dlq")
    body = BODIES.get(operation.path, {"bucket": "some-bucket", "key": "k"})
    return await person.request(operation.method, path, json=None if operation.method == "GET" else body)


@pytest.mark.parametrize("operation", GUARDED, ids=name)
async def test_without_a_valid_key_nothing_answers(
    operation: Operation, transport: httpx.ASGITransport, api_pool: Pool, ids: dict[str, str], alice: Person
) -> None:
    revoked = await a_colleague(api_pool, transport, alice, Role.PLATFORM_ADMIN)
    await administration.revoke_key(api_pool, alice.tenant_id, revoked.key_id)
    unknown, wrong = keys.new_key(), keys.ApiKey(alice.key_id, "a" * 43)
    bodies: set[str] = set()
    for key in (None, "sg_nonsense", str(unknown), str(wrong), revoked.key):
        answer = await call(client_for(transport, key), operation, ids)
        assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
        bodies.add(str(answer.json() | {"request_id": ""}))
    assert len(bodies) == 1, "the answer tells what was wrong with the key"


@pytest.mark.parametrize("operation", WITH_ID, ids=name)
async def test_another_tenants_id_answers_as_an_unknown_one(
    operation: Operation, alice: Person, mallory: Person, ids: dict[str, str], admin: Pool
) -> None:
    if operation.method == "DELETE":
        ids = ids | await removable(alice, admin)
    unknown = {key: str(uuid4()) for key in ids}
    own = await call(alice.http, operation, ids)
    assert own.status_code != 404, "the route does not know the id at all"
    theirs, nobodys = await call(mallory.http, operation, ids), await call(mallory.http, operation, unknown)
    assert theirs.status_code == nobodys.status_code == 404
    assert comparable(theirs, ids) == comparable(nobodys, unknown)


def code_of(answer: httpx.Response) -> str:
    """Also of an answer to a client of OpenAI."""
    told = answer.json()
    return told.get("error", told)["code"]


def comparable(answer: httpx.Response, ids: dict[str, str]) -> str:
    text = str(answer.json() | {"request_id": ""})
    for named in sorted(ids.values(), key=len, reverse=True):  # one may be a part of another
        text = text.replace(named, "ID")
    return text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/videos",
        "/v1/jobs",
        "/v1/scans",
        "/v1/findings",
        "/v1/schedules",
        "/v1/datasets",
        "/v1/bots",
        "/v1/conversations",
        "/v1/providers",
    ],
)
async def test_another_tenants_lists_are_empty(path: str, mallory: Person, ids: dict[str, str]) -> None:
    assert ids
    assert (await mallory.get(path)).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("operation", [one for one in READING if not one.path.startswith(OWN)], ids=name)
async def test_a_viewer_reads_everything(operation: Operation, viewer: Person, ids: dict[str, str]) -> None:
    answer = await call(viewer.http, operation, ids)
    assert answer.status_code < 300, answer.text


@pytest.mark.parametrize("operation", OTHERS, ids=name)
async def test_a_viewer_changes_nothing(operation: Operation, viewer: Person, ids: dict[str, str]) -> None:
    answer = await call(viewer.http, operation, ids)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_viewer_asks_in_conversations_of_its_own(viewer: Person) -> None:
    begun = await viewer.post("/v1/conversations")
    asked = await viewer.post(f"/v1/conversations/{begun.json()['conversation_id']}/turns", {"question": "Anything?"})
    assert (begun.status_code, asked.status_code) == (201, 202)


async def test_a_tenants_admin_does_not_operate_the_platform(alice: Person) -> None:
    assert (await alice.get("/v1/admin/queues")).status_code == 403


async def test_an_operator_sees_no_tenants_data(operator: Person, ids: dict[str, str]) -> None:
    assert (await operator.get(f"/v1/videos/{ids['video_id']}")).status_code == 404


async def test_an_expired_key_ends(api_pool: Pool, admin: Pool, transport: httpx.ASGITransport) -> None:
    person = await a_tenant(api_pool, transport)
    assert (await person.get("/v1/whoami")).status_code == 200
    async with admin.connection() as db:
        await db.execute("UPDATE api_key SET expires_at = now() WHERE key_id = %s", [person.key_id])
    assert (await person.get("/v1/whoami")).status_code == 401


async def test_a_use_is_noted_once_a_minute(api_pool: Pool, admin: Pool, transport: httpx.ASGITransport) -> None:
    person = await a_tenant(api_pool, transport)
    noted: list[object] = []
    for _ in range(2):
        await person.get("/v1/whoami")
        async with admin.connection() as db:
            found = await db.execute("SELECT last_used_at FROM api_key WHERE key_id = %s", [person.key_id])
            noted.append(await found.fetchone())
    assert noted[0] != (None,)
    assert noted[0] == noted[1]


async def test_whoami_tells_tenant_and_role(viewer: Person) -> None:
    me = (await viewer.get("/v1/whoami")).json()
    assert (me["tenant_id"], me["role"], me["key_id"]) == (str(viewer.tenant_id), "viewer", viewer.key_id)
    assert me["tenant_name"].startswith("tenant-")


async def test_a_key_in_another_scheme_is_no_key(alice: Person, transport: httpx.ASGITransport) -> None:
    async with client_for(transport, None) as stranger:
        for header in (f"Basic {alice.key}", alice.key, f"Bearer  {alice.key} x", "Bearer"):
            answer = await stranger.get("/v1/whoami", headers={"Authorization": header})
            assert answer.status_code == 401, header
