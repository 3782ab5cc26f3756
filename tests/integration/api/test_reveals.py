"""Reveals over HTTP, with a scanner that answers: values are given once, to whoever may, and every call is noted."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import SecretStr
from tests.integration.api.people import Person, a_colleague, a_scan, a_tenant
from tests.integration.scanner.yard import Yard
from tests.stack import Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api.context import Context
from sightglass_api.permissions import Role
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.messages import RevealFinding, from_json
from sightglass_common.outcomes import Done
from sightglass_common.reconciler import forget_reveals
from sightglass_scanner.reveals import RevealHandler
from sightglass_scanner.settings import ScannerSettings

T = TypeVar("T")
SSN: Final = "536-90-4399"
REASON: Final = {"reason": "a customer asks"}


@dataclass
class Scanner:
    """Takes questions out of the outbox and answers them here."""

    pool: Pool
    admin: Pool
    s3: S3Client

    async def answer(self, tenant_id: UUID) -> int:
        async with self.admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                "DELETE FROM outbox WHERE tenant_id = %s AND queue = 'finding-reveals' RETURNING body", [tenant_id]
            )
            bodies = [row["body"] for row in await cursor.fetchall()]
        settings = ScannerSettings(
            database_url=SecretStr("unused: the pool is open"), finding_key=SecretStr("the key of these tests")
        )
        for body in bodies:
            for _ in range(2):  # delivered twice
                outcome = await RevealHandler(self.pool, self.s3, settings)(Delivery(from_json(body, RevealFinding)))
                assert isinstance(outcome, Done)
        return len(bodies)

    @asynccontextmanager
    async def at_work(self, tenant_id: UUID) -> AsyncGenerator[None]:
        async def work() -> None:
            while True:
                await self.answer(tenant_id)
                await asyncio.sleep(0.01)

        working = asyncio.create_task(work())
        try:
            yield
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


@pytest.fixture(scope="module")
async def scanner_pool(database: Database) -> AsyncGenerator[Pool]:
    async with database.pool("scanner") as pool:
        yield pool


@pytest.fixture
def scanner(scanner_pool: Pool, admin: Pool, s3: S3Client) -> Scanner:
    return Scanner(scanner_pool, admin, s3)


def set_to(service: Context, monkeypatch: pytest.MonkeyPatch, name: str, value: float) -> None:
    """Change a setting, which is frozen, for one test."""
    monkeypatch.setitem(service.settings.__dict__, name, value)


@pytest.fixture
async def carol(api_pool: Pool, transport: Any, service: Context, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A tenant's admin of this test alone, who waits as long as it takes."""
    set_to(service, monkeypatch, "reveal_wait_s", 30.0)
    return await a_tenant(api_pool, transport)


async def scanned(person: Person, admin: Pool, scanner: Scanner, s3: S3Client, **objects: bytes) -> tuple[str, Yard]:
    """A bucket of the person's that was scanned."""
    bucket = f"reveal-{uuid4().hex[:12]}"
    await s3.create_bucket(Bucket=bucket)
    yard = Yard(person.tenant_id, bucket, admin, scanner.pool, scanner.pool, s3)
    await yard.put({key.replace("__", "."): body for key, body in objects.items()})
    started = await a_scan(person, admin, bucket)
    await yard.finish()
    return started["scan_id"], yard


async def findings(person: Person, scan_id: str) -> list[dict[str, Any]]:
    return (await person.get(f"/v1/scans/{scan_id}/findings")).json()["items"]


async def audit(person: Person, finding_id: str) -> list[str]:
    """The outcomes of all calls for a finding, the oldest first."""
    entries = (await person.get("/v1/audit", params={"finding_id": finding_id})).json()["items"]
    assert all(entry["key_id"] == person.key_id for entry in entries)
    return [entry["outcome"] for entry in reversed(entries)]


async def test_every_value_is_given_as_it_stands_in_the_object(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client
) -> None:
    scan_id, _ = await scanned(
        carol, admin, scanner, s3,
        a__txt=f"name: Ann\nssn: {SSN}\nmail ann.lee@example.org\n".encode(),
        b__csv=b"name,ssn\nann,536904399\n",
        c__json=b'{"customer": {"email": "bob.ray@example.org"}}',
    )  # fmt: skip
    found = await findings(carol, scan_id)
    values: dict[str, set[str]] = {}
    async with scanner.at_work(carol.tenant_id):
        for finding in found:
            answer = await carol.post(f"/v1/findings/{finding['finding_id']}/reveal", REASON)
            assert answer.status_code == 200, answer.text
            assert answer.headers["Cache-Control"] == "no-store"
            values.setdefault(finding["key"], set()).add(answer.json()["value"])
            assert await audit(carol, finding["finding_id"]) == ["asked", "given"]
    assert values["a.txt"] == {SSN, "ann.lee@example.org"}
    assert "bob.ray@example.org" in values["c.json"]
    assert len(found) >= 4


