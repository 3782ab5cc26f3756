"""A sample of so many objects is exactly that, the same whatever happens on the way, and counted as it is read."""

import asyncio
import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any, cast
from uuid import UUID

import pytest
from tests.integration.scanner.faulty_s3 import FaultyS3
from tests.integration.scanner.stock import Stock
from tests.integration.scanner.test_faults import with_faults
from tests.integration.scanner.test_incremental import counted, rescanned
from tests.integration.scanner.test_scans import expected, found, planted, text_with
from tests.integration.scanner.yard import Yard
from types_aiobotocore_s3.client import S3Client

from sightglass_api.scans.schemas import Scan
from sightglass_common.db import tenant_transaction
from sightglass_common.ids import new_id
from sightglass_common.messages import ListPage
from sightglass_scanner import candidate_queries, look_queries
from sightglass_scanner.candidate_queries import Candidate
from sightglass_scanner.looks import Look, LookRow, row_of, state
from sightglass_scanner.selection import sample_digest


def lowest(keys: Iterable[str], objects: int, seed: int = 0) -> set[str]:
    """The keys of a sample, as the API describes it."""
    return set(sorted(keys, key=lambda key: sample_digest(seed, key))[:objects])


async def sampled(yard: Yard, objects: int, *, seed: int = 0, **wanted: Any) -> tuple[Scan, set[str]]:
    """A scan of a sample, and the keys that it has read."""
    s3 = FaultyS3(yard.s3, lambda _name, _args: None)
    scan = await replace(yard, s3=cast("S3Client", s3)).scanned(sample={"objects": objects, "seed": seed}, **wanted)
    return scan, {args["Key"] for name, args in s3.calls if name == "get_object" and args["Bucket"] == yard.bucket}


async def candidates(yard: Yard, scan_id: UUID) -> int:
    return len(await yard.rows("SELECT FROM scan_candidate WHERE scan_id = %s", scan_id))


async def test_exactly_so_many_are_read_of_all_that_the_filters_let_through(yard: Yard) -> None:
    bodies = planted(40)
    await yard.put(bodies | {"empty": b"", "tmp/a.txt": text_with("a@example.com"), "large": b"x" * 5000})
    scan, read = await sampled(yard, 10, seed=7, exclude=["tmp/*"], max_object_bytes=1000)
    assert read == lowest(bodies, 10, 7)
    assert (scan.status, scan.objects.listed, scan.objects.done) == ("done", 43, 10)
    assert scan.objects.skipped == {"not_sampled": 30, "empty": 1, "excluded": 1, "too_large": 1}
    assert scan.bytes == sum(len(bodies[key]) for key in read)
    assert (scan.sample and scan.sample.objects, scan.sample and scan.sample.seed) == (10, 7)
    kept = {place: count for place, count in expected(40).items() if place[0] in read}
    assert found(await yard.findings(scan.scan_id)) == kept
    assert await yard.notes(scan.scan_id) == {"empty": ("skipped", "empty"), "large": ("skipped", "too_large")}
    left_out = await yard.rows(
        "SELECT sum(bytes)::int AS bytes FROM scan_count WHERE scan_id = %s AND name = 'skipped:not_sampled'",
        scan.scan_id,
    )
    assert left_out == [{"bytes": sum(map(len, bodies.values())) - scan.bytes}]
    folders = await yard.rows("SELECT name, objects FROM scan_folder WHERE scan_id = %s ORDER BY name", scan.scan_id)
    assert folders == [{"name": "/", "objects": 10}, {"name": "logs", "objects": 10}]
    assert await candidates(yard, scan.scan_id) == 0


async def test_another_seed_takes_others_and_fewer_than_that_are_all(yard: Yard) -> None:
    bodies = planted(12)
    await yard.put(bodies)
    assert (await sampled(yard, 4))[1] != (await sampled(yard, 4, seed=1))[1]
    for objects in (12, 500):
        scan, read = await sampled(yard, objects)
        assert read == set(bodies)
        assert (scan.objects.done, scan.objects.skipped) == (12, {})


@pytest.mark.parametrize("seed", range(3))
async def test_it_is_the_same_whatever_is_listed_side_by_side_is_killed_or_comes_twice(yard: Yard, seed: int) -> None:
    random = Random(seed)
    bodies = {f"{random.choice('abcd')}{random.randrange(10**6):06}": text_with(f"p{n}@example.com") for n in range(60)}
    await yard.put(bodies)
    yard = replace(yard, changes={"page_objects": random.choice([2, 3])})
    scan_id = await yard.begin(sample={"objects": 20, "seed": seed})
    seen = list[str]()
    async for _ in yard.shaken(random):
        seen.append((await yard.scan(scan_id)).status)
        assert await candidates(yard, scan_id) <= 20
    scan = await yard.scan(scan_id)
    assert (scan.objects.listed, scan.objects.done, scan.objects.skipped) == (60, 20, {"not_sampled": 40})
    assert {row["object_key"] for row in await yard.findings(scan_id)} == lowest(bodies, 20, seed)
    assert list(dict.fromkeys(seen)) == ["listing", "running", "done"]


