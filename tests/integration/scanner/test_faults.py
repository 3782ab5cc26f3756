"""What S3 refuses, what kills a scanner, and what happens between a commit and what follows it."""

from collections import Counter
from dataclasses import replace
from typing import Any, cast

import pytest
from tests.integration.scanner.faulty_s3 import FaultyS3, Refusal
from tests.integration.scanner.test_scans import SSN, expected, found, planted, text_with
from tests.integration.scanner.yard import Message, Yard
from types_aiobotocore_s3.client import S3Client

from sightglass_common.messages import ScanBatch
from sightglass_common.outcomes import Retry
from sightglass_scanner.batches import portion
from sightglass_scanner.readers.reader import read, read_whole


def with_faults(yard: Yard, refusal: Refusal) -> tuple[Yard, FaultyS3]:
    s3 = FaultyS3(yard.s3, refusal)
    return replace(yard, s3=cast("S3Client", s3)), s3


async def listed(yard: Yard) -> tuple[Any, list[Message]]:
    """A scan whose pages are listed, and its batches."""
    scan_id = await yard.begin()
    batches: list[Message] = []
    while sent := await yard.sent():
        for envelope in sent:
            if isinstance(envelope.message, ScanBatch):
                batches.append(envelope)
            else:
                await yard.deliver(envelope)
    return scan_id, batches


async def test_objects_that_s3_denies_are_skipped_and_a_bucket_fails_the_scan(yard: Yard) -> None:
    await yard.put(planted(6))
    denying, _ = with_faults(
        yard, lambda name, args: "AccessDenied" if args.get("Key") == "logs/0003.txt" and name == "get_object" else None
    )
    scan = await denying.scanned()
    assert (scan.status, scan.objects.done, scan.objects.skipped) == ("done", 5, {"denied": 1})
    assert await yard.notes(scan.scan_id) == {"logs/0003.txt": ("skipped", "denied")}
    closed, _ = with_faults(yard, lambda name, _: "AccessDenied" if name == "list_objects_v2" else None)
    failed = await closed.scanned()
    assert (failed.status, failed.error.code if failed.error else None) == ("failed", "access_denied")
    assert await yard.rows("SELECT 1 FROM scan_part WHERE scan_id = %s", failed.scan_id) == []


async def test_throttled_in_the_middle_of_a_batch_what_was_read_stands_and_the_rest_comes_later(yard: Yard) -> None:
    await yard.put(planted(9))
    refused = Counter[str]()

    def refusal(name: str, args: dict[str, Any]) -> str | None:
        if name == "get_object" and args["Key"] in {"logs/0001.txt", "logs/0005.txt"} and not refused[args["Key"]]:
            refused[args["Key"]] += 1
            return "SlowDown"
        return None

    throttled, _ = with_faults(yard, refusal)
    scan = await throttled.scanned()
    assert refused.total() == 2
    assert (scan.status, scan.objects.done) == ("done", 9)
    assert found(await yard.findings(scan.scan_id)) == expected(9)


async def test_a_batch_whose_first_object_s3_does_not_give_yet_is_tried_again(yard: Yard) -> None:
    await yard.put({"a.txt": text_with("a@example.com")})
    scan_id, (batch,) = await listed(yard)
    throttled, _ = with_faults(yard, lambda name, _: "SlowDown" if name == "get_object" else None)
    assert isinstance(await throttled.deliver(batch), Retry)
    await yard.deliver(batch)
    assert (await yard.scan(scan_id)).status == "done"


def fails_on(monkeypatch: pytest.MonkeyPatch, key: str, failure: Exception) -> None:
    """Have both ways to read an object fail on one."""

    def alone(source: Any, limits: Any, *, name: str = "") -> Any:
        if name == key:
            raise failure
        return read(source, limits, name=name)

    def among_others(data: bytes, name: str) -> Any:
        if name == key:
            raise failure
        return read_whole(data, name)

    monkeypatch.setattr("sightglass_scanner.reading.read", alone)
    monkeypatch.setattr("sightglass_scanner.together.read_whole", among_others)


async def test_an_object_that_kills_its_scanner_fails_alone(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    await yard.put(planted(9))
    scan_id, batches = await listed(yard)

    fails_on(monkeypatch, "logs/0004.txt", MemoryError())
    queue = list(batches)
    for _ in range(40):
        if not queue:
            break
        envelope = queue.pop(0)
        if isinstance(await yard.deliver(envelope), Retry):
            queue.append(envelope)
        queue += await yard.sent()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.objects.failed) == ("partial", 8, 1)
    assert await yard.notes(scan_id) == {"logs/0004.txt": ("failed", "internal")}
    left = {key: count for key, count in expected(9).items() if key[0] != "logs/0004.txt"}
    assert found(await yard.findings(scan_id)) == left


