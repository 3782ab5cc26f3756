"""A scanner to measure: a Postgres of its own, and messages that are taken from the outbox and handled here."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.integration.scanner.yard import Message, Yard
from tests.stack import clone_template, make_template

from benchmarks.objects_s3 import BUCKET
from sightglass_common.aws import open_s3
from sightglass_common.db import open_pool
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanBatch
from sightglass_embedded.postgres import Postgres


@asynccontextmanager
async def running_yard(folder: Path, url: str) -> AsyncGenerator[Yard]:
    """One tenant, which may have the bucket of the S3 at an address read."""
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(Postgres(folder / "postgres").running())
        make_template(postgres)
        database = clone_template(postgres)
        admin = await stack.enter_async_context(open_pool(database.admin_url, name="bench-admin", max_size=2))
        api = await stack.enter_async_context(database.pool("api", max_size=2))
        scanner = await stack.enter_async_context(database.pool("scanner", max_size=4))
        s3 = await stack.enter_async_context(open_s3(url))
        tenant_id = new_id()
        async with admin.connection() as db:
            await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, 'bench')", [tenant_id])
            await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [tenant_id, BUCKET])
        # Pages and batches as in a service, and not as small as in tests.
        sizes = {"page_objects": 1000, "batch_objects": 500}
        yield Yard(tenant_id, BUCKET, admin, api, scanner, s3, sizes)


async def listed(yard: Yard, *, incremental: bool = False) -> list[Message]:
    """The batches of a new scan, whose pages are all listed: none where nothing has changed."""
    await yard.begin(incremental=incremental)
    batches: list[Message] = []
    while sent := await yard.sent():
        for envelope in sent:
            if isinstance(envelope.message, ScanBatch):
                batches.append(envelope)
            else:
                await yard.deliver(envelope)
    return batches
