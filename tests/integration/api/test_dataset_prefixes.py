"""Datasets are kept in step with the objects below a prefix: over HTTP, with the services behind it and a bucket."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from botocore.exceptions import ClientError
from tests.integration.api.people import Person, a_tenant
from tests.integration.api.test_datasets import a_dataset
from tests.integration.api.upkeep import Upkeep, services
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_api.datasets.following import Follower
from sightglass_api.datasets.renewing import Renewer
from sightglass_common import s3_get
from sightglass_common.db import Pool
from sightglass_common.errors import AccessDenied
from sightglass_common.s3_get import Told
from sightglass_scanner import listing, objects
from sightglass_scanner.documents import handler as reading
from sightglass_scanner.prefixes import handler as syncing
from sightglass_scanner.prefixes import queries

SSN = "536-90-4399"


class Killed(BaseException):
    """The scanner is gone."""


@pytest.fixture(scope="module")
async def upkeep(admin: Pool, database: Database, aws: Aws, s3: S3Client) -> AsyncGenerator[Upkeep]:
    async with services(admin, database, aws, s3) as upkeep:
        yield upkeep


@pytest.fixture
async def owner(api_pool: Pool, transport: httpx.ASGITransport) -> Person:
    return await a_tenant(api_pool, transport)


class Place:
    """A bucket that is linked to a tenant, and a dataset that follows what is below `docs/` in it."""

    def __init__(self, owner: Person, upkeep: Upkeep, s3: S3Client, bucket: str, dataset: str) -> None:
        self.owner, self.upkeep, self.s3, self.bucket, self.dataset = owner, upkeep, s3, bucket, dataset
        self.path = ""

    async def put(self, **bodies: str | bytes) -> None:
        """Objects by their names below the prefix; `__` is a slash, and `_` before the ending a dot."""
        for name, body in bodies.items():
            data = body if isinstance(body, bytes) else body.encode()
            await self.s3.put_object(Bucket=self.bucket, Key=self.key(name), Body=data)

    async def delete(self, *names: str) -> None:
        for name in names:
            await self.s3.delete_object(Bucket=self.bucket, Key=self.key(name))

    def key(self, name: str) -> str:
        stem, _, ending = name.replace("__", "/").rpartition("_")
        return f"docs/{stem}.{ending}"

    async def add(self, **wanted: Any) -> dict[str, Any]:
        """Have the dataset follow the prefix; the prefix after its first sync."""
        body = {"bucket": self.bucket, "prefix": "docs/", **wanted}
        begun = await self.owner.post(f"{self.dataset}/prefixes", body)
        assert begun.status_code == 202, begun.text
        self.path = f"{self.dataset}/prefixes/{begun.json()['prefix_id']}"
        await self.upkeep.work(self.owner.tenant_id)
        return await self.now()

    async def sync(self) -> dict[str, Any]:
        """The counts of a sync."""
        assert (await self.owner.post(f"{self.path}/sync")).status_code == 202
        await self.upkeep.work(self.owner.tenant_id)
        return (await self.now())["sync"]

    async def now(self) -> dict[str, Any]:
        return (await self.owner.get(self.path)).json()

    async def found(self, word: str) -> list[tuple[str, str]]:
        results = (await self.owner.post("/v1/search", {"query": word})).json()["results"]
        return [(one["text"], one["origin"]) for one in results]

    async def documents(self) -> dict[str, dict[str, Any]]:
        listed = (await self.owner.get(f"{self.dataset}/documents")).json()["items"]
        return {one["document_ref"] or one["title"]: one for one in listed}


@pytest.fixture
async def place(owner: Person, upkeep: Upkeep, s3: S3Client, admin: Pool) -> Place:
    bucket = f"shelf-{uuid4()}"
    await s3.create_bucket(Bucket=bucket)
    async with admin.connection() as db:
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [owner.tenant_id, bucket])
    return Place(owner, upkeep, s3, bucket, f"/v1/datasets/{(await a_dataset(owner))['dataset_id']}")


class Gets:
    """All objects that are fetched. denied: keys that S3 does not give."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys: list[str] = []
        self.denied: set[str] = set()
        real = s3_get.S3Gets.get_each

        async def get_each(
            gets: s3_get.S3Gets, bucket: str, keys: Sequence[str], *args: Any, **more: Any
        ) -> list[Told]:
            self.keys += keys
            told = await real(gets, bucket, keys, *args, **more)
            denied = ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")
            return [denied if key in self.denied else one for key, one in zip(keys, told, strict=True)]

        monkeypatch.setattr(s3_get.S3Gets, "get_each", get_each)

    def taken(self) -> list[str]:
        """The keys since the last time that it was asked."""
        keys, self.keys = sorted(self.keys), []
        return keys