async def test_an_object_on_which_a_reader_fails_is_failed_and_the_others_are_read(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    await yard.put(planted(6))

    fails_on(monkeypatch, "logs/0003.txt", ValueError(f"the ssn is {SSN}"))
    scan = await yard.scanned()
    assert (scan.status, scan.objects.done, scan.objects.failed) == ("partial", 5, 1)
    assert await yard.rows("SELECT detail FROM scan_object WHERE scan_id = %s", scan.scan_id) == [{"detail": ""}]


async def test_a_scanner_killed_before_it_could_end_the_scan_leaves_that_to_the_next_delivery(yard: Yard) -> None:
    """The last batch has had its effect; the process died before it looked whether anything was left."""
    await yard.put({"a.txt": text_with("a@example.com")})
    scan_id, (batch,) = await listed(yard)
    await yard.rows("UPDATE job SET status = 'done' WHERE job_id = %s RETURNING 1", batch.message.job_id)
    await yard.rows("DELETE FROM scan_part WHERE scan_id = %s RETURNING 1", scan_id)
    assert (await yard.scan(scan_id)).status == "running"
    await yard.deliver(batch)
    assert (await yard.scan(scan_id)).status == "done"


async def test_a_finding_that_comes_twice_in_a_batch_is_counted_once(yard: Yard) -> None:
    await yard.put({"a.txt": text_with("a@example.com")})
    scan_id, (batch,) = await listed(yard)
    await yard.rows("UPDATE scan_part SET objects = objects || objects WHERE scan_id = %s RETURNING 1", scan_id)
    await yard.deliver(batch)
    scan = await yard.scan(scan_id)
    assert (scan.findings.total, scan.findings.by_detector) == (1, {"email": 1})
    assert len(await yard.findings(scan_id)) == 1


async def test_a_scan_in_which_nothing_moves_is_looked_after(yard: Yard) -> None:
    await yard.put(planted(4))
    scan_id, batches = await listed(yard)
    (row,) = await yard.rows("SELECT job_id FROM scan WHERE scan_id = %s", scan_id)
    (job,) = await yard.rows(
        "UPDATE job SET status = 'queued', lease_until = NULL, attempts_left = attempts_left - 1 WHERE job_id = %s"
        " RETURNING message::text AS body",
        row["job_id"],
    )
    again = yard.listing(job["body"])
    await yard.deliver(again)
    (waiting,) = await yard.rows("SELECT * FROM job WHERE job_id = %s", row["job_id"])
    assert (waiting["status"], waiting["attempts_left"]) == ("running", 5)
    for envelope in batches:
        await yard.deliver(envelope)
    await yard.finish()
    assert found(await yard.findings(scan_id)) == expected(4)
    assert (await yard.scan(scan_id)).status == "done"


async def test_a_failed_scan_that_is_tried_again_begins_anew(yard: Yard) -> None:
    await yard.put(planted(9))
    scan_id, batches = await listed(yard)
    await yard.deliver(batches[0])
    await yard.rows("DELETE FROM bucket_link WHERE tenant_id = %s RETURNING 1", yard.tenant_id)
    await yard.deliver(batches[1])
    assert (await yard.scan(scan_id)).status == "failed"
    await yard.rows("INSERT INTO bucket_link VALUES (%s, %s) RETURNING 1", yard.tenant_id, yard.bucket)
    await yard.retry(scan_id)
    await yard.deliver(batches[2])  # late, of the first time
    await yard.finish(deliveries=2)
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.listed, scan.objects.done) == ("done", 9, 9)
    rows = await yard.findings(scan_id)
    assert found(rows) == expected(9)
    assert scan.findings.total == len(rows)


async def test_a_killed_batch_is_tried_with_fewer_objects(yard: Yard) -> None:
    await yard.put({f"{n:02}.txt": text_with(f"a{n}@example.com") for n in range(9)})
    yard.changes["batch_objects"] = 500
    yard.changes["page_objects"] = 500
    scan_id, (batch,) = await listed(yard)
    await yard.kill(batch)
    await yard.deliver(batch)
    assert (await yard.scan(scan_id)).objects.done == portion(9, 4) == 1
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.findings.total) == ("done", 9, 9)


@pytest.mark.parametrize(("left", "at_once"), [(5, 500), (4, 62), (3, 7), (2, 1), (1, 1)])
def test_the_last_attempts_are_at_one_object(left: int, at_once: int) -> None:
    assert portion(500, left) == at_once
