"""Scans and findings over HTTP, with what a scanner would have written."""

from typing import Any

import pytest
from tests.integration.api.people import Person, a_finding, a_scan, change_job
from tests.stack import Aws

from sightglass_api import cursors
from sightglass_common.db import Pool


async def counted(admin: Pool, scan_id: str, **counts: int) -> None:
    """Counters, two shards of each."""
    async with admin.connection() as db:
        for name, objects in counts.items():
            for shard in (0, 9):
                await db.execute(
                    "INSERT INTO scan_count SELECT tenant_id, scan_id, %s, %s, %s, 10 FROM scan WHERE scan_id = %s",
                    [shard, name.replace("__", ":"), objects, scan_id],
                )


async def test_a_scan_is_queued_with_all_that_was_asked_for(alice: Person, admin: Pool) -> None:
    asked: dict[str, Any] = {
        "prefix": "p/",
        "include": ["*.csv"],
        "exclude": ["*/tmp/*"],
        "detectors": ["us-ssn"],
        "min_confidence": 0.7,
    }
    started = await a_scan(alice, admin, **asked)
    scan = (await alice.get(f"/v1/scans/{started['scan_id']}")).json()
    assert scan | asked == scan
    assert (scan["status"], scan["objects"]["listed"], scan["rate"]) == ("listing", 0, None)
    job = (await alice.get(f"/v1/jobs/{started['job_id']}")).json()
    assert (job["kind"], job["status"], job["scan_id"]) == ("scan", "queued", started["scan_id"])


async def test_each_scan_of_a_list_has_its_own_counters(alice: Person, admin: Pool) -> None:
    first, second = await a_scan(alice, admin), await a_scan(alice, admin)
    await counted(admin, first["scan_id"], listed=3, skipped__empty=1)
    await counted(admin, second["scan_id"], listed=5, skipped__denied=2)
    listed = (await alice.get("/v1/scans", params={"limit": 2})).json()["items"]
    assert [(one["scan_id"], one["objects"]["listed"], one["objects"]["skipped"]) for one in listed] == [
        (second["scan_id"], 10, {"denied": 4}), (first["scan_id"], 6, {"empty": 2}),
    ]  # fmt: skip


async def test_a_bucket_that_is_not_linked_is_refused(alice: Person, aws: Aws) -> None:
    for bucket in ("not-linked", aws.bucket):
        answer = await alice.post("/v1/scans", {"bucket": bucket})
        assert (answer.status_code, answer.json()["code"]) == (403, "bucket_not_linked")


