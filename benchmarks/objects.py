"""Small objects, from a GET to the stored result: objects a second of CPU of the scanner's process.

S3 is a process of its own that answers from memory; Postgres is the real one, durable as in a service. Ours is the
handler of batches as it runs in a service, with its effect in the database; beside it, in turns, a loop of GETs by
boto3, which looks at nothing.
"""

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, cast

import botocore.session
from tests.integration.scanner.yard import Yard

from benchmarks.figure import Figure, at_least, at_most
from benchmarks.objects_corpus import small_objects
from benchmarks.objects_s3 import BUCKET, gets, running_s3
from benchmarks.objects_yard import listed, running_yard
from sightglass_common.delivery import Delivery
from sightglass_common.queues import SCAN_BATCHES
from sightglass_scanner.batches import ScanBatchHandler
from sightglass_scanner.runner import PartRunner

OBJECTS: Final = 4000
GETS: Final = 500
TURNS: Final = 3
MUST: Final = 5000.0
MUST_RATIO: Final = 5.8


def figures() -> list[Figure]:
    """Objects a second a core; medians of three turns."""
    os.environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench", AWS_DEFAULT_REGION="us-east-1")
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        ours, peers, found, again = asyncio.run(_measure(Path(folder)))
    value = statistics.median(ours)
    name = "objects of 4 KiB: GET, scan, stored result"
    return [
        at_least(name, value, "1/CPU-s", MUST),
        _beside("the same beside GETs alone by boto3", ours, peers),
        Figure("findings stored of what was seeded", found, "share"),
        at_most("a scan of the same, which has not changed", again, "GETs", 0),
    ]


def _beside(name: str, ours: list[float], peers: list[float]) -> Figure:
    """What holds whatever the machine's speed: 5,000 where a GET by boto3 takes 1.16 ms. The median of the turns."""
    ratio, value, peer = sorted((our / their, our, their) for our, their in zip(ours, peers, strict=True))[TURNS // 2]
    holds = ratio >= MUST_RATIO
    return Figure(name, round(value, 1), "1/CPU-s", round(peer, 1), round(ratio, 2), f"ratio >= {MUST_RATIO:g}", holds)


async def _measure(folder: Path) -> tuple[list[float], list[float], float, int]:
    objects = small_objects(OBJECTS)
    ours: list[float] = []
    peers: list[float] = []
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(running_s3({small.key: small.body for small in objects}, folder))
        yard = await stack.enter_async_context(running_yard(folder, url))
        await _scanned(yard)  # compiles, and warms what a service has warm
        for _ in range(TURNS):
            ours.append(OBJECTS / await _scanned(yard))
            peers.append(GETS / _boto_loop(url, [small.key for small in objects[:GETS]]))
        (row,) = await yard.rows("SELECT count(*) AS found FROM finding WHERE tenant_id = %s", yard.tenant_id)
        before = gets(url)
        await listed(yard, incremental=True)
        return ours, peers, row["found"] / sum(small.seeded for small in objects), gets(url) - before


async def _scanned(yard: Yard) -> float:
    batches = await listed(yard)
    settings = yard.settings()
    runner: Any = PartRunner(yard.scanner, SCAN_BATCHES, ScanBatchHandler(yard.scanner, yard.s3, settings), settings)
    before = time.process_time()
    for batch in batches:
        delivery: Delivery[Any] = Delivery(batch)
        await runner(delivery)
    spent = time.process_time() - before
    scan = await yard.scan(batches[0].message.scan_id)
    if (scan.status, scan.objects.done) != ("done", OBJECTS):
        raise RuntimeError(f"The scan is {scan.status}, with {scan.objects.done} of {OBJECTS} objects.")
    return spent


def _boto_loop(url: str, keys: list[str]) -> float:
    client: Any = cast("Any", botocore.session.get_session()).create_client("s3", endpoint_url=url)
    client.get_object(Bucket=BUCKET, Key=keys[0])["Body"].read()
    before = time.process_time()
    for key in keys:
        client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return time.process_time() - before