@pytest.fixture
def gets(monkeypatch: pytest.MonkeyPatch) -> Gets:
    return Gets(monkeypatch)


def counts(sync: dict[str, Any]) -> dict[str, int]:
    """Those that are not 0."""
    names = ("listed", "new", "changed", "retried", "unchanged", "removed")
    return {name: sync[name] for name in names if sync[name]} | {f"~{r}": n for r, n in sync["skipped"].items()}


async def test_what_is_below_a_prefix_is_found_as_it_is_now_and_nothing_is_read_twice(place: Place, gets: Gets) -> None:
    await place.put(a_md="The walrus opens a valve.", b_md="The heron rests.", c__d_txt="Otters swim.", e_txt="")
    added = await place.add()
    assert counts(added["sync"]) == {"listed": 4, "new": 3, "~empty": 1}
    assert (added["sync"]["status"], added["objects"], added["ready"], added["reading"]) == ("done", 3, 3, 0)
    assert await place.found("walrus") == [("The walrus opens a valve.", f"s3://{place.bucket}/docs/a.md")]
    assert gets.taken() == ["docs/a.md", "docs/b.md", "docs/c/d.txt"]
    assert counts(await place.sync()) == {"listed": 4, "unchanged": 3, "~empty": 1}
    assert gets.taken() == []
    before = (await place.documents())["b.md"]["document_id"]
    await place.put(b_md="The badger digs.", f_txt="The lynx waits.")
    await place.delete("a_md", "e_txt")
    assert counts(await place.sync()) == {"listed": 3, "new": 1, "changed": 1, "unchanged": 1, "removed": 1}
    assert gets.taken() == ["docs/b.md", "docs/f.txt"]
    assert (await place.documents())["b.md"]["document_id"] == before
    for word, texts in {"walrus": [], "heron": [], "badger": ["The badger digs."], "lynx": ["The lynx waits."]}.items():
        assert [text for text, _ in await place.found(word)] == texts
    assert await place.upkeep.tables_with(place.owner.tenant_id, "walrus") == set()
    assert (await place.now())["objects"] == 3
    await place.put(a_md="The walrus is back.")
    assert counts(await place.sync()) == {"listed": 4, "new": 1, "unchanged": 3}
    assert [text for text, _ in await place.found("walrus")] == ["The walrus is back."]


async def test_of_a_file_of_records_that_has_changed_what_is_not_in_it_any_more_is_gone(place: Place) -> None:
    def lines(*names: str) -> bytes:
        return b"\n".join(json.dumps({"id": name, "text": f"The {name} sings."}).encode() for name in names)

    await place.put(birds_jsonl=lines("heron", "finch", "crane"))
    await place.add()
    finch = (await place.documents())["finch"]["document_id"]
    await place.put(birds_jsonl=lines("finch", "stork"))
    assert counts(await place.sync()) == {"listed": 1, "changed": 1}
    assert sorted(await place.documents()) == ["finch", "stork"]
    assert (await place.documents())["finch"]["document_id"] == finch
    assert await place.upkeep.tables_with(place.owner.tenant_id, "crane") == set()
    assert await place.found("stork") == [("The stork sings.", f"s3://{place.bucket}/docs/birds.jsonl")]
    await place.put(birds_jsonl="no record")
    await place.sync()
    assert [one["status"] for one in (await place.documents()).values()] == ["skipped"]
    assert await place.upkeep.tables_with(place.owner.tenant_id, "sings") == set()


async def test_what_cannot_be_read_is_told_with_its_reason_and_tried_again_when_that_may_be_over(
    place: Place, gets: Gets
) -> None:
    film = b"\0\0\0\x20ftypisom" + b"\0" * 100
    await place.put(film_mp4=film, secret_txt="The walrus hides.", plain_txt="The heron rests.")
    gets.denied = {"docs/secret.txt"}
    added = await place.add()
    assert counts(added["sync"]) == {"listed": 3, "new": 3}
    assert (added["ready"], added["skipped"], added["failed"], added["reading"]) == (1, 2, 2, 0)
    told = {title: (one["status"], one["reason"]) for title, one in (await place.documents()).items()}
    assert told == {
        "film.mp4": ("skipped", "video"), "secret.txt": ("skipped", "denied"), "plain.txt": ("ready", None)
    }  # fmt: skip
    gets.taken()
    gets.denied = set()
    assert counts(await place.sync()) == {"listed": 3, "retried": 1, "unchanged": 2}
    assert gets.taken() == ["docs/secret.txt"]
    assert [text for text, _ in await place.found("walrus")] == ["The walrus hides."]
    assert counts(await place.sync()) == {"listed": 3, "unchanged": 3}
    assert gets.taken() == []
    await place.put(secret_txt=film)
    await place.sync()
    assert await place.upkeep.tables_with(place.owner.tenant_id, "walrus") == set()
    assert (await place.owner.get(place.dataset)).json()["segments"] == 1


