"""A worker to test with: objects in S3, analyses in the database, and the handler behind its job runner."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row
from pydantic import SecretStr
from tests.stack import Aws
from types_aiobotocore_s3.client import S3Client

from sightglass_common import jobs, leases
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.ids import new_id
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import AnalyzeVideo, Envelope, Tier, wrap
from sightglass_common.outcomes import Outcome
from sightglass_common.queues import VIDEO_ANALYSES
from sightglass_common.s3 import head
from sightglass_worker.handlers import AnalyzeVideoHandler
from sightglass_worker.labels.provider import LabelProvider
from sightglass_worker.ocr.readers import TextReaders
from sightglass_worker.pose.finders import PoseFinders
from sightglass_worker.settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Studio:
    """One tenant, whose videos are analysed here and now, without a queue."""

    tenant_id: UUID
    admin: Pool
    worker: Pool
    s3: S3Client
    aws: Aws
    scratch: Path

    def settings(self, **changes: Any) -> WorkerSettings:
        """The worker's settings."""
        return WorkerSettings(
            database_url=SecretStr("unused: the pool is open"), bucket=self.aws.bucket, scratch=self.scratch, **changes
        )

    async def video(self, body: bytes, *, bucket: str | None = None) -> UUID:
        """An object in S3, and its video."""
        key = f"o-{new_id()}"
        bucket = bucket or self.aws.bucket
        await self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        ref = await head(self.s3, bucket, key)
        video_id = new_id()
        async with self.admin.connection() as db:
            await db.execute(
                "INSERT INTO video (tenant_id, video_id, bucket, object_key, etag, size_bytes, filename, content_type)"
                " VALUES (%s, %s, %s, %s, %s, %s, 'f', 'video/mp4')",
                [self.tenant_id, video_id, bucket, key, ref.etag, ref.size_bytes],
            )
        return video_id

    async def analysis(self, video_id: UUID, tier: Tier = "exact") -> Envelope[AnalyzeVideo]:
        """A queued analysis of a video; its message."""
        message = AnalyzeVideo(tenant_id=self.tenant_id, job_id=new_id(), analysis_id=new_id(), tier=tier)
        envelope = wrap(message, source="test")
        async with tenant_transaction(self.admin, self.tenant_id) as db:
            await jobs.enqueue(db, VIDEO_ANALYSES, envelope, kind="analysis", job_id=message.job_id)
            await db.execute(
                "INSERT INTO analysis (tenant_id, analysis_id, video_id, job_id, tier) VALUES (%s, %s, %s, %s, %s)",
                [self.tenant_id, message.analysis_id, video_id, message.job_id, tier],
            )
        return envelope

    async def of(self, body: bytes, tier: Tier = "exact") -> Envelope[AnalyzeVideo]:
        """A queued analysis of these bytes."""
        return await self.analysis(await self.video(body), tier)

    async def run(
        self,
        envelope: Envelope[AnalyzeVideo],
        *,
        readers: TextReaders | None = None,
        provider: LabelProvider | None = None,
        finders: PoseFinders | None = None,
        **changes: Any,
    ) -> Outcome:
        """Deliver the message once. readers: without them no text is read; provider: without it nothing is labelled;
        finders: without them no pose is found.
        """
        settings = self.settings(**changes)
        handler = AnalyzeVideoHandler(self.worker, self.s3, settings, readers, provider, finders=finders)
        return await JobRunner(self.worker, VIDEO_ANALYSES, handler)(Delivery(envelope))

    async def retried(self, envelope: Envelope[AnalyzeVideo]) -> Envelope[AnalyzeVideo]:
        """The message after a retry by hand: it has a new id."""
        async with tenant_transaction(self.admin, self.tenant_id) as db:
            await jobs.retry(db, envelope.message.job_id)
        (row,) = await self.rows("SELECT message->>'id' AS id FROM job WHERE job_id = %s", envelope.message.job_id)
        return Envelope(UUID(row["id"]), envelope.source, envelope.time, envelope.trace, envelope.message)

    async def killed_attempt(self, envelope: Envelope[AnalyzeVideo]) -> None:
        """An attempt whose worker is gone, and that left an object behind."""
        message = envelope.message
        async with tenant_transaction(self.worker, self.tenant_id) as db:
            claim = await leases.claim(db, message.job_id, lease_s=0.0, message_id=envelope.id)
        key = f"tenants/{self.tenant_id}/analyses/{message.analysis_id}/{claim.attempt}/scene-00000.jpg"
        await self.s3.put_object(Bucket=self.aws.bucket, Key=key, Body=b"left")

    async def rows(self, statement: Any, *values: object) -> list[dict[str, Any]]:
        """Rows, as the superuser."""
        async with self.admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(statement, values)
            return await cursor.fetchall()

    async def job(self, envelope: Envelope[AnalyzeVideo]) -> dict[str, Any]:
        """The job's row."""
        (row,) = await self.rows("SELECT * FROM job WHERE job_id = %s", envelope.message.job_id)
        return row

    async def found(self, envelope: Envelope[AnalyzeVideo]) -> dict[str, Any]:
        """The analysis' row."""
        (row,) = await self.rows("SELECT * FROM analysis WHERE analysis_id = %s", envelope.message.analysis_id)
        return row

    async def scenes(self, envelope: Envelope[AnalyzeVideo]) -> Sequence[dict[str, Any]]:
        """Its scenes in order."""
        return await self.rows(
            "SELECT * FROM scene WHERE analysis_id = %s ORDER BY number", envelope.message.analysis_id
        )

    async def rows_of(self, table: str, envelope: Envelope[AnalyzeVideo]) -> list[dict[str, Any]]:
        """An analysis' rows of a table."""
        statement = sql.SQL("SELECT * FROM {} WHERE analysis_id = %s ORDER BY 3").format(sql.Identifier(table))
        return await self.rows(statement, envelope.message.analysis_id)

    async def artifacts(self, envelope: Envelope[AnalyzeVideo]) -> set[str]:
        """The keys of all its objects, whoever refers to them."""
        prefix = f"tenants/{self.tenant_id}/analyses/{envelope.message.analysis_id}/"
        answer = await self.s3.list_objects_v2(Bucket=self.aws.bucket, Prefix=prefix)
        return {entry.get("Key", "") for entry in answer.get("Contents", [])}

    def leftovers(self) -> list[str]:
        """Files in the scratch folder, and descriptors of this process that point into it."""
        links = [Path(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]  # noqa: PTH208
        targets = [str(link.readlink()) for link in links if link.is_symlink()]
        return [str(p) for p in self.scratch.glob("*")] + [t for t in targets if t.startswith(str(self.scratch))]
