"""How long it takes to read how far a scan is that has ten million objects behind it, while batches are committed.

Postgres is the real one, durable as in a service. A reader asks as the API does, in a transaction of its own each time;
another process commits 50 batches of 500 objects a second. Once nothing waits behind the batches that are done, once
as many wait as are done. What stands for the ten million is said in progress_state.py.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from uuid import UUID

import httpx
from tests.integration.scanner.yard import Yard

from benchmarks.figure import Figure, at_least, at_most
from benchmarks.objects_yard import running_yard
from benchmarks.own_stack import clean_environment
from benchmarks.progress_state import BATCH, OBJECTS, commit, made, with_waiting
from sightglass_api.permissions import Role
from sightglass_api.tenants import administration
from sightglass_common.db import tenant_transaction
from sightglass_embedded.ports import free_ports
from sightglass_scanner.results import Tally

READS: Final = 2000
OVER_HTTP: Final = 500
COMMITS: Final = 300
MUST_MS: Final = 5.0
# A counter of ours alone: what it says before and after a commit is known to the object.
_OURS: Final = "skipped:empty"


def figures() -> list[Figure]:
    """Milliseconds; nothing of S3 is asked for."""
    os.environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench", AWS_DEFAULT_REGION="us-east-1")
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        return asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> list[Figure]:
    async with running_yard(folder, "http://127.0.0.1:9") as yard:
        scan_id = await made(yard)
        done = (await yard.scan(scan_id)).objects
        async with _writer(yard, scan_id) as written:
            before = await written()
            quiet, stale = await _taken(lambda: yard.scan(scan_id), READS), await _stale(yard, scan_id)
            empty = await _taken(lambda: _nothing(yard), READS)
            http = await _over_http(yard, scan_id)
            await with_waiting(yard, scan_id)
            busy = await _taken(lambda: yard.scan(scan_id), READS)
            commits = await written() - before
    return [
        at_most("progress read, 10 million objects done: p99", _p99(quiet), "ms", MUST_MS),
        Figure("the same, median", round(median(quiet), 3), "ms"),
        at_most("the same with 20,000 batches waiting: p99", _p99(busy), "ms", MUST_MS),
        Figure("the same, median", round(median(busy), 3), "ms"),
        at_most(f"reads after a commit that do not show it, of {COMMITS}", stale, "", 0),
        Figure("a transaction that asks for nothing: p99", round(_p99(empty), 3), "ms"),
        Figure("the same, median", round(median(empty), 3), "ms"),
        Figure("GET /v1/scans/{id} over HTTP: p99", round(_p99(http), 3), "ms"),
        Figure("the same, median", round(median(http), 3), "ms"),
        Figure("objects listed when it began", done.listed, ""),
        at_least("batches committed meanwhile", commits, "", 1),
        Figure("load of the machine meanwhile (mean of 1 min)", round(os.getloadavg()[0], 2), ""),
    ]


async def _taken(ask: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Milliseconds of each."""
    taken: list[float] = []
    for _ in range(times):
        before = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - before) * 1000)
    return taken


async def _nothing(yard: Yard) -> None:
    async with tenant_transaction(yard.api, yard.tenant_id):
        pass


async def _stale(yard: Yard, scan_id: UUID) -> int:
    """How many reads, each begun after a commit, do not show what it committed."""
    stale = 0
    one = Tally()
    one.add(_OURS)
    for known in range(COMMITS):
        await commit(yard.scanner, yard.tenant_id, scan_id, one)
        stale += (await yard.scan(scan_id)).objects.skipped.get("empty", 0) != known + 1
    return stale


async def _over_http(yard: Yard, scan_id: UUID) -> list[float]:
    """By the API as it is served, on one connection that is kept."""
    key = await administration.create_key(yard.api, yard.tenant_id, name="bench", role=Role.VIEWER)
    (port,) = free_ports(1)
    environment = clean_environment() | {
        "SIGHTGLASS_DATABASE_URL": str(yard.api.conninfo),
        "SIGHTGLASS_PORT": str(port),
        "SIGHTGLASS_LOG_LEVEL": "ERROR",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    api = await asyncio.create_subprocess_exec(sys.executable, "-m", "sightglass_api", "serve", env=environment)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as client:
            path = f"/v1/scans/{scan_id}"
            await _until(lambda: _answers(client, path))
            return await _taken(lambda: client.get(path), OVER_HTTP)
    finally:
        api.terminate()
        await api.wait()


async def _answers(client: httpx.AsyncClient, path: str) -> bool:
    try:
        answer = await client.get(path)
    except httpx.TransportError:
        return False
    return answer.raise_for_status().json()["objects"]["listed"] >= OBJECTS


@asynccontextmanager
async def _writer(yard: Yard, scan_id: UUID) -> AsyncGenerator[Callable[[], Awaitable[int]]]:
    """Another process that commits batches. Gives how many batches are counted by now."""
    module = "benchmarks.progress_state"
    words = (str(yard.scanner.conninfo), str(yard.tenant_id), str(scan_id))
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *words)

    async def written() -> int:
        return (await yard.scan(scan_id)).objects.listed // BATCH

    try:
        first = await written()

        async def goes_on() -> bool:
            return await written() > first

        await _until(goes_on)
        yield written
    finally:
        process.kill()
        await process.wait()


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 -- of another process
            await asyncio.sleep(0.05)


def _p99(taken: list[float]) -> float:
    return quantiles(taken, n=100)[98]