@pytest.mark.parametrize(
    "wrong",
    [
        {"bucket": "NO"}, {"prefix": "\0"}, {"include": [""]}, {"min_confidence": 2}, {"max_object_bytes": 0},
        {"detectors": []}, {"detectors": ["No Such"]},
    ],
)  # fmt: skip
async def test_what_no_scan_can_be_is_refused(alice: Person, wrong: dict[str, Any]) -> None:
    answer = await alice.post("/v1/scans", {"bucket": "scanned-bucket"} | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_counters_are_summed_over_their_shards(alice: Person, admin: Pool) -> None:
    started = await a_scan(alice, admin)
    await counted(
        admin, started["scan_id"], listed=10, done=3, failed=1, skipped__empty=2, unchanged=1, partly__damaged=1,
        finding__severity__high=4, finding__detector__email=4,
    )  # fmt: skip
    async with admin.connection() as db:
        await db.execute("UPDATE scan SET begun = true WHERE scan_id = %s", [started["scan_id"]])
    await change_job(admin, started["job_id"], "status = 'running', started_at = now() - interval '6 seconds'")
    scan = (await alice.get(f"/v1/scans/{started['scan_id']}")).json()
    assert scan["status"] == "running"
    assert scan["objects"] == {
        "listed": 20, "done": 6, "skipped": {"empty": 4}, "failed": 2, "handed": 0, "unchanged": 2,
        "partly": {"damaged": 2},
    }  # fmt: skip
    assert (scan["bytes"], scan["bytes_listed"]) == (20, 20)
    assert scan["findings"] == {"total": 8, "by_severity": {"high": 8}, "by_detector": {"email": 8}}
    assert 0 < scan["rate"] <= 2
    assert scan["eta_s"] >= 4
    (listed,) = [s for s in (await alice.get("/v1/scans")).json()["items"] if s["scan_id"] == scan["scan_id"]]
    assert listed["objects"] == scan["objects"]


async def test_findings_are_filtered_and_come_in_pages(alice: Person, admin: Pool) -> None:
    started = await a_scan(alice, admin)
    ids = {
        await a_finding(admin, started["scan_id"], object_key=f"k/{n}", detector="email" if n % 2 else "us-ssn")
        for n in range(5)
    }
    path = f"/v1/scans/{started['scan_id']}/findings"
    for url in (path, "/v1/findings"):
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            page = (
                await alice.get(url, params={"limit": 2, "prefix": "k/"} | ({"cursor": cursor} if cursor else {}))
            ).json()
            seen += [item["finding_id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert len(seen) == len(set(seen)) == 5
        assert set(seen) == ids
        for filters, count in (
            ({"detector": "email"}, 2), ({"prefix": "k/1"}, 1), ({"state": "new"}, 5),
            ({"confidence": 0.95}, 0), ({"confidence": 0.9}, 5),
            ({"severity": "low"}, 0), ({"bucket": "other"}, 0), ({"bucket": "scanned-bucket", "prefix": "k"}, 5),
        ):  # fmt: skip
            found = (await alice.get(url, params={"prefix": "k/"} | filters)).json()["items"]
            assert len(found) == count, (url, filters)


async def test_what_a_person_says_of_a_finding_stays(alice: Person, admin: Pool) -> None:
    started = await a_scan(alice, admin)
    finding_id = await a_finding(admin, started["scan_id"])
    path = f"/v1/findings/{finding_id}"
    first = await alice.http.patch(path, json={"state": "false_positive", "note": "a test number"})
    second = await alice.http.patch(path, json={"state": "reviewed"})
    assert (first.json()["state"], first.json()["note"]) == ("false_positive", "a test number")
    assert (second.json()["state"], second.json()["note"]) == ("reviewed", "a test number")
    assert (await alice.http.patch(path, json={"state": "gone"})).status_code == 422


async def test_objects_that_were_not_read_come_by_their_outcome_and_in_pages(alice: Person, admin: Pool) -> None:
    started = await a_scan(alice, admin)
    async with admin.connection() as db:
        for key, outcome in (("a", "skipped"), ("b", "failed"), ("c", "skipped")):
            await db.execute(
                "INSERT INTO scan_object SELECT tenant_id, scan_id, %s, 'v', %s, 'why', '' FROM scan"
                " WHERE scan_id = %s",
                [key, outcome, started["scan_id"]],
            )
    path = f"/v1/scans/{started['scan_id']}/objects"
    skipped = (await alice.get(path, params={"status": "skipped"})).json()["items"]
    assert [item["key"] for item in skipped] == ["a", "c"]
    first = (await alice.get(path, params={"limit": 2})).json()
    rest = (await alice.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["key"] for item in first["items"] + rest["items"]] == ["a", "b", "c"]


@pytest.mark.parametrize("sign", ["k", "ключ", "\x01", '"', "\U0001f511"])
async def test_objects_with_the_longest_keys_come_in_pages(alice: Person, admin: Pool, sign: str) -> None:
    started = await a_scan(alice, admin)
    keys = [name + sign * (1023 // len(sign.encode())) for name in "ab"]
    async with admin.connection() as db:
        for key in keys:
            await db.execute(
                "INSERT INTO scan_object SELECT tenant_id, scan_id, %s, %s, 'skipped', 'why', '' FROM scan"
                " WHERE scan_id = %s",
                [key, "v" * 1024, started["scan_id"]],
            )
    path = f"/v1/scans/{started['scan_id']}/objects"
    first = (await alice.get(path, params={"limit": 1})).json()
    rest = (await alice.get(path, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [item["key"] for item in first["items"] + rest["items"]] == keys


@pytest.mark.parametrize("position", ["7", "", "a", "a\0b", "a\0b\0c\0d", '["a", "b", "c"]'])
async def test_a_forged_place_in_a_list_of_objects_is_told(alice: Person, admin: Pool, position: str) -> None:
    scan_id = (await a_scan(alice, admin))["scan_id"]
    cursor = cursors.encode(f"scan-objects:{scan_id}:", position)
    answer = await alice.get(f"/v1/scans/{scan_id}/objects", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_a_queued_scan_is_cancelled_at_once_and_only_once(alice: Person, admin: Pool) -> None:
    started = await a_scan(alice, admin)
    first = await alice.post(f"/v1/scans/{started['scan_id']}/cancel")
    assert (first.status_code, first.json()["status"]) == (202, "cancelled")
    assert (await alice.post(f"/v1/scans/{started['scan_id']}/cancel")).status_code == 409
