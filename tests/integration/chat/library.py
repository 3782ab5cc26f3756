"""Builders for chat's tests: tenants with datasets, sources and redacted documents."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql

from sightglass_chat import queries
from sightglass_chat.queries import SegmentRow
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.ids import new_id
from sightglass_common.search_queries import Hit, search


@dataclass(frozen=True, slots=True)
class Library:
    """A tenant's dataset with one source. admin: sees all. chat: the role of the service."""

    tenant_id: UUID
    dataset_id: UUID
    source_id: UUID
    job_id: UUID
    admin: Pool
    chat: Pool

    async def document(
        self, passages: Sequence[Mapping[str, Any]] = (), *, title: str = "", ref: str | None = None
    ) -> UUID:
        """A document that the scanner has redacted."""
        document_id = new_id()
        async with self.admin.connection() as db, db.transaction():
            await db.execute(
                "INSERT INTO document (tenant_id, document_id, dataset_id, source_id, ref, title, status)"
                " VALUES (%s, %s, %s, %s, %s, %s, 'read')",
                [self.tenant_id, document_id, self.dataset_id, self.source_id, ref, title],
            )
            await db.execute(
                "INSERT INTO content (tenant_id, document_id, number, passages) VALUES (%s, %s, 0, %s)",
                [self.tenant_id, document_id, json.dumps(list(passages))],
            )
        return document_id

    async def indexed(self, texts: Sequence[str], vectors: Sequence[Sequence[float]] | None = None) -> UUID:
        """A document whose segments are these."""
        document_id = await self.document()
        rows = [
            SegmentRow(document_id, number, "", text, {"line": number + 1}, vectors[number] if vectors else None)
            for number, text in enumerate(texts)
        ]
        async with tenant_transaction(self.chat, self.tenant_id) as db:
            await queries.forget(db, self.dataset_id, [document_id])
            await queries.add(db, self.tenant_id, self.dataset_id, "english", rows)
            await queries.ready(db, {document_id: len(rows)})
        return document_id

    async def forget(self, document_id: UUID) -> None:
        """Remove what is indexed of a document."""
        async with tenant_transaction(self.chat, self.tenant_id) as db:
            await queries.forget(db, self.dataset_id, [document_id])

    async def found(self, query: str, vector: Sequence[float] | None = None, *, k: int = 10) -> list[Hit]:
        """What a search of the dataset gives."""
        async with tenant_transaction(self.chat, self.tenant_id) as db:
            return await search(db, [self.dataset_id], query, vector, k=k)

    async def count(self, table: str) -> int:
        """How many rows of the tenant a table has."""
        async with self.admin.connection() as db:
            query = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(sql.Identifier(table))
            found = await db.execute(query, [self.tenant_id])
            (count,) = await found.fetchone() or (0,)
        return count


async def a_library(admin: Pool, chat: Pool, *, language: str = "english") -> Library:
    """A new tenant with an empty dataset."""
    library = Library(uuid4(), uuid4(), uuid4(), uuid4(), admin, chat)
    async with admin.connection() as db, db.transaction():
        await db.execute(
            "INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [library.tenant_id, str(library.tenant_id)]
        )
        await db.execute(
            "INSERT INTO job (tenant_id, job_id, kind, queue, message)"
            " VALUES (%s, %s, 'indexing', 'contents-to-index', '{}')",
            [library.tenant_id, library.job_id],
        )
        await db.execute(
            "INSERT INTO dataset (tenant_id, dataset_id, name, language) VALUES (%s, %s, 'd', %s)",
            [library.tenant_id, library.dataset_id, language],
        )
        await db.execute(
            "INSERT INTO source (tenant_id, source_id, dataset_id, job_id, bucket, object_key, version_id, etag,"
            " size_bytes, filename, content_type) VALUES (%s, %s, %s, %s, 'b', 'k', '', 'e', 1, 'f', 'text/plain')",
            [library.tenant_id, library.source_id, library.dataset_id, library.job_id],
        )
    return library
