"""A scan of an inventory comes to what a scan of the listing does, and says what is wrong with an inventory."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from tests.integration.scanner.stock import MADE_AT_MS, Stock
from tests.integration.scanner.test_faults import with_faults
from tests.integration.scanner.test_incremental import rescanned
from tests.integration.scanner.test_scans import expected, found, planted, text_with
from tests.integration.scanner.yard import Yard

from sightglass_api.scans import submission
from sightglass_api.scans.schemas import NewScan, Scan
from sightglass_common.db import tenant_transaction
from sightglass_common.errors import BucketNotLinked
from sightglass_common.ids import new_id
from sightglass_common.tracing import Trace

OLD = {"Size": 5, "ETag": "old"}


@pytest.fixture
async def stock(yard: Yard) -> Stock:
    """A bucket for inventories, of the same tenant."""
    bucket = f"stock-{new_id()}"
    await yard.s3.create_bucket(Bucket=bucket)
    await yard.rows("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s) RETURNING 1", yard.tenant_id, bucket)
    # A piece is 20 pages: of 40 rows here.
    return Stock(replace(yard, changes={"page_objects": 2}), bucket)


async def scanned(stock: Stock, manifest: str | None = None, **wanted: Any) -> Scan:
    return await stock.yard.scanned(source="inventory", inventory=manifest, **wanted)


def code(scan: Scan) -> tuple[str, str | None]:
    return scan.status, scan.error.code if scan.error else None


@pytest.mark.parametrize("kind", ["CSV", "Parquet", "ORC"])
async def test_it_finds_what_a_scan_of_the_listing_finds_whatever_is_killed_or_comes_twice(
    stock: Stock, kind: str
) -> None:
    bodies = planted(100) | {"a b+c/日本 %41.txt": text_with("x@example.com"), "empty": b""}
    await stock.yard.put(bodies)
    rows = await stock.rows()
    rows += [
        {"Key": "logs/0001.txt", "IsLatest": "false", **OLD},
        {"Key": "gone.txt", "IsLatest": "true", "IsDeleteMarker": "true", **OLD},
    ]
    manifest = await stock.deliver([rows[::3], rows[1::3], rows[2::3]], kind=kind)
    scan_id = await stock.yard.begin(source="inventory", inventory=manifest)
    async for _ in stock.yard.shaken(Random(3)):
        pass
    scan = await stock.yard.scan(scan_id)
    assert (scan.status, scan.objects.listed, scan.objects.done) == ("done", 102, 101)
    assert scan.objects.skipped == {"empty": 1}
    assert found(await stock.yard.findings(scan_id)) == expected(100) | {("a b+c/日本 %41.txt", "email"): 1}
    assert scan.bytes == scan.bytes_listed == sum(map(len, bodies.values()))
    assert scan.inventory
    assert scan.inventory.manifest == manifest
    assert scan.inventory.made_at
    assert scan.inventory.made_at.timestamp() * 1000 == MADE_AT_MS


async def test_a_file_is_read_in_pieces_of_so_many_rows(stock: Stock) -> None:
    rows = [{"Key": f"{n:03}", "Size": 0, "ETag": "e"} for n in range(90)]
    scan_id = await stock.yard.begin(source="inventory", inventory=await stock.deliver([rows]))
    listed: list[int] = []
    while sent := await stock.yard.sent():
        for envelope in sent:
            await stock.yard.deliver(envelope)
        listed.append((await stock.yard.scan(scan_id)).objects.listed)
    assert listed == [0, 0, 40, 80, 90]


async def test_prefix_patterns_sample_and_sizes_are_as_with_a_listing(stock: Stock) -> None:
    await stock.yard.put(planted(40) | {"tmp/a.txt": b"x" * 3000, "other/a.txt": b"y", "tmp/b.bin": b"z"})
    manifest = await stock.deliver([await stock.rows()])
    wanted: list[dict[str, Any]] = [
        {"prefix": "tmp/", "max_object_bytes": 2000, "exclude": ["*.bin"]},
        {"include": ["logs/*"], "sample": {"share": 0.5, "seed": 3}},
    ]
    for one in wanted:
        by_inventory, by_listing = await scanned(stock, manifest, **one), await stock.yard.scanned(**one)
        beside = {"scan_id", "job_id", "source", "inventory", "created_at", "started_at", "finished_at", "rate"}
        assert by_inventory.model_dump(exclude=beside) == by_listing.model_dump(exclude=beside)
        assert await stock.yard.findings(by_inventory.scan_id) == await stock.yard.findings(by_listing.scan_id)
        assert (by_inventory.source, by_listing.source, by_listing.inventory) == ("inventory", "list", None)


async def test_incremental_reads_nothing_that_is_as_the_inventory_says(stock: Stock) -> None:
    await stock.yard.put(planted(12))
    manifest = await stock.deliver([await stock.rows()])
    full = await stock.yard.scanned()
    again, read = await rescanned(stock.yard, source="inventory", inventory=manifest)
    assert not any(key.startswith("logs/") for key in read)
    assert again.objects.unchanged == again.objects.done == full.objects.done
    assert again.findings == full.findings


async def test_an_inventory_in_no_order_takes_nothing_from_what_a_listing_has_left(stock: Stock) -> None:
    yard = replace(stock.yard, changes={"page_objects": 10, "batch_objects": 2})
    await yard.put(planted(100))
    await yard.scanned()
    stock = Stock(yard, stock.bucket)
    rows = await stock.rows()
    Random(1).shuffle(rows)
    manifest = await stock.deliver([rows[:50], rows[50:]])
    sources: list[dict[str, Any]] = [{"source": "inventory", "inventory": manifest}, {"source": "list"}]
    for source in sources:
        scan, read = await rescanned(yard, **source)
        assert not any(key.startswith("logs/") for key in read)
        assert scan.objects.unchanged == 100


async def test_what_is_gone_since_the_inventory_is_skipped_and_what_is_new_is_not_known(stock: Stock) -> None:
    await stock.yard.put(planted(6))
    manifest = await stock.deliver([await stock.rows()])
    await stock.yard.s3.delete_object(Bucket=stock.yard.bucket, Key="logs/0003.txt")
    await stock.yard.put({"new.txt": text_with("new@example.com")})
    scan = await scanned(stock, manifest)
    assert (scan.status, scan.objects.done, scan.objects.skipped) == ("done", 5, {"gone": 1})


async def test_without_a_manifest_the_newest_is_taken_that_has_all_keys_of_the_prefix(stock: Stock) -> None:
    for name, prefix, enabled in (("daily", "", True), ("off", "", False), ("some", "logs/", True)):
        await stock.configure(name, prefix=prefix, enabled=enabled)
    nothing = await scanned(stock)
    assert code(nothing) == ("failed", "inventory_not_found")
    assert nothing.error
    assert "delivered" in (nothing.error.detail or "")
    await stock.yard.put(planted(6))
    rows = await stock.rows()
    await stock.deliver([rows[:1]], folder="daily/2025-11-18T01-00Z")
    whole = await stock.deliver([rows], folder="daily/2025-11-20T01-00Z")
    some = await stock.deliver([rows[:2]], folder="some/2025-11-21T01-00Z")
    await stock.deliver([rows[:3]], folder="off/2025-11-22T01-00Z")
    unfinished = f"stock/{stock.yard.bucket}/daily/2025-11-23T01-00Z/other"
    await stock.yard.s3.put_object(Bucket=stock.bucket, Key=unfinished, Body=b"")
    for prefix, manifest, objects in (("", whole, 6), ("logs/000", some, 2)):
        scan = await scanned(stock, prefix=prefix)
        assert (scan.status, scan.objects.done) == ("done", objects)
        assert scan.inventory
        assert scan.inventory.manifest == manifest


async def test_a_bucket_without_an_inventory_says_so(stock: Stock) -> None:
    assert code(await scanned(stock)) == ("failed", "inventory_not_found")
    assert code(await scanned(stock, f"s3://{stock.bucket}/nothing/manifest.json")) == ("failed", "inventory_not_found")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"sourceBucket": "pond"}, "inventory_of_another_bucket"),
        ({"files": None}, "inventory_broken"),
        ({"fileFormat": "Parquet"}, "inventory_broken"),
        ({"destinationBucket": "arn:aws:s3:::elsewhere"}, "bucket_not_linked"),
    ],
)
async def test_a_manifest_that_is_wrong_fails_the_scan(stock: Stock, changes: Mapping[str, Any], wrong: str) -> None:
    await stock.yard.put({"a.txt": b"clean"})
    manifest = await stock.deliver([await stock.rows()], changes=changes)
    scan = await scanned(stock, manifest)
    assert code(scan) == ("failed", wrong)
    assert scan.error
    assert scan.error.detail
    assert await stock.yard.rows("SELECT 1 FROM scan_part WHERE scan_id = %s", scan.scan_id) == []


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("gone", "inventory_file_missing"),
        ("longer", "inventory_checksum_mismatch"),
        ("other", "inventory_checksum_mismatch"),
        ("manifest", "inventory_checksum_mismatch"),
        ("another's row", "inventory_of_another_bucket"),
    ],
)
async def test_a_file_that_is_not_as_the_manifest_says_fails_the_scan(stock: Stock, what: str, wrong: str) -> None:
    await stock.yard.put({"a.txt": b"clean"})
    rows = await stock.rows() + ([{"Bucket": "pond", "Key": "b", **OLD}] if what == "another's row" else [])
    manifest = await stock.deliver([rows])
    listing = await stock.yard.s3.list_objects_v2(Bucket=stock.bucket)
    key = next(one.get("Key", "") for one in listing.get("Contents", []) if one.get("Key", "").endswith(".gz"))
    got = await stock.yard.s3.get_object(Bucket=stock.bucket, Key=key)
    body = await got["Body"].read()
    if what == "gone":
        await stock.yard.s3.delete_object(Bucket=stock.bucket, Key=key)
    elif what in {"longer", "other"}:
        changed = body + b"x" if what == "longer" else bytes([*body[:-1], body[-1] ^ 1])
        await stock.yard.s3.put_object(Bucket=stock.bucket, Key=key, Body=changed)
    elif what == "manifest":
        checksum = manifest.removeprefix(f"s3://{stock.bucket}/").replace(".json", ".checksum")
        await stock.yard.s3.put_object(Bucket=stock.bucket, Key=checksum, Body=b"0" * 32)
    assert code(await scanned(stock, manifest)) == ("failed", wrong)


async def test_a_file_that_s3_keeps_in_parts_is_compared_by_its_bytes(stock: Stock) -> None:
    await stock.yard.put(planted(3))
    manifest = await stock.deliver([await stock.rows()])
    listing = await stock.yard.s3.list_objects_v2(Bucket=stock.bucket)
    key = next(one.get("Key", "") for one in listing.get("Contents", []) if one.get("Key", "").endswith(".gz"))
    body = await (await stock.yard.s3.get_object(Bucket=stock.bucket, Key=key))["Body"].read()
    address: dict[str, Any] = {"Bucket": stock.bucket, "Key": key}
    upload = await stock.yard.s3.create_multipart_upload(**address)
    part = await stock.yard.s3.upload_part(**address, PartNumber=1, UploadId=upload["UploadId"], Body=body)
    done: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    await stock.yard.s3.complete_multipart_upload(**address, UploadId=upload["UploadId"], MultipartUpload=done)
    assert (await stock.yard.s3.head_object(**address))["ETag"].strip('"').endswith("-1")
    assert (await scanned(stock, manifest)).objects.done == 3


async def test_an_inventory_in_a_bucket_that_is_not_the_tenants_is_not_read(stock: Stock) -> None:
    await stock.configure("daily")
    await stock.yard.put({"a.txt": b"clean"})
    manifest = await stock.deliver([await stock.rows()])
    await stock.yard.rows("DELETE FROM bucket_link WHERE bucket = %s RETURNING 1", stock.bucket)
    for named in (manifest, None):
        scan = await scanned(stock, named)
        assert code(scan) == ("failed", "bucket_not_linked")
        assert scan.error
        assert stock.bucket in (scan.error.detail or "")
    new = NewScan(bucket=stock.yard.bucket, source="inventory", inventory=manifest)
    with pytest.raises(BucketNotLinked):
        async with tenant_transaction(stock.yard.api, stock.yard.tenant_id) as db:
            await submission.begin(db, stock.yard.tenant_id, new, platforms_own="own", trace=Trace.new())


async def test_the_platforms_own_bucket_holds_no_inventory_even_if_it_were_linked(stock: Stock) -> None:
    await stock.yard.put({"a.txt": b"clean"})
    manifest = await stock.deliver([await stock.rows()])
    own = replace(stock.yard, changes={"bucket": stock.bucket})
    assert code(await own.scanned(source="inventory", inventory=manifest)) == ("failed", "bucket_not_linked")


async def test_denied_the_configurations_a_scan_says_what_to_allow(stock: Stock) -> None:
    denied, _ = with_faults(stock.yard, lambda name, _: "AccessDenied" if "inventory" in name else None)
    scan = await denied.scanned(source="inventory")
    assert code(scan) == ("failed", "access_denied")
    assert scan.error
    assert "s3:GetInventoryConfiguration" in (scan.error.detail or "")


async def test_a_cancelled_scan_of_an_inventory_leaves_nothing_to_do(stock: Stock) -> None:
    await stock.yard.put(planted(9))
    rows = await stock.rows()
    scan_id = await stock.yard.begin(source="inventory", inventory=await stock.deliver([rows[:5], rows[5:]]))
    for _ in range(2):
        for envelope in await stock.yard.sent():
            await stock.yard.deliver(envelope)
    await stock.yard.cancel(scan_id)
    await stock.yard.finish()
    assert (await stock.yard.scan(scan_id)).status == "cancelled"
    assert await stock.yard.rows("SELECT 1 FROM scan_part WHERE scan_id = %s", scan_id) == []