async def test_an_object_is_shown_without_what_is_sensitive_in_its_name(place: Place) -> None:
    key = f"docs/{SSN}/ann@example.com.txt"
    await place.s3.put_object(Bucket=place.bucket, Key=key, Body=b"The walrus opens a valve.")
    added = await place.add()
    shown = f"s3://{place.bucket}/docs/[US_SSN#1]/[EMAIL#1].txt"
    assert await place.found("walrus") == [("The walrus opens a valve.", shown)]
    conversation = (await place.owner.post("/v1/conversations")).json()["conversation_id"]
    path = f"/v1/conversations/{conversation}/turns"
    turn = (await place.owner.post(path, {"question": "What does the walrus open?"})).json()["turn_id"]
    await place.upkeep.work(place.owner.tenant_id)
    answered = await place.owner.get(f"{path}/{turn}")
    (citation,) = answered.json()["citations"]
    assert (citation["origin"], citation["locator"]["line"]) == (shown, 1)
    sources = await place.owner.get(f"{place.dataset}/sources", params={"prefix_id": added["prefix_id"]})
    assert [one["filename"] for one in sources.json()["items"]] == [shown]
    events = await place.owner.get(f"{path}/{turn}/events")
    told = [answered, sources, events, await place.owner.get(f"{place.dataset}/documents")]
    assert not [one.text for one in told if SSN in one.text or "ann@" in one.text]
    # What the platform needs to fetch it is in rows that chat may not read.
    assert await place.upkeep.tables_with(place.owner.tenant_id, SSN) == {"source"}


async def test_what_is_sensitive_from_now_on_is_not_shown_in_an_address_either(place: Place, relay_pool: Pool) -> None:
    await place.s3.put_object(Bucket=place.bucket, Key="docs/B-123456/walrus.md", Body=b"The walrus.")
    await place.add()
    assert await place.found("walrus") == [("The walrus.", f"s3://{place.bucket}/docs/B-123456/walrus.md")]
    await place.owner.post("/v1/detectors", {"detector_id": "badge", "pattern": "B-[0-9]{6}"})
    assert await place.found("walrus") == []
    while await Renewer(relay_pool).run_once():
        pass
    await place.upkeep.work(place.owner.tenant_id)
    assert await place.found("walrus") == [("The walrus.", f"s3://{place.bucket}/docs/[BADGE#1]/walrus.md")]


async def test_a_document_is_deleted_while_a_sync_holds_the_prefix(place: Place) -> None:
    await place.put(a_md="The walrus.")
    prefix = await place.add()
    source_id = (await place.documents())["a.md"]["source_id"]
    async with place.upkeep.admin.connection() as db, db.transaction():
        await db.execute("SELECT set_config('app.tenant_id', %s, true)", [str(place.owner.tenant_id)])
        await queries.held(db, UUID(prefix["prefix_id"]), UUID(prefix["sync"]["job_id"]))
        gone = await asyncio.wait_for(place.owner.http.delete(f"{place.dataset}/sources/{source_id}"), 20)
    assert gone.status_code == 204


