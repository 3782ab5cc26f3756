"""Scans on the real Postgres and S3: the planted findings exactly, whatever is delivered twice or fails on the way."""

import threading
from collections import Counter
from typing import Any

import pytest
from tests.integration.scanner.yard import Yard

from sightglass_scanner.selection import Filters, Listed, sample_place

SSN = "536-90-4399"


def text_with(*mails: str) -> bytes:
    return "".join(f"line\nwrite to {mail} today\n" for mail in mails).encode()


def planted(objects: int) -> dict[str, bytes]:
    """Every third object has a mail, every seventh a social security number as well."""
    bodies: dict[str, bytes] = {}
    for number in range(objects):
        text = f"record {number}\nnothing here\n"
        text += f"contact: person{number}@example.com\n" if number % 3 == 0 else ""
        text += f"the ssn is {SSN}\n" if number % 7 == 0 else ""
        bodies[f"logs/{number:04}.txt"] = text.encode()
    return bodies


def expected(objects: int) -> Counter[tuple[str, str]]:
    keys = {number: f"logs/{number:04}.txt" for number in range(objects)}
    return Counter(
        [(keys[n], "email") for n in range(0, objects, 3)] + [(keys[n], "us-ssn") for n in range(0, objects, 7)]
    )


def found(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    return Counter((row["object_key"], row["detector"]) for row in rows)


async def test_patterns_are_held_against_keys_beside_the_loop_which_has_others_to_serve(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, judge = set[int](), Filters.reason_against

    def noted(filters: Filters, listed: Listed) -> str | None:
        threads.add(threading.get_ident())
        return judge(filters, listed)

    monkeypatch.setattr(Filters, "reason_against", noted)
    await yard.put(planted(3))
    assert (await yard.scanned(exclude=["logs/0001.*"])).objects.skipped == {"excluded": 1}
    assert threads
    assert threading.get_ident() not in threads


async def test_a_scan_finds_what_was_planted_with_its_place_and_no_value(yard: Yard) -> None:
    await yard.put({"a.txt": f"first line\nthe ssn is {SSN}\n".encode(), "clean.txt": b"nothing\n"})
    scan = await yard.scanned()
    assert (scan.status, scan.objects.listed, scan.objects.done) == ("done", 2, 2)
    (row,) = await yard.findings(scan.scan_id)
    assert (row["object_key"], row["detector"], row["masked"]) == ("a.txt", "us-ssn", "***-**-4399")
    assert (row["locator"]["line"], row["locator"]["column"]) == (2, 12)
    everything = await yard.rows(
        "SELECT row_to_json(f)::text || (SELECT string_agg(message::text, '') FROM job) AS shown FROM finding f"
        " WHERE tenant_id = %s",
        yard.tenant_id,
    )
    assert SSN not in everything[0]["shown"]
    assert scan.findings.model_dump() == {
        "total": 1, "by_severity": {row["severity"]: 1}, "by_detector": {"us-ssn": 1},
    }  # fmt: skip


async def test_three_deliveries_of_each_message_have_one_effect(yard: Yard) -> None:
    bodies = planted(40)
    await yard.put(bodies)
    scan_id = await yard.begin()
    await yard.finish(deliveries=3)
    scan = await yard.scan(scan_id)
    rows = await yard.findings(scan_id)
    assert found(rows) == expected(40)
    assert scan.status == "done"
    assert (scan.objects.listed, scan.objects.done, scan.objects.failed, scan.objects.skipped) == (40, 40, 0, {})
    assert scan.bytes == scan.bytes_listed == sum(map(len, bodies.values()))
    assert scan.findings.by_detector == Counter(row["detector"] for row in rows)
    assert scan.findings.by_severity == Counter(row["severity"] for row in rows)
    assert await yard.rows("SELECT 1 FROM scan_part WHERE scan_id = %s", scan_id) == []


async def test_a_second_scan_finds_the_same_findings_and_not_others(yard: Yard) -> None:
    await yard.put(planted(12))
    first, second = await yard.scanned(), await yard.scanned()
    ids = [{row["finding_id"] for row in await yard.findings(scan.scan_id)} for scan in (first, second)]
    assert ids[0] == ids[1]
    assert first.findings == second.findings
    assert len(await yard.rows("SELECT 1 FROM finding WHERE tenant_id = %s", yard.tenant_id)) == len(ids[0])


async def test_what_is_skipped_is_counted_by_its_reason_and_shown(yard: Yard) -> None:
    await yard.put(
        {
            "keep/a.txt": text_with("a@example.com"),
            "keep/empty.txt": b"",
            "keep/big.txt": b"x" * 2000,
            "keep/b.log": text_with("b@example.com"),
            "keep/no.tmp": text_with("c@example.com"),
            "other/d.txt": text_with("d@example.com"),
            "keep/binary.txt": bytes(range(256)) * 4,
        }
    )
    await yard.s3.put_object(Bucket=yard.bucket, Key="keep/cold.txt", Body=b"cold", StorageClass="GLACIER")
    scan = await yard.scanned(prefix="keep/", include=["*.txt", "*.tmp"], exclude=["*.tmp"], max_object_bytes=1500)
    assert (scan.status, scan.objects.listed, scan.objects.done) == ("done", 7, 1)
    assert scan.objects.skipped == {
        "archived": 1, "empty": 1, "excluded": 1, "not_included": 1, "too_large": 1, "unsupported": 1,
    }  # fmt: skip
    assert await yard.notes(scan.scan_id) == {
        "keep/binary.txt": ("skipped", "unsupported"),
        "keep/big.txt": ("skipped", "too_large"),
        "keep/cold.txt": ("skipped", "archived"),
        "keep/empty.txt": ("skipped", "empty"),
    }
    assert [row["object_key"] for row in await yard.findings(scan.scan_id)] == ["keep/a.txt"]


async def test_an_object_that_is_gone_is_skipped_and_one_that_changed_is_read_as_it_is(yard: Yard) -> None:
    await yard.put({"a.txt": text_with("a@example.com"), "b.txt": text_with("b@example.com")})
    scan_id = await yard.begin()
    for _ in range(2):  # the scan itself, and its page
        for envelope in await yard.sent():
            await yard.deliver(envelope)
    await yard.s3.delete_object(Bucket=yard.bucket, Key="a.txt")
    await yard.put({"b.txt": text_with("new@example.com")})
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.objects.skipped) == ("done", 1, {"gone": 1})
    (row,) = await yard.findings(scan_id)
    head = await yard.s3.head_object(Bucket=yard.bucket, Key="b.txt")
    assert (row["object_key"], row["version"]) == ("b.txt", head["ETag"].strip('"'))


async def test_what_is_hidden_or_misread_is_found_by_a_scan_that_asks_for_it(yard: Yard) -> None:
    await yard.put({"a.txt": b"mail=ann%40example.com", "b.txt": b"ssn 536-9O-4399"})
    assert (await yard.scanned()).findings.total == 0
    scan = await yard.scanned(normalise=True, ocr=True)
    assert (scan.normalise, scan.ocr) == (True, True)
    assert scan.findings.by_detector == {"email": 1, "us-ssn": 1}


async def test_what_was_decoded_of_a_value_is_stored_with_it(yard: Yard) -> None:
    await yard.put({"a.txt": b"key AKIAQ3EGMZ7VBN2RTYUK, mail ann@example.com"})
    scan = await yard.scanned()
    details = {row["detector"]: row["detail"] for row in await yard.findings(scan.scan_id)}
    assert details == {"aws-access-key-id": "account 058263916522", "email": ""}


async def test_a_bucket_that_is_not_there_fails_the_scan_and_says_so(yard: Yard) -> None:
    await yard.s3.delete_bucket(Bucket=yard.bucket)
    scan = await yard.scanned()
    assert scan.status == "failed"
    assert scan.error
    assert scan.error.code == "bucket_not_found"


async def test_a_bucket_that_is_linked_no_more_is_not_read(yard: Yard) -> None:
    await yard.put({"a.txt": text_with("a@example.com")})
    scan_id = await yard.begin()
    for envelope in await yard.sent():
        await yard.deliver(envelope)
    await yard.rows("DELETE FROM bucket_link WHERE tenant_id = %s RETURNING 1", yard.tenant_id)
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.error.code if scan.error else None) == ("failed", "bucket_not_linked")
    assert await yard.findings(scan_id) == []