@pytest.mark.parametrize("seed", range(3))
async def test_pages_that_end_at_once_keep_the_lowest_of_all_and_count_the_others_once(yard: Yard, seed: int) -> None:
    random = Random(seed)
    scan_id = await yard.begin(sample={"objects": 15})
    some = [Candidate(random.randbytes(8), f"k{n}", n, "e", "STANDARD", None) for n in range(300)]
    most, pages = 15, [some[start : start + 10] for start in range(0, 300, 10)]

    async def page(offered: list[Candidate]) -> int:
        async with tenant_transaction(yard.scanner, yard.tenant_id) as db:
            added = await candidate_queries.add(db, yard.tenant_id, scan_id, offered, most=most)
            await asyncio.sleep(0)
            dropped = await candidate_queries.drop(db, scan_id, most=most)
            return len(offered) - added.objects + dropped.objects

    left_out = sum(await asyncio.gather(*(page(offered) for offered in pages)))
    async with tenant_transaction(yard.scanner, yard.tenant_id) as db:
        left_out += (await candidate_queries.drop(db, scan_id, most=most)).objects
        kept = await candidate_queries.take(db, scan_id, at_once=7)
        kept += await candidate_queries.take(db, scan_id, at_once=7)
        kept += await candidate_queries.take(db, scan_id, at_once=7)
    ordered = sorted(some, key=lambda one: (one.place, one.key))
    assert (kept, left_out) == (sorted(ordered[:most], key=lambda one: one.key), 300 - most)


async def test_a_scanner_killed_between_the_last_page_and_the_sample_leaves_it_to_the_next_delivery(yard: Yard) -> None:
    await yard.put(planted(5))
    scan_id = await yard.begin(sample={"objects": 2})
    (begun,) = await yard.sent()
    await yard.deliver(begun)
    (page,) = await yard.sent()
    assert isinstance(page.message, ListPage)
    # Its effect, beside that of a page whose objects it did not see.
    await yard.rows("UPDATE job SET status = 'done' WHERE job_id = %s RETURNING 1", page.message.job_id)
    await yard.rows("DELETE FROM scan_part WHERE scan_id = %s RETURNING 1", scan_id)
    async with tenant_transaction(yard.scanner, yard.tenant_id) as db:
        some = [Candidate(sample_digest(0, key), key, 9, "e", "STANDARD", None) for key in planted(5)]
        await candidate_queries.add(db, yard.tenant_id, scan_id, some, most=5)
    assert (await yard.scan(scan_id)).status == "running"
    await yard.deliver(page)
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.objects.skipped) == ("done", 2, {"not_sampled": 3})


async def test_a_scan_in_which_nothing_moves_has_its_sample_drawn_when_it_is_looked_after(yard: Yard) -> None:
    await yard.put(planted(5))
    scan_id = await yard.begin(sample={"objects": 2})
    (begun,) = await yard.sent()
    await yard.deliver(begun)
    await yard.sent()
    await yard.rows("DELETE FROM scan_part WHERE scan_id = %s RETURNING 1", scan_id)
    async with tenant_transaction(yard.scanner, yard.tenant_id) as db:
        some = [Candidate(sample_digest(0, key), key, 9, "e", "STANDARD", None) for key in lowest(planted(5), 2)]
        await candidate_queries.add(db, yard.tenant_id, scan_id, some, most=2)
    (job,) = await yard.rows(
        "UPDATE job SET status = 'queued', lease_until = NULL WHERE job_id = (SELECT job_id FROM scan"
        " WHERE scan_id = %s) RETURNING message::text AS body",
        scan_id,
    )
    await yard.deliver(yard.listing(job["body"]))
    await yard.finish()
    assert (await yard.scan(scan_id)).objects.done == 2


async def test_cancelled_while_it_is_listed_nothing_of_it_is_read_or_kept(yard: Yard) -> None:
    await yard.put(planted(20))
    scan_id = await yard.begin(sample={"objects": 5})
    for _ in range(2):
        (page,) = await yard.sent()
        await yard.deliver(page)
    assert await candidates(yard, scan_id) == 5
    await yard.cancel(scan_id)
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.objects.skipped) == ("cancelled", 0, {"not_sampled": 2})
    assert await candidates(yard, scan_id) == 0


async def test_a_scan_that_failed_in_its_listing_begins_anew_without_what_it_had(yard: Yard) -> None:
    bodies = planted(20)
    await yard.put(bodies)
    denying, _ = with_faults(yard, lambda _name, args: "AccessDenied" if "ContinuationToken" in args else None)
    failed = await denying.scanned(sample={"objects": 5})
    assert (failed.status, await candidates(yard, failed.scan_id)) == ("failed", 0)
    await yard.retry(failed.scan_id)
    await yard.finish(deliveries=2)
    scan = await yard.scan(failed.scan_id)
    assert (scan.status, scan.objects.listed, scan.objects.done) == ("done", 20, 5)
    assert scan.objects.skipped == {"not_sampled": 15}


