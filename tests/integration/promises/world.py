"""All of Sightglass in one process, for one tenant: what any of its parts writes or says can be looked through."""

import asyncio
import hashlib
import json
import zlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from uuid import UUID

import httpx
import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from tests.fakes.llm import FakeModels
from tests.integration.api.people import Person, send_form
from tests.integration.promises.grepping import Grep, Hit
from tests.integration.scanner.yard import Yard

from sightglass_chat.answering import AnswerTurnHandler
from sightglass_chat.generating import Generator
from sightglass_chat.indexing import IndexContentHandler
from sightglass_chat.words import tokens_of
from sightglass_common import queues
from sightglass_common.db import Pool
from sightglass_common.delivery import Delivery
from sightglass_common.errors import SightglassError
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import from_json
from sightglass_detect import Redacted
from sightglass_retrieval.minilm import MiniLM
from sightglass_scanner.batches import ScanBatchHandler
from sightglass_scanner.deleting.handler import DeleteContentHandler
from sightglass_scanner.documents.handler import ScanSourceHandler
from sightglass_scanner.documents.rereading import ReadDatasetHandler
from sightglass_scanner.pages import ListPageHandler
from sightglass_scanner.runner import PartRunner
from sightglass_scanner.screen.handler import ScanTextsHandler

_TABLES = """
    SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
    GROUP BY 1, 2
"""


# A file goes through a few services, each of which may send some messages more.
_MOST_ROUNDS: Final = 40


