"""A dataset of a yard's tenant, whose sources a test gives to the scanner here and now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.integration.scanner.yard import Yard

from sightglass_common import jobs
from sightglass_common.db import tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import SightglassError
from sightglass_common.ids import new_id
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import Envelope, IndexContent, ScanSource, from_json, wrap
from sightglass_common.outcomes import Outcome
from sightglass_common.queues import SOURCES_TO_SCAN
from sightglass_scanner.documents.handler import ScanSourceHandler

_DATASET = "INSERT INTO dataset (tenant_id, dataset_id, name, language) VALUES (%s, %s, %s, 'english')"
_SOURCE = """
    INSERT INTO source (tenant_id, source_id, dataset_id, job_id, bucket, object_key, version_id, etag, size_bytes,
                        filename, content_type)
    VALUES (%s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One dataset."""

    yard: Yard
    dataset_id: UUID

    async def source(
        self, body: bytes, filename: str = "notes.txt", content_type: str = "text/plain"
    ) -> Envelope[ScanSource]:
        """Put an object and make it a source; the message for the scanner."""
        yard, source_id, job_id = self.yard, new_id(), new_id()
        key = f"sources/{source_id}"
        put = await yard.s3.put_object(Bucket=yard.bucket, Key=key, Body=body)
        envelope = wrap(ScanSource(tenant_id=yard.tenant_id, job_id=job_id, source_id=source_id), source="test")
        async with tenant_transaction(yard.api, yard.tenant_id) as db:
            await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind="indexing", job_id=job_id)
            row = [yard.tenant_id, source_id, self.dataset_id, job_id, yard.bucket, key, put["ETag"], len(body)]
            await db.execute(_SOURCE, [*row, filename, content_type])
        return envelope

    async def deliver(self, envelope: Envelope[ScanSource]) -> Outcome | SightglassError:
        """Deliver a message once; what it raises for the consumer to judge is given, too."""
        yard = self.yard
        runner = JobRunner(yard.scanner, SOURCES_TO_SCAN, ScanSourceHandler(yard.scanner, yard.s3, yard.settings()))
        try:
            return await runner(Delivery(envelope))
        except SightglassError as error:
            return error

    async def read(self, body: bytes, filename: str = "notes.txt", content_type: str = "text/plain") -> UUID:
        """Have a source read; its id."""
        envelope = await self.source(body, filename, content_type)
        await self.deliver(envelope)
        return envelope.message.source_id

    async def documents(self) -> list[dict[str, Any]]:
        """The dataset's documents in order of their ids."""
        return await self.yard.rows(
            "SELECT * FROM document WHERE dataset_id = %s ORDER BY document_id", self.dataset_id
        )

    async def passages(self, document_id: UUID) -> list[dict[str, Any]]:
        """What a document says."""
        rows = await self.yard.rows("SELECT passages FROM content WHERE document_id = %s ORDER BY number", document_id)
        return [passage for row in rows for passage in row["passages"]]

    async def said(self, document_id: UUID) -> str:
        """The same as one text."""
        return "\n".join(passage["text"] for passage in await self.passages(document_id))

    async def job(self, envelope: Envelope[ScanSource]) -> dict[str, Any]:
        """The job of a source."""
        (row,) = await self.yard.rows("SELECT * FROM job WHERE job_id = %s", envelope.message.job_id)
        return row

    async def handed_on(self) -> list[IndexContent]:
        """The messages for chat."""
        rows = await self.yard.rows(
            "SELECT body FROM outbox WHERE tenant_id = %s AND queue = 'contents-to-index'", self.yard.tenant_id
        )
        return [from_json(row["body"], IndexContent).message for row in rows]


async def a_shelf(yard: Yard, name: str = "manuals") -> Shelf:
    """A dataset without any source."""
    dataset_id = new_id()
    async with yard.admin.connection() as db:
        await db.execute(_DATASET, [yard.tenant_id, dataset_id, name])
    return Shelf(yard, dataset_id)
