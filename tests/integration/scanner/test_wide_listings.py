"""A wide bucket is listed range by range, side by side: nothing twice, and nothing left out."""

import asyncio
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest
from tests.integration.scanner.faulty_s3 import FaultyS3, Refusal
from tests.integration.scanner.yard import Yard
from tests.stack import Aws
from types_aiobotocore_s3.client import S3Client

from sightglass_scanner.spans import MOST_RANGES

# Objects without bytes: each is noted, under its key, when it is listed, and not read. LocalStack compares keys as URLs
# have them with tokens as they are, so signs that a URL does not have are left to the test of ranges alone.
KEYS = [
    *(f"logs/{year}/{month:02}/{n:02}" for year in (2024, 2025, 2026) for month in range(1, 7) for n in range(25)),
    *(f"img_{n:05}.jpg" for n in range(450)),
    *(f"{word}/{n}" for word in ("a", "b/c", "b", "b-c", "~") for n in range(20)),
]


@pytest.fixture(scope="module")
async def bucket(s3: S3Client, aws: Aws) -> str:
    """A bucket with all keys, for all of these tests."""
    name, left = f"wide-{aws.bucket}"[:63], iter(KEYS)
    await s3.create_bucket(Bucket=name)

    async def put() -> None:
        for key in left:
            await s3.put_object(Bucket=name, Key=key, Body=b"")

    await asyncio.gather(*(put() for _ in range(16)))
    return name


async def wide(
    yard: Yard, bucket: str, refusal: Refusal = lambda _name, _args: None, *, page: int = 10
) -> tuple[Yard, FaultyS3]:
    """The tenant with that bucket, and what it asks S3 for."""
    async with yard.admin.connection() as db:
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [yard.tenant_id, bucket])
    s3 = FaultyS3(yard.s3, refusal)
    return replace(yard, bucket=bucket, s3=cast("S3Client", s3), changes={"page_objects": page}), s3


async def test_a_wide_bucket_is_listed_side_by_side_whatever_is_killed_or_comes_twice(yard: Yard, bucket: str) -> None:
    random = Random(5)
    refused = Counter[str]()

    def throttled(name: str, args: dict[str, Any]) -> str | None:
        place = args.get("StartAfter", args.get("ContinuationToken", ""))
        if name == "list_objects_v2" and place and not refused[place] and random.random() < 0.1:
            refused[place] += 1
            return "SlowDown"
        return None

    yard, s3 = await wide(yard, bucket, throttled)
    scan_id = await yard.begin()
    at_once = max([waiting async for waiting in yard.shaken(random)])
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.listed, scan.objects.skipped) == ("done", len(KEYS), {"empty": len(KEYS)})
    assert sorted(await yard.notes(scan_id)) == sorted(KEYS)
    assert 8 < at_once <= MOST_RANGES
    assert refused
    pages = [args for name, args in s3.calls if name == "list_objects_v2" and args["MaxKeys"] != 1]
    assert {args["MaxKeys"] for args in pages} == {10}
    assert not any("StartAfter" in args and "ContinuationToken" in args for args in pages)


@pytest.mark.parametrize("prefix", ["logs/2025/", "logs/202"])
async def test_what_is_below_a_prefix_is_listed_once(yard: Yard, bucket: str, prefix: str) -> None:
    yard, s3 = await wide(yard, bucket)
    scan = await yard.scanned(prefix=prefix)
    keys = sorted(key for key in KEYS if key.startswith(prefix))
    assert sorted(await yard.notes(scan.scan_id)) == keys
    assert scan.objects.listed == scan.objects.skipped["empty"] == len(keys)
    assert any("StartAfter" in args for _, args in s3.calls)


async def test_cancelled_while_ranges_are_listed_a_scan_ends_and_leaves_nothing_to_do(yard: Yard, bucket: str) -> None:
    yard, _ = await wide(yard, bucket)
    scan_id = await yard.begin()
    pages = await yard.sent()
    while len(pages) == 1:
        await yard.deliver(pages[0])
        pages = await yard.sent()
    await yard.deliver(pages[0])
    await yard.cancel(scan_id)
    for envelope in pages[1:]:
        await yard.deliver(envelope)
    await yard.finish()
    assert (await yard.scan(scan_id)).status == "cancelled"
    assert await yard.rows("SELECT 1 FROM scan_part WHERE scan_id = %s", scan_id) == []


async def test_a_listing_of_one_page_is_one_request(yard: Yard, bucket: str) -> None:
    yard, s3 = await wide(yard, bucket, page=25)
    assert (await yard.scanned(prefix="logs/2025/01/")).objects.listed == 25
    assert [name for name, _ in s3.calls] == ["list_objects_v2"]


async def test_a_bucket_without_order_is_listed_page_by_page(
    yard: Yard, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightglass_scanner.spans._UNORDERED", (bucket[-4:],))
    yard, s3 = await wide(yard, bucket)
    assert (await yard.scanned(prefix="logs/2025/")).objects.listed == 150
    assert [name for name, _ in s3.calls] == ["list_objects_v2"] * 15


async def test_denied_while_it_looks_for_bounds_a_scan_fails_as_it_does_for_a_page(yard: Yard, bucket: str) -> None:
    yard, _ = await wide(yard, bucket, lambda _, args: "AccessDenied" if args.get("MaxKeys") == 1 else None)
    scan = await yard.scanned(prefix="logs/2025/")
    assert (scan.status, scan.error.code if scan.error else None) == ("failed", "access_denied")