@pytest.mark.parametrize("page", [2, 50])
async def test_incremental_reads_what_of_the_sample_has_changed(yard: Yard, page: int) -> None:
    """Pages smaller than what lies between two objects of the sample, and larger than all."""
    bodies = planted(40)
    await yard.put(bodies)
    yard = replace(yard, changes={"page_objects": page, "batch_objects": 3})
    chosen = {"objects": 8, "seed": 5}
    first, read = await rescanned(yard, sample=chosen)
    assert read == lowest(bodies, 8, 5)
    again, read = await rescanned(yard, deliveries=2, sample=chosen)
    assert (read, again.objects.unchanged) == (set(), 8)
    assert counted(again) == counted(first)
    changed = min(lowest(bodies, 8, 5))
    await yard.put({changed: text_with("new@example.com")})
    await yard.rows("DELETE FROM finding WHERE tenant_id = %s AND object_key = %s RETURNING 1", yard.tenant_id, changed)
    scan, read = await rescanned(yard, sample=chosen)
    assert read == {changed}
    assert (scan.objects.done, scan.objects.unchanged) == (8, 7)


async def test_of_a_sample_that_changes_each_time_no_more_than_that_is_ever_read(yard: Yard) -> None:
    """Each scan leaves a row of looks at what has changed, which lies far apart; of many only some are looked at."""
    bodies = planted(60)
    await yard.put(bodies)
    yard = replace(yard, changes={"page_objects": 20, "batch_objects": 100})
    chosen = {"objects": 20, "seed": 5}
    _, changed = await rescanned(yard, sample=chosen)
    for number in range(20):
        scan, read = await rescanned(yard, sample=chosen)
        assert read == (changed if number else set())
        assert scan.objects.unchanged == 20 - len(read)
        changed = {min(lowest(bodies, 20, 5)), max(lowest(bodies, 20, 5))}
        await yard.put({key: text_with(f"p{number}@example.com") for key in changed})
    kept = await yard.rows("SELECT count(*)::int AS rows FROM scan_look WHERE tenant_id = %s", yard.tenant_id)
    assert kept[0]["rows"] <= 9
    assert counted((await rescanned(yard, sample=chosen))[0]) == counted(await yard.scanned(sample=chosen))


async def test_rows_put_together_hold_what_they_held_and_no_more_than_a_page_of_them(yard: Yard) -> None:
    way, rows = b"w" * 16, list[LookRow]()
    for number in range(40):
        keys = [f"k{number:02}", f"z{number:02}"]
        small = number < 30
        found = [new_id() for _ in range(number % 3 if small else 0)]
        looks = [Look(key, state(key, "e", number), number, "done", found) for key in keys]
        rows.append(row_of(new_id(), looks if small else looks * 10_000))
    async with tenant_transaction(yard.scanner, yard.tenant_id) as db:
        for row in rows:
            await look_queries.add(db, yard.tenant_id, yard.bucket, way, row, wide=True)
        await look_queries.put_wide_together(db, yard.tenant_id, yard.bucket)
        kept = await look_queries.between(db, yard.bucket, way, "m", "n")
        one = min(kept, key=lambda row: len(row.objects))
    assert len(kept) == 11
    assert (one.first_key, one.last_key) == ("k00", "z29")
    assert sorted(re.findall(b"(?s).{16}", one.objects)) == sorted(
        hashed for row in rows[:30] for hashed in re.findall(b"(?s).{16}", row.objects)
    )
    told = sorted(json.dumps(remark, sort_keys=True) for row in rows[:30] for remark in row.remarks)
    assert sorted(json.dumps(remark, sort_keys=True) for remark in one.remarks) == told


async def test_what_a_scan_of_all_has_read_is_not_read_for_a_sample(yard: Yard) -> None:
    await yard.put(planted(20) | {"binary": os.urandom(300)})
    await yard.scanned()
    scan, read = await rescanned(yard, sample={"objects": 21})
    assert (read, scan.objects.unchanged) == (set(), 21)
    assert found(await yard.findings(scan.scan_id)) == expected(20)


async def test_of_an_inventory_it_is_the_one_of_the_listing(yard: Yard) -> None:
    bodies = planted(60)
    await yard.put(bodies)
    stock = Stock(replace(yard, changes={"page_objects": 2}), f"stock-{new_id()}")
    await yard.s3.create_bucket(Bucket=stock.bucket)
    await yard.rows("INSERT INTO bucket_link VALUES (%s, %s) RETURNING 1", yard.tenant_id, stock.bucket)
    rows = await stock.rows()
    manifest = await stock.deliver([rows[::2], rows[1::2]])
    scan, read = await sampled(stock.yard, 12, source="inventory", inventory=manifest)
    assert read == lowest(bodies, 12)
    assert (scan.status, scan.objects.done, scan.objects.skipped) == ("done", 12, {"not_sampled": 48})
