"""A scanner to test with: messages are taken from the outbox and delivered here and now, as often as a test likes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

from psycopg.rows import dict_row
from pydantic import SecretStr
from types_aiobotocore_s3.client import S3Client

from sightglass_api.scans import queries as api_queries
from sightglass_api.scans.rules import scan_of
from sightglass_api.scans.schemas import NewScan, Scan
from sightglass_common import jobs, leases
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import SightglassError
from sightglass_common.ids import new_id
from sightglass_common.messages import Envelope, ListPage, ScanBatch, from_json, wrap
from sightglass_common.outcomes import Outcome, Retry
from sightglass_common.queues import SCAN_BATCHES, SCAN_LISTINGS
from sightglass_scanner.batches import ScanBatchHandler
from sightglass_scanner.pages import ListPageHandler
from sightglass_scanner.runner import PartRunner
from sightglass_scanner.settings import ScannerSettings

Message = Envelope[ListPage] | Envelope[ScanBatch]
SMALL: Mapping[str, Any] = {"page_objects": 7, "batch_objects": 3}
_KILLED: Final = 0.1
_TWICE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Yard:
    """One tenant with one bucket."""

    tenant_id: UUID
    bucket: str
    admin: Pool
    api: Pool
    scanner: Pool
    s3: S3Client
    changes: dict[str, Any] = field(default_factory=dict[str, Any])

    async def put(self, objects: Mapping[str, bytes]) -> None:
        """Put objects into the bucket."""
        await asyncio.gather(
            *(self.s3.put_object(Bucket=self.bucket, Key=key, Body=body) for key, body in objects.items())
        )

    async def begin(self, **wanted: Any) -> UUID:
        """Begin a scan as the API does."""
        new = NewScan.model_validate({"bucket": self.bucket} | wanted)
        scan_id, job_id = new_id(), new_id()
        message = ListPage(tenant_id=self.tenant_id, job_id=job_id, scan_id=scan_id)
        async with tenant_transaction(self.api, self.tenant_id) as db:
            await jobs.enqueue(db, SCAN_LISTINGS, wrap(message, source="test"), kind="scan", job_id=job_id)
            await api_queries.insert_scan(db, self.tenant_id, scan_id, job_id, new)
        return scan_id

    async def sent(self) -> list[Message]:
        """The messages that wait to be sent; they are taken out."""
        rows = await self.rows(
            "DELETE FROM outbox WHERE tenant_id = %s AND queue = ANY(%s) RETURNING queue, body",
            self.tenant_id,
            [SCAN_LISTINGS.name, SCAN_BATCHES.name],
        )
        pages = [from_json(row["body"], ListPage) for row in rows if row["queue"] == SCAN_LISTINGS.name]
        batches = [from_json(row["body"], ScanBatch) for row in rows if row["queue"] == SCAN_BATCHES.name]
        return [*pages, *batches]

    def settings(self) -> ScannerSettings:
        """The scanner's settings."""
        changes: dict[str, Any] = {"finding_key": SecretStr("the key of these tests"), **SMALL, **self.changes}
        return ScannerSettings(database_url=SecretStr("unused: the pool is open"), **changes)

    async def deliver(self, envelope: Message) -> Outcome | SightglassError:
        """Deliver a message once; what it raises for the consumer to judge is given, too."""
        settings = self.settings()
        pages = PartRunner(self.scanner, SCAN_LISTINGS, ListPageHandler(self.scanner, self.s3, settings), settings)
        batches = PartRunner(self.scanner, SCAN_BATCHES, ScanBatchHandler(self.scanner, self.s3, settings), settings)
        runner: Any = pages if isinstance(envelope.message, ListPage) else batches
        delivery: Delivery[Any] = Delivery(envelope)
        try:
            return await runner(delivery)
        except SightglassError as error:
            return error

    async def kill(self, envelope: Message) -> None:
        """Deliver a message to a scanner that is gone before it has done anything."""
        async with tenant_transaction(self.scanner, self.tenant_id) as db:
            await leases.claim(db, envelope.message.job_id, lease_s=0.0, message_id=envelope.id)

    async def shaken(self, random: Random) -> AsyncGenerator[int]:
        """Deliver all that is sent, in any order: some to scanners that are killed, some twice, until no more is.

        Yields after each delivery how many messages wait.
        """
        waiting = list[Message]()
        while waiting or (waiting := await self.sent()):
            envelope = waiting.pop(random.randrange(len(waiting)))
            if random.random() < _KILLED:
                await self.kill(envelope)
            if isinstance(await self.deliver(envelope), Retry):
                waiting.append(envelope)
            elif random.random() < _TWICE:
                await self.deliver(envelope)
            waiting += await self.sent()
            yield len(waiting)

    async def finish(self, *, deliveries: int = 1) -> None:
        """Deliver all that is sent, each message so often, until no more is."""
        while sent := await self.sent():
            for envelope in sent:
                for _ in range(deliveries):
                    await self.deliver(envelope)

    async def scanned(self, **wanted: Any) -> Scan:
        """A scan from its beginning to its end."""
        scan_id = await self.begin(**wanted)
        await self.finish()
        return await self.scan(scan_id)

    async def scan(self, scan_id: UUID) -> Scan:
        """The scan as a client sees it."""
        async with tenant_transaction(self.api, self.tenant_id) as db:
            return scan_of(await api_queries.scan(db, scan_id))

    async def cancel(self, scan_id: UUID) -> None:
        """Ask for a scan to be stopped."""
        async with tenant_transaction(self.api, self.tenant_id) as db:
            await jobs.request_cancel(db, (await api_queries.scan(db, scan_id)).job_id)

    async def retry(self, scan_id: UUID) -> None:
        """Try a scan again that has failed."""
        async with tenant_transaction(self.api, self.tenant_id) as db:
            await jobs.retry(db, (await api_queries.scan(db, scan_id)).job_id)

    @staticmethod
    def listing(body: str) -> Envelope[ListPage]:
        """A message of scan-listings."""
        return from_json(body, ListPage)

    async def findings(self, scan_id: UUID) -> list[dict[str, Any]]:
        """What a scan has found."""
        return await self.rows(
            "SELECT f.* FROM scan_finding JOIN finding f USING (tenant_id, finding_id) WHERE scan_id = %s"
            " ORDER BY object_key, detector, finding_id",
            scan_id,
        )

    async def notes(self, scan_id: UUID) -> dict[str, tuple[str, str]]:
        """Outcome and reason of the objects that were not read as a whole, by key."""
        rows = await self.rows("SELECT * FROM scan_object WHERE scan_id = %s", scan_id)
        return {row["object_key"]: (row["outcome"], row["reason"]) for row in rows}

    async def rows(self, statement: Any, *values: object) -> list[dict[str, Any]]:
        """Rows, as the superuser."""
        async with self.admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(statement, values)
            return await cursor.fetchall()