async def test_a_detector_that_is_not_there_fails_the_scan(yard: Yard) -> None:
    scan = await yard.scanned(detectors=["no-such"])
    assert (scan.status, scan.error.code if scan.error else None) == ("failed", "unknown_detectors")


async def test_only_the_detectors_that_were_named_find_anything(yard: Yard) -> None:
    await yard.put(planted(8))
    scan = await yard.scanned(detectors=["us-ssn"])
    assert scan.findings.by_detector == {"us-ssn": 2}


async def test_an_empty_bucket_is_done(yard: Yard) -> None:
    scan = await yard.scanned()
    assert (scan.status, scan.objects.listed) == ("done", 0)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_cancelled_scan_ends_and_leaves_nothing_to_do(yard: Yard, times: int) -> None:
    await yard.put(planted(20))
    scan_id = await yard.begin()
    for _ in range(times):
        for envelope in await yard.sent():
            await yard.deliver(envelope)
    await yard.cancel(scan_id)
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert scan.status == "cancelled"
    assert await yard.rows("SELECT 1 FROM scan_part WHERE scan_id = %s", scan_id) == []
    assert scan.objects.done == 0


async def test_objects_are_counted_by_folder_once_however_often_a_page_is_delivered(yard: Yard) -> None:
    await yard.put({"a/b/1.txt": text_with("a@example.com"), "a/2.txt": b"clean", "3.txt": b"clean", "a/no.tmp": b"x"})
    scan_id = await yard.begin(exclude=["*.tmp"])
    await yard.finish(deliveries=3)
    rows = await yard.rows("SELECT parent, name, objects FROM scan_folder WHERE scan_id = %s", scan_id)
    assert {(row["parent"], row["name"]): row["objects"] for row in rows} == {
        ("", "/"): 3, ("", "a"): 2, ("a/", "b"): 1,
    }  # fmt: skip