@pytest.mark.parametrize("code", ["access_denied", "bucket_not_linked"])
async def test_a_listing_that_fails_removes_nothing(
    place: Place, code: str, admin: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.put(a_md="The walrus.", b_md="The heron.", c_md="The lynx.")
    await place.add()
    await place.delete("a_md", "c_md")
    await place.put(d_md="The otter.", e_md="The finch.")
    pages = 0

    async def list_page(*args: Any, **more: Any) -> Any:
        nonlocal pages
        pages += 1
        if code == "access_denied" and pages > 1:
            raise AccessDenied("S3 denies listing the bucket.")
        return await listing.list_page(*args, **more)

    monkeypatch.setattr(syncing, "list_page", list_page)
    link = [place.owner.tenant_id, place.bucket]
    if code == "bucket_not_linked":
        async with admin.connection() as db:
            await db.execute("DELETE FROM bucket_link WHERE tenant_id = %s AND bucket = %s", link)
    failed = await place.sync()
    assert (failed["status"], failed["error"]["code"], failed["removed"]) == ("failed", code, 0)
    assert [text for word in ("walrus", "heron", "lynx") for text, _ in await place.found(word)] == [
        "The walrus.", "The heron.", "The lynx."
    ]  # fmt: skip
    assert (await place.now())["synced_at"] is not None
    async with admin.connection() as db:
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s) ON CONFLICT DO NOTHING", link)
    monkeypatch.setattr(syncing, "list_page", listing.list_page)
    counted = counts(await place.sync())
    assert (counted["listed"], counted["removed"]) == (3, 2)
    assert await place.found("walrus") == []


