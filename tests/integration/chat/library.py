"""Builders for chat's tests: tenants with datasets, sources and redacted documents."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.rows import dict_row
from tests.fakes.llm import KEYS, MODEL, REGION, FakeModels
from tests.fakes.llm import Kind as ModelKind

from sightglass_chat import queries
from sightglass_chat.answering import AnswerTurnHandler
from sightglass_chat.generating import Generator
from sightglass_chat.indexing import IndexContentHandler
from sightglass_chat.queries import SegmentRow
from sightglass_chat.trying import TryProviderHandler
from sightglass_common import segment_queries
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.ids import new_id
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import AnswerTurn, Envelope, IndexContent, TryProvider, to_json, wrap
from sightglass_common.provider_keys import new_pair, sealed_key
from sightglass_common.queues import CHAT_TURNS, CONTENTS_TO_INDEX
from sightglass_common.search import Hit, search
from sightglass_retrieval.minilm import MiniLM

# Chat's half and the API's.
PAIR = new_pair()


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
                "INSERT INTO document (tenant_id, document_id, dataset_id, source_id, ref, title, status, rules)"
                " VALUES (%s, %s, %s, %s, %s, %s, 'read', '1.0')",
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
            await queries.add(db, self.tenant_id, self.dataset_id, "english", rows)
            await queries.serve(db, {document_id: len(rows)})
        return document_id

    async def index(self, *, model: MiniLM | None = None) -> str:
        """Deliver the message that has the source indexed, as the scanner sends it; the job's status then."""
        message = IndexContent(tenant_id=self.tenant_id, job_id=self.job_id, source_id=self.source_id)
        envelope = wrap(message, source="test")
        async with self.admin.connection() as db:
            await db.execute(
                "UPDATE job SET status = 'queued', message = %s, lease_until = NULL WHERE job_id = %s",
                [to_json(envelope), self.job_id],
            )
        handler = IndexContentHandler(self.chat, lambda: model)
        await JobRunner(self.chat, CONTENTS_TO_INDEX, handler)(Delivery(envelope))
        return await self.status(self.job_id)

    async def ask(
        self, question: str, *, model: MiniLM | None = None, generator: Generator | None = None
    ) -> dict[str, Any]:
        """Ask in a new conversation, have it answered, and give the turn's row with its events."""
        envelope = await self.asked(await self.conversation(), question)
        return await self.answered(envelope, model=model, generator=generator)

    async def bot(self, bot_id: UUID | None = None, **columns: Any) -> UUID:
        """A new bot, or the next version of one."""
        found = bot_id or new_id()
        row = {"tenant_id": self.tenant_id, "bot_id": found, "description": "", "greeting": "", **columns}
        async with self.admin.connection() as db, db.transaction():
            await db.execute(
                "INSERT INTO bot (tenant_id, bot_id, name, version) VALUES (%s, %s, %s, 1)"
                " ON CONFLICT (tenant_id, bot_id) DO UPDATE SET version = bot.version + 1",
                [self.tenant_id, found, str(found)],
            )
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            values = sql.SQL(", ").join(map(sql.Placeholder, row))
            insert = "INSERT INTO bot_version ({}, version) SELECT {}, version FROM bot WHERE bot_id = %(bot_id)s"
            await db.execute(sql.SQL(insert).format(names, values), row)
        return found

    async def conversation(self, bot_id: UUID | None = None) -> UUID:
        """A new conversation, with the newest version of a bot if one is named."""
        conversation_id, key_id = new_id(), str(new_id())
        async with self.admin.connection() as db, db.transaction():
            await db.execute(
                "INSERT INTO api_key (tenant_id, key_id, secret_sha256, name, role)"
                " VALUES (%s, %s, decode(repeat('00', 32), 'hex'), 'k', 'member')",
                [self.tenant_id, key_id],
            )
            await db.execute(
                "INSERT INTO conversation (tenant_id, conversation_id, key_id, title, bot_id, bot_version)"
                " SELECT %s, %s, %s, '', b.bot_id, b.version FROM (SELECT %s::uuid AS bot_id) AS asked"
                " LEFT JOIN bot b USING (bot_id)",
                [self.tenant_id, conversation_id, key_id, bot_id],
            )
        return conversation_id

    async def asked(self, conversation_id: UUID, question: str) -> Envelope[AnswerTurn]:
        """The message of a question, as the API leaves it to chat."""
        turn_id, job_id = new_id(), new_id()
        envelope = wrap(AnswerTurn(tenant_id=self.tenant_id, job_id=job_id, turn_id=turn_id), source="test")
        async with self.admin.connection() as db, db.transaction():
            await db.execute(
                "INSERT INTO job (tenant_id, job_id, kind, queue, message) VALUES (%s, %s, 'turn', 'chat-turns', %s)",
                [self.tenant_id, job_id, to_json(envelope)],
            )
            await db.execute(
                "INSERT INTO turn (tenant_id, turn_id, conversation_id, job_id, question) VALUES (%s, %s, %s, %s, %s)",
                [self.tenant_id, turn_id, conversation_id, job_id, question],
            )
        return envelope

    async def answered(
        self, envelope: Envelope[AnswerTurn], *, model: MiniLM | None = None, generator: Generator | None = None
    ) -> dict[str, Any]:
        """Deliver the message, and give the turn's row with its events. A cancel is heard of within 0.2 s."""
        handler = AnswerTurnHandler(self.chat, lambda: model, generator)
        await JobRunner(self.chat, CHAT_TURNS, handler, lease_s=0.6, report_every_s=0.05)(Delivery(envelope))
        return await self.turn(envelope.message)

    async def turn(self, message: AnswerTurn) -> dict[str, Any]:
        """The turn's row with its events."""
        turn_id, job_id = message.turn_id, message.job_id
        async with self.admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
            turn = await (await cursor.execute("SELECT * FROM turn WHERE turn_id = %s", [turn_id])).fetchone()
            events = await cursor.execute(
                "SELECT number, kind, data FROM turn_event WHERE turn_id = %s ORDER BY number", [turn_id]
            )
            return {**(turn or {}), "events": await events.fetchall(), "status": await self.status(job_id)}

    async def provider(self, fake: FakeModels, kind: ModelKind, **columns: Any) -> UUID:
        """A provider whose models the fake has; asked first if it was made first."""
        provider_id, base_url = new_id(), fake.base_url(kind)
        sealed = sealed_key(PAIR[1], KEYS[kind], tenant_id=self.tenant_id, provider_id=provider_id, base_url=base_url)
        row: dict[str, Any] = {
            "tenant_id": self.tenant_id, "provider_id": provider_id, "name": str(provider_id), "kind": kind,
            "base_url": base_url, "region": REGION, "model": MODEL, "sealed_key": sealed, "most_tokens": 1000,
            "rank": 0, "enabled": True, **columns,
        }  # fmt: skip
        async with self.admin.connection() as db:
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            values = sql.SQL(", ").join(map(sql.Placeholder, row))
            await db.execute(sql.SQL("INSERT INTO provider ({}) VALUES ({})").format(names, values), row)
        return provider_id

    async def tested(self, provider_id: UUID, generator: Generator, *, times: int = 1) -> dict[str, Any]:
        """What a test of a provider has shown, whose message comes so many times."""
        test_id = new_id()
        async with self.admin.connection() as db:
            await db.execute(
                "INSERT INTO provider_test (tenant_id, provider_id, test_id) VALUES (%s, %s, %s)"
                " ON CONFLICT (tenant_id, provider_id) DO UPDATE SET test_id = excluded.test_id, finished_at = NULL",
                [self.tenant_id, provider_id, test_id],
            )
        message = TryProvider(tenant_id=self.tenant_id, test_id=test_id)
        for _ in range(times):
            await TryProviderHandler(generator)(Delivery(wrap(message, source="test")))
        async with self.admin.connection() as db:
            found = await db.execute(
                "SELECT result FROM provider_test WHERE test_id = %s AND finished_at IS NOT NULL", [test_id]
            )
            (result,) = await found.fetchone() or ({},)
        return result

    async def uses(self) -> list[tuple[Any, ...]]:
        """Reserved, input and output tokens and the outcome of each question to a provider, in their order."""
        async with self.admin.connection() as db:
            found = await db.execute(
                "SELECT reserved_tokens, input_tokens, output_tokens, outcome FROM answer_use"
                " WHERE tenant_id = %s ORDER BY use_id",
                [self.tenant_id],
            )
            return await found.fetchall()

    async def status(self, job_id: UUID) -> str:
        """What a job has come to."""
        async with self.admin.connection() as db:
            found = await db.execute("SELECT status FROM job WHERE job_id = %s", [job_id])
            (status,) = await found.fetchone() or ("",)
        return status

    async def forget(self, document_id: UUID) -> None:
        """Remove what is indexed of a document."""
        async with self.admin.connection() as db:
            await db.execute("UPDATE document SET served = NULL WHERE document_id = %s", [document_id])
        async with tenant_transaction(self.chat, self.tenant_id) as db:
            while await segment_queries.forget(db, self.dataset_id, [document_id], unfinished=True):
                pass

    async def found(
        self, query: str, vector: Sequence[float] | None = None, *, k: int = 10, **wanted: Any
    ) -> list[Hit]:
        """What a search of the dataset gives."""
        async with tenant_transaction(self.chat, self.tenant_id) as db:
            return await search(db, [self.dataset_id], query, vector, k=k, **wanted)

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