async def test_a_tenants_own_detectors_and_allow_lists_are_those_of_when_it_asked(yard: Yard) -> None:
    await yard.put(
        {
            "a.txt": b"badge: B-123456\nbadge: B-000000\n" + text_with("ann@example.com"),
            "tests/b.txt": b"badge: B-777777\n",
        }
    )
    await yard.rows(
        "INSERT INTO own_detector (tenant_id, detector_id, definition) VALUES (%s, 'badge', %s) RETURNING 1",
        yard.tenant_id,
        '{"pattern": "B-[0-9]{6}", "keywords": ["badge"], "within": [20, 10], "severity": "critical"}',
    )
    await yard.rows(
        "INSERT INTO detection_setting (tenant_id, settings) VALUES (%s, %s) RETURNING 1",
        yard.tenant_id,
        '{"allow": {"texts": [], "patterns": ["B-0{6}"], "paths": ["tests/*"]}, "min_confidence_of": {"email": 1.0}}',
    )
    scan_id = await yard.begin()
    await yard.rows("DELETE FROM own_detector WHERE tenant_id = %s RETURNING 1", yard.tenant_id)
    await yard.finish()
    (row,) = await yard.findings(scan_id)
    assert (row["detector"], row["severity"], row["object_key"]) == ("badge", "critical", "a.txt")
    assert "123456" not in row["masked"]
    assert (await yard.scan(scan_id)).objects.skipped == {"excluded": 1}
    assert {r["detector"] for r in await yard.findings((await yard.scanned()).scan_id)} == set()


async def test_a_sample_is_the_same_for_its_seed_and_what_is_left_out_is_counted(yard: Yard) -> None:
    await yard.put(planted(40))
    half = {"share": 0.5, "seed": 3}
    first, again = await yard.scanned(sample=half), await yard.scanned(sample=half)
    other = await yard.scanned(sample={"share": 0.5, "seed": 4})
    every = await yard.scanned(sample={"share": 1.0})
    kept = Counter(key for key in expected(40) if sample_place(3, key[0]) < 0.5)
    assert found(await yard.findings(first.scan_id)) == found(await yard.findings(again.scan_id)) == kept
    assert found(await yard.findings(other.scan_id)) != kept
    assert found(await yard.findings(every.scan_id)) == expected(40)
    assert first.objects.skipped == {"not_sampled": 40 - first.objects.done}
    assert 0 < first.objects.done < 40
    assert (first.sample.share, first.sample.seed) == (0.5, 3) if first.sample else False
    assert await yard.notes(first.scan_id) == {}