class Remembering:
    """An embedder that keeps all that it is given. Its vectors say nothing, but are the same for the same text."""

    revision = "remembering"
    dimensions = 384

    def __init__(self) -> None:
        self.given: list[str] = []

    def tokens(self, text: str) -> list[tuple[int, int]]:
        return tokens_of(text)

    def embed(self, texts: Sequence[Redacted]) -> NDArray[np.float32]:
        plain = [str(text) for text in texts]
        self.given += plain
        seeds = [int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big") for text in plain]
        vectors = np.stack([np.random.default_rng(seed).normal(size=384) for seed in seeds])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@dataclass(slots=True)
class World:
    """One tenant. said: what was written apart from rows, as (where, what): answers, queue bodies, logs.

    yard: the tenant's bucket. generator: asks the fake.
    """

    person: Person
    yard: Yard
    chat: Pool
    fake: FakeModels
    generator: Generator
    embedder: Remembering
    logs: list[str]
    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def call(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """A request of the tenant's; what comes back is kept."""
        content = {} if body is None else {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        answer = await self.person.http.request(method, path, **content, **more)
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.said.append((f"{method} {_without_ids(path)}", f"{headers}\n{answer.text}"))
        return answer

    async def made(self, path: str, body: object) -> dict[str, Any]:
        """What a POST that must go well gives."""
        answer = await self.call("POST", path, body)
        assert answer.status_code in {201, 202}, f"{path}: {answer.text[:300]}"
        return answer.json()

    async def add(
        self, dataset_id: str, name: str, body: bytes, content_type: str = "application/octet-stream"
    ) -> None:
        """A file of a dataset, sent and completed."""
        new = {"filename": name, "content_type": content_type, "size_bytes": len(body)}
        announced = await self.made(f"/v1/datasets/{dataset_id}/documents", new)
        assert (await send_form(announced, body)).status_code == 204
        await self.made(f"/v1/uploads/{announced['upload_id']}/complete", {})

    async def settle(self) -> None:
        """Have all messages delivered, until no more are sent."""
        runners, rounds = self._runners(), 0
        while rows := await self._taken():
            rounds += 1
            assert rounds < _MOST_ROUNDS, f"it goes on for ever: {self.said[-4:]}"
            for queue, body in rows:
                self.said.append((f"queue {queue}", body))
                if queue in runners:
                    envelope: Any = from_json(body, queues.BY_NAME[queue].message)
                    try:
                        self.said.append((f"outcome of {queue}", repr(await runners[queue](Delivery(envelope)))))
                    except SightglassError as error:
                        self.said.append((f"error of {queue}", f"{error!r} {error.detail} {error.context}"))

    async def _taken(self) -> list[tuple[str, str]]:
        async with self.yard.admin.connection() as db:
            found = await db.execute(
                "DELETE FROM outbox WHERE tenant_id = %s RETURNING queue, body", [self.yard.tenant_id]
            )
            return cast("list[tuple[str, str]]", await found.fetchall())

    def _runners(self) -> dict[str, Any]:
        scanner, s3, settings = self.yard.scanner, self.yard.s3, self.yard.settings()
        chat, embedder = self.chat, cast("MiniLM", self.embedder)
        handlers: dict[Any, Any] = {
            queues.TEXTS_TO_SCAN: (scanner, ScanTextsHandler(scanner, settings)),
            queues.SOURCES_TO_SCAN: (scanner, ScanSourceHandler(scanner, s3, settings)),
            queues.DATASETS_TO_READ: (scanner, ReadDatasetHandler()),
            queues.CONTENTS_TO_DELETE: (scanner, DeleteContentHandler(scanner, s3, settings.bucket)),
            queues.CONTENTS_TO_INDEX: (chat, IndexContentHandler(chat, lambda: embedder)),
            queues.CHAT_TURNS: (chat, AnswerTurnHandler(chat, lambda: embedder, self.generator)),
        }
        return {
            **{queue.name: JobRunner(pool, queue, handler) for queue, (pool, handler) in handlers.items()},
            "scan-listings": PartRunner(
                scanner, queues.SCAN_LISTINGS, ListPageHandler(scanner, s3, settings), settings
            ),
            "scan-batches": PartRunner(scanner, queues.SCAN_BATCHES, ScanBatchHandler(scanner, s3, settings), settings),
        }

    async def answered(self, path: str, body: object) -> httpx.Response:
        """A request that waits for an answer of chat, which is given meanwhile."""
        asking = asyncio.create_task(self.call("POST", path, body))
        while not asking.done():
            await self.settle()
            await asyncio.sleep(0)
        return await asking

    async def ask(self, question: str, **conversation: object) -> None:
        """A question, its answer as rows, as a stream and in the client's list."""
        title = question if len(question) <= 200 else ""  # the most that a title may have
        begun = await self.made("/v1/conversations", {"title": title, **conversation})
        path = f"/v1/conversations/{begun['conversation_id']}/turns"
        turn = await self.made(path, {"question": question})
        await self.settle()
        for seen in (path, f"{path}/{turn['turn_id']}", f"{path}/{turn['turn_id']}/events"):
            answer = await self.call("GET", seen)
            assert answer.status_code == 200, answer.text

    async def texts(self) -> AsyncGenerator[tuple[str, str]]:
        """All that was ever written of the tenant: rows by table and column, and what was said."""
        async for one in self._dumped():
            yield one
        for one in self.said:
            yield one
        for seen in self.fake.seen:
            yield "prompt", json.dumps(dict(seen.body), ensure_ascii=False)
        for given in self.embedder.given:
            yield "embedder", given
        for line in self.logs:
            yield "log", line

    async def hits(self, grep: Grep) -> list[Hit]:
        """Where values stand in any of these."""
        by_place: dict[str, list[str]] = {}
        async for where, text in self.texts():
            by_place.setdefault(where, []).append(text)
        return [hit for where, some in by_place.items() for hit in grep.hits(where, "\n".join(some))]

    async def _dumped(self) -> AsyncGenerator[tuple[str, str]]:
        async with self.yard.admin.connection() as db:
            tables = await (await db.execute(_TABLES)).fetchall()
            for schema, table, columns in tables:
                for column in columns:
                    query = sql.SQL("SELECT {0}::text FROM {1} WHERE {0} IS NOT NULL").format(
                        sql.Identifier(column), sql.Identifier(schema, table)
                    )
                    rows = await (await db.execute(query)).fetchall()
                    yield f"{table}.{column}", "\n".join(part for (text,) in rows for part in _with_decoded(text))


def _with_decoded(text: str) -> Iterator[str]:
    """A column's text; and of bytes what they say, unpacked if they are packed."""
    yield text
    if text.startswith("\\x"):
        data = bytes.fromhex(text[2:])
        yield data.decode("utf-8", "replace")
        try:
            yield zlib.decompress(data).decode("utf-8", "replace")
        except zlib.error:
            return


def _without_ids(path: str) -> str:
    def shown(part: str) -> str:
        try:
            UUID(part)
        except ValueError:
            return part
        return "{}"

    return "/".join(map(shown, path.split("?", maxsplit=1)[0].split("/")))