async def test_nothing_of_the_value_is_stored(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client, capsys: pytest.CaptureFixture[str]
) -> None:
    scan_id, _ = await scanned(carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode())
    (finding,) = await findings(carol, scan_id)
    asking = asyncio.create_task(carol.post(f"/v1/findings/{finding['finding_id']}/reveal", REASON))
    stored = await once(lambda: everything(admin, carol.tenant_id, "reveal"))
    stored += await everything(admin, carol.tenant_id, "outbox")
    await once(lambda: scanner.answer(carol.tenant_id))
    assert (await asking).json()["value"] == SSN
    assert await everything(admin, carol.tenant_id, "reveal") == []
    for table in ("reveal", "audit_entry", "outbox", "finding", "job"):
        stored += await everything(admin, carol.tenant_id, table)
    shown = repr(stored) + capsys.readouterr().out
    for part in (SSN, SSN.encode().hex(), SSN.replace("-", "")):
        assert part not in shown


async def once(look: Callable[[], Awaitable[T]]) -> T:
    """What a look gives as soon as it is something."""
    async with asyncio.timeout(60):
        for _ in count():
            if found := await look():
                return found
            await asyncio.sleep(0.01)
    raise AssertionError


async def everything(admin: Pool, tenant_id: UUID, table: str) -> list[Any]:
    async with admin.connection() as db:
        return await (await db.execute(f"SELECT * FROM {table} WHERE tenant_id = %s", [tenant_id])).fetchall()  # pyright: ignore[reportArgumentType] - the tests' own strings


async def test_an_object_that_is_another_now_gives_nothing(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client
) -> None:
    scan_id, yard = await scanned(
        carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode(), b__txt=f"ssn: {SSN}".encode()
    )
    found = {finding["key"]: finding["finding_id"] for finding in await findings(carol, scan_id)}
    await yard.put({"a.txt": f"ssn: {SSN} ".encode()})
    await s3.delete_object(Bucket=yard.bucket, Key="b.txt")
    async with scanner.at_work(carol.tenant_id):
        for finding_id in found.values():
            answer = await carol.post(f"/v1/findings/{finding_id}/reveal", REASON)
            assert (answer.status_code, answer.json()["code"]) == (409, "finding_outdated")
            assert await audit(carol, finding_id) == ["asked", "finding_outdated"]


@pytest.mark.parametrize("kind", ["screen", "image"])
async def test_what_a_picture_shows_is_told_as_such_noted_and_asked_of_no_scanner(
    carol: Person, mallory: Person, admin: Pool, kind: str
) -> None:
    finding_id = uuid4()
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO finding (tenant_id, finding_id, bucket, object_key, version, detector, severity, confidence,"
            " locator, masked, value_hash) VALUES (%s, %s, 'films', 'a.mp4', 'v1', 'us-ssn', 'high', 0.98,"
            " jsonb_build_object('kind', %s::text), '*', sha256('1'))",
            [carol.tenant_id, finding_id, kind],
        )
    answer = await carol.post(f"/v1/findings/{finding_id}/reveal", REASON)
    assert (answer.status_code, answer.json()["code"]) == (409, "finding_on_screen")
    assert "locator" in answer.json()["detail"]
    assert await audit(carol, str(finding_id)) == ["finding_on_screen"]
    assert await everything(admin, carol.tenant_id, "reveal") == []
    assert await everything(admin, carol.tenant_id, "outbox") == []
    assert (await mallory.post(f"/v1/findings/{finding_id}/reveal", REASON)).json()["code"] == "finding_not_found"


async def test_an_older_version_is_read_where_the_bucket_keeps_it(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client
) -> None:
    bucket = f"reveal-{uuid4().hex[:12]}"
    await s3.create_bucket(Bucket=bucket)
    await s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yard = Yard(carol.tenant_id, bucket, admin, scanner.pool, scanner.pool, s3)
    await yard.put({"a.txt": f"ssn: {SSN}".encode()})
    started = await a_scan(carol, admin, bucket)
    await yard.finish()
    await yard.put({"a.txt": b"nothing any more"})
    (finding,) = await findings(carol, started["scan_id"])
    async with scanner.at_work(carol.tenant_id):
        answer = await carol.post(f"/v1/findings/{finding['finding_id']}/reveal", REASON)
    assert answer.json()["value"] == SSN


