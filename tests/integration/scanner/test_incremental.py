"""A scan that reads only what has changed comes to what a scan that reads everything comes to."""

from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest
from pydantic import SecretStr
from tests.integration.scanner.faulty_s3 import FaultyS3
from tests.integration.scanner.test_scans import expected, found, planted, text_with
from tests.integration.scanner.yard import Yard
from types_aiobotocore_s3.client import S3Client

from sightglass_api.scans.schemas import Scan
from sightglass_common.ids import new_id


async def rescanned(yard: Yard, *, deliveries: int = 1, **wanted: Any) -> tuple[Scan, set[str]]:
    """An incremental scan, and the keys that it has read."""
    s3 = FaultyS3(yard.s3, lambda _name, _args: None)
    watched = replace(yard, s3=cast("S3Client", s3))
    scan_id = await watched.begin(incremental=True, **wanted)
    await watched.finish(deliveries=deliveries)
    return await watched.scan(scan_id), {args["Key"] for name, args in s3.calls if name == "get_object"}


def counted(scan: Scan) -> dict[str, Any]:
    return scan.model_dump(include={"status", "bytes", "bytes_listed", "findings"}) | {
        "objects": scan.objects.model_dump(exclude={"unchanged"})
    }


async def test_what_is_unchanged_is_not_read_and_counts_all_the_same(yard: Yard) -> None:
    await yard.put(planted(20) | {"binary": bytes(range(256)) * 4, "empty": b""})
    full = await yard.scanned()
    again, read = await rescanned(yard, deliveries=3)
    assert read == set()
    assert counted(again) == counted(full)
    assert (full.objects.unchanged, again.objects.unchanged) == (0, 21)
    assert await yard.findings(again.scan_id) == await yard.findings(full.scan_id)
    assert await yard.notes(again.scan_id) == await yard.notes(full.scan_id)


async def test_a_changed_object_is_read_again_and_no_other(yard: Yard) -> None:
    await yard.put(planted(20))
    await rescanned(yard)
    await yard.put({"logs/0004.txt": text_with("new@example.com"), "logs/9999.txt": b"clean"})
    await yard.s3.delete_object(Bucket=yard.bucket, Key="logs/0007.txt")
    scan, read = await rescanned(yard)
    assert read == {"logs/0004.txt", "logs/9999.txt"}
    left = {place: count for place, count in expected(20).items() if place[0] != "logs/0007.txt"}
    assert found(await yard.findings(scan.scan_id)) == left | {("logs/0004.txt", "email"): 1}
    assert (scan.objects.done, scan.objects.unchanged) == (20, 18)


class Shuffled(FaultyS3):
    """S3 whose listing is in no order, as those of directory buckets are."""

    def __init__(self, s3: S3Client, seed: int) -> None:
        super().__init__(s3, lambda _name, _args: None)
        self._listing = s3.list_objects_v2
        self._seed = seed

    async def list_objects_v2(self, **args: Any) -> dict[str, Any]:
        """A page of the same order each time."""
        listed = (await self._listing(Bucket=args["Bucket"], Prefix=args["Prefix"])).get("Contents", [])
        Random(self._seed).shuffle(listed)
        start = int(args.get("ContinuationToken", 0))
        end = start + args["MaxKeys"]
        return {"Contents": listed[start:end]} | ({"NextContinuationToken": str(end)} if end < len(listed) else {})


