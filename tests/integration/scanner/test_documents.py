"""Documents of datasets: stored once and redacted, however often a message comes, and by their tenant only."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tests.integration.scanner.faulty_s3 import FaultyS3
from tests.integration.scanner.shelf import Shelf, a_shelf
from tests.integration.scanner.yard import Yard
from tests.unit.scanner.readers.packing import NEEDLE
from tests.unit.scanner.readers.samples import samples

from sightglass_common import jobs
from sightglass_common.db import Db, tenant_transaction
from sightglass_common.errors import JobOver
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanSource, wrap
from sightglass_common.outcomes import Done, Retry
from sightglass_common.queues import SOURCES_TO_SCAN
from sightglass_scanner.documents import drafting, queries

SSN = "536-90-4399"
LINES = "application/x-ndjson"
FORMATS = ["csv", "docx", "eml", "html", "json", "pdf", "pptx", "text", "xlsx", "zip"]
ALL = (
    "SELECT d::text FROM document d WHERE d.tenant_id = %(t)s UNION ALL SELECT c::text FROM content c WHERE"
    " c.tenant_id = %(t)s UNION ALL SELECT j::text FROM job j WHERE j.tenant_id = %(t)s UNION ALL"
    " SELECT o::text FROM outbox o WHERE o.tenant_id = %(t)s"
)


def as_lines(*records: Any) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in records)


async def all_text(yard: Yard) -> str:
    """All that is kept of the tenant's documents, jobs and messages; names of sources are the tenant's own rows."""
    async with yard.admin.connection() as db:
        return "\n".join(str(row[0]) for row in await (await db.execute(ALL, {"t": yard.tenant_id})).fetchall())


class Killed(BaseException):
    """The scanner is gone."""


@pytest.fixture
async def shelf(yard: Yard) -> Shelf:
    return await a_shelf(yard)


@pytest.mark.parametrize("kind", FORMATS)
async def test_each_format_is_one_document_without_its_values(shelf: Shelf, kind: str) -> None:
    envelope = await shelf.source(samples()[kind], f"of {NEEDLE}.{kind}", "application/octet-stream")
    assert await shelf.deliver(envelope) == Done()
    (document,) = await shelf.documents()
    assert (document["status"], document["reason"], document["ref"]) == ("read", None, None)
    assert document["title"].startswith("of [EMAIL#1]")
    assert (document["threshold"], len(document["detectors"])) == (0.5, 32)
    assert document["redactions"] > 1
    assert "[EMAIL#" in await shelf.said(document["document_id"])
    assert NEEDLE not in await all_text(shelf.yard)


async def test_a_source_that_was_read_is_handed_on_to_chat_with_its_job(shelf: Shelf) -> None:
    envelope = await shelf.source(b"The pump stands in the upper hall.")
    await shelf.deliver(envelope)
    (message,) = await shelf.handed_on()
    assert (message.job_id, message.source_id) == (envelope.message.job_id, envelope.message.source_id)
    job = await shelf.job(envelope)
    assert (job["status"], job["queue"], job["stage"]) == ("queued", "contents-to-index", "read")
    (document,) = await shelf.documents()
    (passage,) = await shelf.passages(document["document_id"])
    assert passage["text"] == "The pump stands in the upper hall."
    assert passage["locator"] == {"kind": "text", "offset": 0, "length": 1, "line": 1, "column": 1}


async def test_each_line_is_a_document_and_a_bad_one_is_told(shelf: Shelf) -> None:
    body = as_lines(
        {"id": "a", "title": "Ann", "text": f"SSN {SSN}", "metadata": {"mail": "ann@example.com", "year": 2024}},
        f"no record, but {SSN}".encode(),
        {"id": "b", "text": "The pump."},
    )
    await shelf.read(body, "records", LINES)
    first, other, bad = sorted(await shelf.documents(), key=lambda row: (row["ref"] is None, row["ref"]))
    assert (first["ref"], first["title"], first["status"]) == ("a", "Ann", "read")
    assert first["metadata"] == {"mail": "[EMAIL#1]", "year": 2024}
    assert await shelf.said(first["document_id"]) == "SSN [US_SSN#1]"
    assert (other["ref"], await shelf.said(other["document_id"])) == ("b", "The pump.")
    assert (bad["status"], bad["reason"], bad["detail"]) == ("skipped", "not_a_record", "line 2: it is not JSON")
    assert await shelf.passages(bad["document_id"]) == []
    assert SSN not in await all_text(shelf.yard)
    assert len(await shelf.handed_on()) == 1


async def test_a_ref_that_is_told_again_takes_the_place_of_the_document_of_before(shelf: Shelf) -> None:
    await shelf.read(as_lines({"id": "a", "title": "Old", "text": "Old."}, {"id": "b", "text": "B."}), "1", LINES)
    before = {row["ref"]: row["document_id"] for row in await shelf.documents()}
    async with shelf.yard.admin.connection() as db:
        await db.execute("UPDATE document SET status = 'ready' WHERE dataset_id = %s", [shelf.dataset_id])
    again = as_lines({"id": "a", "text": "Not yet."}, {"id": "a", "title": "New", "text": "New."})
    source_id = await shelf.read(again, "2", LINES)
    rows = {row["ref"]: row for row in await shelf.documents()}
    assert {ref: row["document_id"] for ref, row in rows.items()} == before
    assert (rows["a"]["title"], rows["a"]["status"], rows["a"]["source_id"]) == ("New", "read", source_id)
    assert (rows["b"]["status"], await shelf.said(before["a"])) == ("ready", "New.")


async def test_the_same_ref_in_two_datasets_is_two_documents(shelf: Shelf) -> None:
    other = await a_shelf(shelf.yard, "others")
    for one in (shelf, other):
        await one.read(as_lines({"id": "a", "text": "A."}), "1", LINES)
    assert len(await shelf.documents()) == len(await other.documents()) == 1


@pytest.mark.parametrize(("body", "name"), [(as_lines({"id": "a", "text": SSN}), "a.jsonl"), (b"A. " * 999, "a.txt")])
async def test_delivered_twice_it_stands_once(shelf: Shelf, body: bytes, name: str) -> None:
    envelope = await shelf.source(body, name)
    assert await shelf.deliver(envelope) == Done()
    before = await all_text(shelf.yard)
    assert isinstance(await shelf.deliver(envelope), JobOver)
    assert await all_text(shelf.yard) == before


@pytest.mark.parametrize("survives", [0, 1, 2])
@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
async def test_killed_between_transactions_the_next_attempt_comes_to_the_same(
    shelf: Shelf, name: str, survives: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "_BATCH_LINES", 2)
    monkeypatch.setattr(drafting, "_CONTENT_CHARS", 1000)
    monkeypatch.setattr("sightglass_scanner.documents.handler._ROWS_AT_ONCE", 1)
    records = [{"id": f"{n}", "text": f"{n}: {SSN}"} for n in range(7)]
    lines = "".join(f"{n}. The pump of hall {n} is {SSN}, and no other.\n" for n in range(99)).encode()
    body = as_lines(*records, b"bad") if name == "a.jsonl" else lines
    whole = await a_shelf(shelf.yard, "whole")
    await whole.read(body, name)
    real, calls = queries.add_content, 0

    async def killed(db: Db, *values: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > survives:
            raise Killed
        await real(db, *values)

    envelope = await shelf.source(body, name)
    with monkeypatch.context() as patched:
        patched.setattr(queries, "add_content", killed)
        with pytest.raises(Killed):
            await shelf.deliver(envelope)
    async with shelf.yard.admin.connection() as db:
        await db.execute("UPDATE job SET lease_until = now() WHERE job_id = %s", [envelope.message.job_id])
    assert await shelf.deliver(envelope) == Done()
    assert await told(shelf) == await told(whole)
    assert SSN not in await all_text(shelf.yard)


async def told(shelf: Shelf) -> list[Any]:
    """The documents, without what differs from source to source."""
    return [
        (
            row["ref"],
            row["title"],
            row["status"],
            row["reason"],
            row["redactions"],
            await shelf.said(row["document_id"]),
        )
        for row in sorted(await shelf.documents(), key=lambda row: str(row["ref"]))
    ]


async def test_a_message_that_names_another_tenants_source_finds_none(shelf: Shelf) -> None:
    theirs = await shelf.source(SSN.encode())
    stranger = replace(shelf.yard, tenant_id=new_id())
    async with stranger.admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [stranger.tenant_id, "a stranger"])
    message = ScanSource(tenant_id=stranger.tenant_id, job_id=new_id(), source_id=theirs.message.source_id)
    envelope = wrap(message, source="test")
    async with tenant_transaction(stranger.api, stranger.tenant_id) as db:
        await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind="indexing", job_id=message.job_id)
    await replace(shelf, yard=stranger).deliver(envelope)
    job = await shelf.job(envelope)
    assert (job["status"], job["error_code"]) == ("failed", "source_not_found")
    assert await shelf.documents() == []


async def test_a_source_of_a_deleted_dataset_is_not_read(shelf: Shelf) -> None:
    envelope = await shelf.source(b"A.")
    async with shelf.yard.admin.connection() as db:
        await db.execute("UPDATE dataset SET deleted_at = now() WHERE dataset_id = %s", [shelf.dataset_id])
    await shelf.deliver(envelope)
    assert (await shelf.job(envelope))["error_code"] == "source_not_found"
    assert await shelf.documents() == []


@pytest.mark.parametrize(
    ("body", "name", "reason", "code"),
    [
        (b"", "ann@example.com.txt", "empty", "source_unreadable"),
        (b" \n\n", "ann@example.com.txt", "empty", "source_unreadable"),
        (bytes(range(256)) * 9, "ann@example.com.bin", "unsupported", "source_unreadable"),
        (b"%PDF-1.4\nnothing", "ann@example.com.pdf", "damaged", "source_unreadable"),
        (b"x y " * 300, "ann@example.com.txt", "too_large", "source_too_large"),
        (b"\n\n", "ann@example.com.jsonl", "empty", "source_unreadable"),
        (b"bad\n", "ann@example.com.jsonl", "not_a_record", "source_unreadable"),
    ],
)
async def test_a_source_of_which_nothing_can_be_read_fails_with_its_reason(
    shelf: Shelf, body: bytes, name: str, reason: str, code: str
) -> None:
    shelf = replace(shelf, yard=replace(shelf.yard, changes={"max_document_chars": 1000}))
    envelope = await shelf.source(body, name)
    await shelf.deliver(envelope)
    job = await shelf.job(envelope)
    assert (job["status"], job["error_code"]) == ("failed", code)
    (document,) = await shelf.documents()
    assert (document["status"], document["reason"]) == ("skipped", reason)
    assert await shelf.handed_on() == []
    assert "ann@" not in await all_text(shelf.yard)


async def test_what_of_a_document_was_not_read_is_told(shelf: Shelf) -> None:
    await shelf.read(samples()["eml"], "mail.eml")
    (whole,) = await shelf.documents()
    assert (whole["status"], whole["reason"]) == ("read", None)
    await shelf.read(samples()["jpeg"], "photo.jpeg")
    photo = (await shelf.documents())[1]
    assert (photo["status"], photo["reason"], photo["detail"]) == ("read", "partly", "image")


async def test_an_object_that_was_replaced_is_not_read_and_one_that_is_gone_is_not_there(shelf: Shelf) -> None:
    yard, codes = shelf.yard, []
    for replaced in (True, False):
        envelope = await shelf.source(b"A.")
        key = f"sources/{envelope.message.source_id}"
        if replaced:
            await yard.put({key: b"B."})
        else:
            await yard.s3.delete_object(Bucket=yard.bucket, Key=key)
        await shelf.deliver(envelope)
        codes.append((await shelf.job(envelope))["error_code"])
    assert codes == ["object_changed", "object_not_found"]
    assert await shelf.documents() == []


async def test_while_s3_is_away_the_job_is_tried_again(shelf: Shelf) -> None:
    envelope = await shelf.source(b"A.")
    away: Any = FaultyS3(shelf.yard.s3, lambda name, _: "SlowDown" if name == "get_object" else None)
    assert isinstance(await replace(shelf, yard=replace(shelf.yard, s3=away)).deliver(envelope), Retry)
    assert await shelf.deliver(envelope) == Done()


async def test_a_fault_of_ours_does_not_quote_the_document(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_: object) -> None:
        raise ValueError(SSN)

    monkeypatch.setattr("sightglass_scanner.documents.whole.Whole.take", faulty)
    envelope = await shelf.source(SSN.encode())
    assert isinstance(await shelf.deliver(envelope), Retry)
    assert SSN not in await all_text(shelf.yard)
    assert SSN not in caplog.text


async def test_a_tenants_own_detectors_and_exceptions_hold_for_its_documents(shelf: Shelf) -> None:
    async with shelf.yard.admin.connection() as db:
        await db.execute(
            "INSERT INTO own_detector (tenant_id, detector_id, definition) VALUES (%s, 'badge', %s)",
            [shelf.yard.tenant_id, json.dumps({"pattern": "B-[0-9]{6}", "within": [50, 30], "severity": "medium"})],
        )
        await db.execute(
            "INSERT INTO detection_setting (tenant_id, settings, generation) VALUES (%s, %s, 3)",
            [shelf.yard.tenant_id, json.dumps({"allow": {"texts": ["help@example.com"]}})],
        )
    await shelf.read(b"Badge B-123456, ask help@example.com or ann@example.com.")
    (document,) = await shelf.documents()
    assert await shelf.said(document["document_id"]) == "Badge [BADGE#1], ask help@example.com or [EMAIL#1]."
    assert (document["rules"], document["reading"], document["served"]) == ("1.3", 1, None)


async def again(shelf: Shelf, source_id: UUID) -> None:
    """Have a source read once more, by another job."""
    job_id = new_id()
    envelope = wrap(ScanSource(tenant_id=shelf.yard.tenant_id, job_id=job_id, source_id=source_id), source="test")
    async with tenant_transaction(shelf.yard.api, shelf.yard.tenant_id) as db:
        await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind="indexing", job_id=job_id)
        await db.execute("UPDATE source SET job_id = %s WHERE source_id = %s", [job_id, source_id])
    await shelf.deliver(envelope)


async def test_a_source_that_is_read_once_more_takes_nothing_from_newer_ones_and_revives_nothing(shelf: Shelf) -> None:
    old = await shelf.read(as_lines(*({"id": name, "text": f"Old {name}."} for name in "abc")), "1", LINES)
    await shelf.read(as_lines({"id": "a", "text": "New a."}), "2", LINES)
    async with shelf.yard.admin.connection() as db:
        await db.execute("DELETE FROM document WHERE dataset_id = %s AND ref = 'b'", [shelf.dataset_id])
        await db.execute(
            "INSERT INTO deleted_document (tenant_id, dataset_id, key, source_id) VALUES (%s, %s, md5('b')::uuid, %s)",
            [shelf.yard.tenant_id, shelf.dataset_id, old],
        )
    await again(shelf, old)
    said = {row["ref"]: (await shelf.said(row["document_id"]), row["reading"]) for row in await shelf.documents()}
    assert said == {"a": ("New a.", 2), "c": ("Old c.", 2)}
    await shelf.read(as_lines({"id": "b", "text": "New b."}), "3", LINES)
    assert {row["ref"] for row in await shelf.documents()} == {"a", "b", "c"}


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
async def test_a_source_that_is_deleted_while_it_is_read_leaves_nothing_behind(
    shelf: Shelf, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = await shelf.source(as_lines({"id": "a", "text": "A."}), name)
    real = queries.hold

    async def deleted(db: Db, source_id: UUID, job_id: UUID) -> None:
        async with shelf.yard.admin.connection() as other:
            await other.execute("UPDATE source SET deleted_at = now() WHERE source_id = %s", [source_id])
        await real(db, source_id, job_id)

    monkeypatch.setattr(queries, "hold", deleted)
    await shelf.deliver(envelope)
    assert (await shelf.job(envelope))["error_code"] == "source_not_found"
    assert await shelf.documents() == []


async def test_many_records_are_read_in_many_transactions(shelf: Shelf) -> None:
    body = as_lines(*({"id": n, "title": f"No. {n}", "text": f"Pump {n}."} for n in range(600)))
    await shelf.read(body, "a.jsonl")
    rows = await shelf.documents()
    assert [row["ref"] for row in rows] == [str(n) for n in range(600)]
    assert await shelf.said(rows[599]["document_id"]) == "Pump 599."
