"""What the API sends is done here and now, by the handlers of scanner and chat under their own roles."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from pydantic import SecretStr
from tests.stack import Aws, Database
from types_aiobotocore_s3.client import S3Client

from sightglass_chat.answering import AnswerTurnHandler
from sightglass_chat.indexing import IndexContentHandler
from sightglass_common.db import Pool
from sightglass_common.delivery import Delivery
from sightglass_common.errors import SightglassError
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import from_json
from sightglass_common.queues import (
    BY_NAME,
    CHAT_TURNS,
    CONTENTS_TO_DELETE,
    CONTENTS_TO_INDEX,
    DATASETS_TO_READ,
    PREFIXES_TO_SYNC,
    SOURCES_TO_SCAN,
)
from sightglass_scanner.deleting.handler import DeleteContentHandler
from sightglass_scanner.documents.handler import ScanSourceHandler
from sightglass_scanner.documents.rereading import ReadDatasetHandler
from sightglass_scanner.prefixes.handler import SyncPrefixHandler
from sightglass_scanner.settings import ScannerSettings


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The services behind the API. admin: sees all."""

    admin: Pool
    runners: dict[str, JobRunner[Any]]

    async def work(self, tenant_id: UUID) -> list[str]:
        """Deliver all messages of a tenant, each twice, until there are none; the queues that they were for."""
        done: list[str] = []
        while taken := await self._taken(tenant_id):
            for queue, body in taken:
                if queue not in self.runners:
                    continue
                for _ in range(2):
                    await self.deliver(queue, body)
                done.append(queue)
        return done

    async def deliver(self, queue: str, body: str) -> None:
        """Deliver a message once; what it raises is for the consumer to judge."""
        try:
            await self.runners[queue](Delivery(from_json(body, BY_NAME[queue].message)))
        except SightglassError:
            return

    async def _taken(self, tenant_id: UUID) -> list[tuple[str, str]]:
        async with self.admin.connection() as db:
            found = await db.execute("DELETE FROM outbox WHERE tenant_id = %s RETURNING queue, body", [tenant_id])
            return await found.fetchall()

    async def tables_with(self, tenant_id: UUID, word: str) -> set[str]:
        """The tables of which a row of the tenant holds a word, whatever the column."""
        async with self.admin.connection() as db:
            tables = await db.execute(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name = 'tenant_id'"
            )
            holding: set[str] = set()
            for (table,) in await tables.fetchall():
                query = sql.SQL("SELECT EXISTS (SELECT FROM {} t WHERE tenant_id = %s AND t::text ILIKE %s)")
                found = await db.execute(query.format(sql.Identifier(table)), [tenant_id, f"%{word}%"])
                if await found.fetchone() == (True,):
                    holding.add(table)
            return holding


@asynccontextmanager
async def services(admin: Pool, database: Database, aws: Aws, s3: S3Client) -> AsyncGenerator[Upkeep]:
    """Scanner and chat, without their queues."""
    settings = ScannerSettings(
        database_url=SecretStr(""),
        finding_key=SecretStr("for tests, and nothing else"),
        bucket=aws.bucket,
        page_objects=2,
    )
    async with database.pool("scanner") as scanner, database.pool("chat") as chat:
        runners: dict[str, JobRunner[Any]] = {
            SOURCES_TO_SCAN.name: JobRunner(scanner, SOURCES_TO_SCAN, ScanSourceHandler(scanner, s3, settings)),
            CONTENTS_TO_DELETE.name: JobRunner(
                scanner, CONTENTS_TO_DELETE, DeleteContentHandler(scanner, s3, aws.bucket)
            ),
            DATASETS_TO_READ.name: JobRunner(scanner, DATASETS_TO_READ, ReadDatasetHandler()),
            PREFIXES_TO_SYNC.name: JobRunner(scanner, PREFIXES_TO_SYNC, SyncPrefixHandler(scanner, s3, settings)),
            CONTENTS_TO_INDEX.name: JobRunner(chat, CONTENTS_TO_INDEX, IndexContentHandler(chat, lambda: None)),
            CHAT_TURNS.name: JobRunner(chat, CHAT_TURNS, AnswerTurnHandler(chat, lambda: None)),
        }
        yield Upkeep(admin, runners)