async def test_a_listing_in_no_order_takes_nothing_from_what_others_have_left(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightglass_scanner.spans._UNORDERED", (yard.bucket[-4:],))
    yard = replace(yard, changes={"page_objects": 20, "batch_objects": 1})
    await yard.put(planted(60))
    await yard.scanned()
    for seed in range(2):
        shuffled = cast("S3Client", Shuffled(yard.s3, seed))
        assert (await rescanned(replace(yard, s3=shuffled)))[1] == set()


@pytest.mark.parametrize("wanted", [{"detectors": ["us-ssn"]}, {"min_confidence": 0.9}, {"normalise": True}])
async def test_what_was_looked_through_in_another_way_is_read_again(yard: Yard, wanted: dict[str, Any]) -> None:
    await yard.put(planted(6))
    await yard.scanned()
    assert len((await rescanned(yard, **wanted))[1]) == 6
    assert (await rescanned(yard, **wanted))[1] == set()


async def test_a_scan_that_is_not_incremental_reads_everything(yard: Yard) -> None:
    await yard.put(planted(6))
    await rescanned(yard)
    assert (await yard.scanned()).objects.unchanged == 0


async def test_with_another_key_of_hashes_everything_is_read(yard: Yard) -> None:
    await yard.put(planted(3))
    await yard.scanned()
    other = replace(yard, changes={"finding_key": SecretStr("another key of these tests")})
    assert len((await rescanned(other))[1]) == 3


async def test_an_object_whose_finding_is_gone_is_read_again(yard: Yard) -> None:
    await yard.put(planted(6))
    await yard.scanned()
    await yard.rows(
        "DELETE FROM finding WHERE tenant_id = %s AND object_key = 'logs/0003.txt' RETURNING 1", yard.tenant_id
    )
    scan, read = await rescanned(yard)
    assert read == {"logs/0003.txt"}
    assert found(await yard.findings(scan.scan_id)) == expected(6)


async def test_what_was_denied_or_failed_is_read_again(yard: Yard) -> None:
    await yard.put(planted(6))
    denying = FaultyS3(
        yard.s3, lambda name, args: "AccessDenied" if name == "get_object" and args["Key"] == "logs/0003.txt" else None
    )
    assert (await replace(yard, s3=cast("S3Client", denying)).scanned()).objects.skipped == {"denied": 1}
    scan, read = await rescanned(yard)
    assert read == {"logs/0003.txt"}
    assert found(await yard.findings(scan.scan_id)) == expected(6)


async def test_another_tenants_looks_are_its_own(yard: Yard) -> None:
    await yard.put(planted(3))
    await yard.scanned()
    other = replace(yard, tenant_id=new_id())
    async with yard.admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, 'another')", [other.tenant_id])
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [other.tenant_id, yard.bucket])
    assert len((await rescanned(other))[1]) == 3


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_changes_between_scans_they_come_to_what_a_full_scan_does(yard: Yard, seed: int) -> None:
    """With pages and batches of any size, each message delivered up to three times, and rows put together."""
    random = Random(seed)
    for _ in range(6):
        bodies = {f"k/{random.randrange(40):02}": text_with(f"p{random.randrange(5)}@example.com") for _ in range(6)}
        await yard.put(bodies | {f"k/{random.randrange(40):02}": b"\0\1\2" * 40})
        await yard.s3.delete_object(Bucket=yard.bucket, Key=f"k/{random.randrange(40):02}")
        sized = replace(
            yard, changes={"page_objects": random.choice([3, 7, 50]), "batch_objects": random.choice([1, 9])}
        )
        scan, _ = await rescanned(sized, deliveries=random.randint(1, 3))
        full = await yard.scanned()
        assert counted(scan) == counted(full)
        assert await yard.findings(scan.scan_id) == await yard.findings(full.scan_id)
        assert await yard.notes(scan.scan_id) == await yard.notes(full.scan_id)
        assert (await rescanned(sized))[1] == set()


async def test_many_rows_of_one_page_are_put_together(yard: Yard) -> None:
    await yard.put(planted(12))
    large = replace(yard, changes={"page_objects": 50})
    for number in range(8):
        await yard.put({"logs/0005.txt": f"state {number}".encode()})
        _, read = await rescanned(large)
        assert read == {"logs/0005.txt"} or number == 0
    rows = await yard.rows("SELECT look_id FROM scan_look WHERE tenant_id = %s", yard.tenant_id)
    assert len(rows) <= 6
    assert (await rescanned(large))[1] == set()