async def test_a_bucket_that_is_linked_no_more_is_not_read(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client
) -> None:
    scan_id, yard = await scanned(carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode())
    (finding,) = await findings(carol, scan_id)
    async with admin.connection() as db:
        await db.execute("DELETE FROM bucket_link WHERE bucket = %s", [yard.bucket])
    async with scanner.at_work(carol.tenant_id):
        answer = await carol.post(f"/v1/findings/{finding['finding_id']}/reveal", REASON)
    assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")


async def test_a_reason_is_needed(carol: Person) -> None:
    for wrong in ({}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": "\0"}):
        assert (await carol.post(f"/v1/findings/{uuid4()}/reveal", wrong)).status_code == 422


async def test_without_a_scanner_it_ends_and_is_asked_no_more(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client, service: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_id, _ = await scanned(carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode())
    (finding,) = await findings(carol, scan_id)
    set_to(service, monkeypatch, "reveal_wait_s", 0.05)
    answer = await carol.post(f"/v1/findings/{finding['finding_id']}/reveal", REASON)
    assert (answer.status_code, answer.json()["code"]) == (503, "reveal_timed_out")
    assert await everything(admin, carol.tenant_id, "reveal") == []
    assert await scanner.answer(carol.tenant_id) == 1  # late, and harmless
    assert await audit(carol, finding["finding_id"]) == ["asked", "reveal_timed_out"]


async def test_only_the_tenants_admins_may(carol: Person, api_pool: Pool, transport: Any, operator: Person) -> None:
    for role in (Role.MEMBER, Role.VIEWER):
        other = await a_colleague(api_pool, transport, carol, role)
        assert (await other.post(f"/v1/findings/{uuid4()}/reveal", REASON)).status_code == 403
        assert (await other.get("/v1/audit")).status_code == 403
    assert (await operator.post(f"/v1/findings/{uuid4()}/reveal", REASON)).status_code == 403


async def test_what_another_tenant_asks_for_is_noted_there_alone(
    carol: Person, mallory: Person, admin: Pool, scanner: Scanner, s3: S3Client
) -> None:
    scan_id, _ = await scanned(carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode())
    (finding,) = await findings(carol, scan_id)
    answer = await mallory.post(f"/v1/findings/{finding['finding_id']}/reveal", REASON)
    assert (answer.status_code, answer.json()["code"]) == (404, "finding_not_found")
    assert await audit(mallory, finding["finding_id"]) == ["finding_not_found"]
    assert await audit(carol, finding["finding_id"]) == []


async def test_so_many_a_minute_and_each_refusal_is_noted(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client, service: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_id, _ = await scanned(carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode())
    (finding,) = await findings(carol, scan_id)
    set_to(service, monkeypatch, "reveals_a_minute", 3)
    path = f"/v1/findings/{finding['finding_id']}/reveal"
    async with scanner.at_work(carol.tenant_id):
        answers = await asyncio.gather(*(carol.post(path, REASON) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 3
    assert sorted(await audit(carol, finding["finding_id"])) == ["asked"] * 3 + ["given"] * 3 + ["rate_limited"] * 3


async def test_the_audit_comes_in_pages_and_cannot_be_changed(
    carol: Person, admin: Pool, api_pool: Pool, scanner_pool: Pool
) -> None:
    for _ in range(3):
        await carol.post(f"/v1/findings/{uuid4()}/reveal", REASON)
    first = (await carol.get("/v1/audit", params={"limit": 2})).json()
    rest = (await carol.get("/v1/audit", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    entries = first["items"] + rest["items"]
    assert len({entry["audit_id"] for entry in entries}) == 3
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    for pool in (api_pool, scanner_pool):
        for statement in ("UPDATE audit_entry SET outcome = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with tenant_transaction(pool, carol.tenant_id) as db:
                    await db.execute(statement.encode())


async def test_a_question_whose_asker_was_killed_is_swept(
    carol: Person, admin: Pool, scanner: Scanner, s3: S3Client, relay_pool: Pool
) -> None:
    scan_id, _ = await scanned(carol, admin, scanner, s3, a__txt=f"ssn: {SSN}".encode())
    (finding,) = await findings(carol, scan_id)
    async with admin.connection() as db:
        for age in ("1 minute", "6 minutes"):
            await db.execute(
                "INSERT INTO reveal VALUES (%s, %s, %s, sha256('k'), 'sealed', NULL, now() - %s::interval)",
                [carol.tenant_id, uuid4(), finding["finding_id"], age],
            )
    async with relay_pool.connection() as db:
        await forget_reveals(db)
    assert len(await everything(admin, carol.tenant_id, "reveal")) == 1