@pytest.mark.parametrize("name", ["note_seen", "add_sources", "count", "remove", "end"])
async def test_a_sync_that_is_killed_goes_on_and_counts_and_reads_nothing_twice(
    place: Place, gets: Gets, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies in its second transaction of this sort, or in the only one, before that is committed."""
    await place.put(a_md="The walrus.", b_md="The heron.", c_md="The lynx.", d_md="The otter.")
    await place.add()
    await place.delete("a_md")
    await place.put(b_md="The badger.", x_md="The finch.", y_md="The stork.", z_md="The crane.")
    gets.taken()
    real, calls = getattr(queries, name), 0

    async def killing(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        told = await real(*args)
        if calls == (1 if name in {"remove", "end"} else 2):
            raise Killed
        return told

    monkeypatch.setattr(queries, name, killing)
    await place.owner.post(f"{place.path}/sync")
    with pytest.raises(Killed):
        await place.upkeep.work(place.owner.tenant_id)
    monkeypatch.setattr(queries, name, real)
    async with place.upkeep.admin.connection() as db:
        query = "UPDATE job SET lease_until = now() WHERE tenant_id = %s AND status = 'running' RETURNING message::text"
        ((body,),) = await (await db.execute(query, [place.owner.tenant_id])).fetchall()
    await place.upkeep.deliver("prefixes-to-sync", body)
    await place.upkeep.deliver("prefixes-to-sync", body)
    await place.upkeep.work(place.owner.tenant_id)
    sync = (await place.now())["sync"]
    assert counts(sync) == {"listed": 6, "new": 3, "changed": 1, "unchanged": 2, "removed": 1}
    assert gets.taken() == ["docs/b.md", "docs/x.md", "docs/y.md", "docs/z.md"]
    assert sorted(await place.documents()) == ["b.md", "c.md", "d.md", "x.md", "y.md", "z.md"]
    assert await place.upkeep.tables_with(place.owner.tenant_id, "walrus") == set()


async def test_a_document_that_was_deleted_by_hand_comes_back_with_a_newer_object_alone(place: Place) -> None:
    await place.put(a_md="The walrus.", b_md="The heron.")
    await place.add()
    document = (await place.documents())["a.md"]["document_id"]
    assert (await place.owner.http.delete(f"{place.dataset}/documents/{document}")).status_code == 204
    assert counts(await place.sync()) == {"listed": 2, "unchanged": 1, "~left_out": 1}
    assert (await place.found("walrus"), list(await place.documents())) == ([], ["b.md"])
    await place.put(a_md="The walrus is new.")
    assert counts(await place.sync()) == {"listed": 2, "new": 1, "unchanged": 1}
    assert [text for text, _ in await place.found("walrus")] == ["The walrus is new."]


async def test_of_a_prefix_or_a_dataset_that_is_deleted_nothing_is_left_and_the_objects_stay(place: Place) -> None:
    await place.put(a_md="The walrus.", b_md="The heron.")
    await place.add()
    source = (await place.documents())["a.md"]["source_id"]
    await place.owner.http.delete(f"{place.dataset}/sources/{source}")
    assert (await place.owner.http.delete(place.path)).status_code == 204
    assert (await place.found("heron"), (await place.owner.get(place.path)).status_code) == ([], 404)
    assert (await place.owner.post(f"{place.path}/sync")).status_code == 404
    await place.upkeep.work(place.owner.tenant_id)
    for word in ("walrus", "heron", place.bucket):
        assert await place.upkeep.tables_with(place.owner.tenant_id, word) <= {"bucket_link"}
    await place.add()
    assert [text for text, _ in await place.found("walrus")] == ["The walrus."]
    await place.owner.http.delete(place.dataset)
    await place.upkeep.work(place.owner.tenant_id)
    for word in ("walrus", "heron", place.bucket):
        assert await place.upkeep.tables_with(place.owner.tenant_id, word) <= {"bucket_link"}
    listed = await place.s3.list_objects_v2(Bucket=place.bucket)
    assert [one.get("Key") for one in listed.get("Contents", [])] == ["docs/a.md", "docs/b.md"]


async def test_only_a_bucket_of_the_tenant_is_followed_and_each_prefix_once(
    place: Place, api_pool: Pool, transport: httpx.ASGITransport, aws: Aws
) -> None:
    stranger = await a_tenant(api_pool, transport)
    dataset = f"/v1/datasets/{(await a_dataset(stranger))['dataset_id']}"
    for bucket in (place.bucket, aws.bucket, "nobodys-bucket"):
        refused = await stranger.post(f"{dataset}/prefixes", {"bucket": bucket})
        assert (refused.status_code, refused.json()["code"]) == (403, "bucket_not_linked")
    await place.add(every_minutes=None)
    again = await place.owner.post(f"{place.dataset}/prefixes", {"bucket": place.bucket, "prefix": "docs/"})
    assert (again.status_code, again.json()["code"]) == (409, "prefix_taken")
    wrong = await place.owner.post(f"{place.dataset}/prefixes", {"bucket": place.bucket, "includes": ["*.md"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_request")


async def test_only_what_patterns_let_through_is_read(place: Place, gets: Gets) -> None:
    await place.put(a_md="The walrus.", b_txt="The heron.", drafts__c_md="The lynx.")
    added = await place.add(include=["*.md"], exclude=["*/drafts/*"])
    assert counts(added["sync"]) == {"listed": 3, "new": 1, "~excluded": 1, "~not_included": 1}
    assert gets.taken() == ["docs/a.md"]


async def test_a_sync_begins_by_itself_when_it_is_due_and_no_second_one_beside_it(
    place: Place, admin: Pool, relay_pool: Pool
) -> None:
    due = "UPDATE dataset_prefix SET next_at = now() - interval '3 hours' WHERE tenant_id = %s"
    await place.put(a_md="The walrus.")
    added = await place.add()
    assert added["every_minutes"] == 60
    assert added["next_at"] > added["sync"]["finished_at"]
    assert await Follower(relay_pool).run_once() == 0
    async with admin.connection() as db:
        await db.execute(due, [place.owner.tenant_id])
    await place.put(b_md="The heron.")
    assert await Follower(relay_pool).run_once() == 1
    begun = await place.now()
    assert begun["sync"]["job_id"] != added["sync"]["job_id"]
    async with admin.connection() as db:
        await db.execute(due, [place.owner.tenant_id])
    await Follower(relay_pool).run_once()
    asked = await place.owner.post(f"{place.path}/sync")
    assert asked.json()["job_id"] == (await place.now())["sync"]["job_id"] == begun["sync"]["job_id"]
    await place.upkeep.work(place.owner.tenant_id)
    assert counts((await place.now())["sync"]) == {"listed": 2, "new": 1, "unchanged": 1}
    listed = (await place.owner.get("/v1/jobs")).json()["items"]
    assert {one["kind"] for one in listed} == {"syncing"}
    source_id = (await place.documents())["a.md"]["source_id"]
    of_one = (await place.owner.get(f"{place.dataset}/sources/{source_id}")).json()["job_id"]
    assert (await place.owner.get(f"/v1/jobs/{of_one}")).json()["kind"] == "object"
    changed = await place.owner.http.patch(place.path, json={"every_minutes": None})
    assert (changed.status_code, changed.json()["next_at"]) == (200, None)


async def test_an_object_that_has_changed_since_it_was_listed_is_read_as_it_is_and_not_again(
    place: Place, gets: Gets, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.put(a_md="The walrus.")

    async def open_object(*args: Any) -> Any:
        await place.put(a_md="The walrus has moved.")
        return await objects.open_object(*args)

    monkeypatch.setattr(reading, "open_object", open_object)
    await place.add()
    monkeypatch.setattr(reading, "open_object", objects.open_object)
    assert [text for text, _ in await place.found("walrus")] == ["The walrus has moved."]
    gets.taken()
    assert counts(await place.sync()) == {"listed": 1, "unchanged": 1}
    assert gets.taken() == []
