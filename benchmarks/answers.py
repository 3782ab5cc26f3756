"""How long a question waits for the first event of its answer, and for the whole of it, through HTTP and the queue.

A stack of its own, as `make dev` runs it: API, relay, LocalStack, chat with its model, and Postgres, durable.
One tenant has 10,000 segments of ten made-up sentences. Answers are extractive. Questions come one after the other,
then fifty at once, each in a conversation of its own, from this process.
"""

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import httpx
from tests.integration.chat.library import Library, a_library

from benchmarks.figure import Figure, at_least, at_most
from benchmarks.own_stack import OwnStack, own_stack
from benchmarks.search import Writer
from sightglass_api.permissions import Role
from sightglass_api.tenants import administration
from sightglass_chat import queries
from sightglass_chat.queries import SegmentRow
from sightglass_common.db import Pool, open_pool, tenant_transaction
from sightglass_embedded.postgres import Postgres

_SEGMENTS: Final = 10_000
_STORED_AT_ONCE: Final = 500
_WORDS_OF_A_SENTENCE: Final = 12
_WARMING: Final = 10
_ALONE: Final = 60
_AT_ONCE: Final = 50
_ROUNDS: Final = 4
_FIRST_MS: Final = 250.0
_FIFTY_MS: Final = 1000.0
_PUT_OFF: Final = 429
_STREAM: Final = {"Accept": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class _Took:
    """Milliseconds from when a question was sent. first_ms: to the first event. again: how often it was put off."""

    first_ms: float
    whole_ms: float
    again: int


def figures() -> list[Figure]:
    """Milliseconds, as a client of the API has them."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder, own_stack(Path(folder) / "state") as stack:
        return asyncio.run(_measured(stack))


async def _measured(stack: OwnStack) -> list[Figure]:
    url = Postgres(stack.state / "dev" / "postgres", port=stack.port("postgres")).url("sightglass")
    writer = Writer()
    async with open_pool(url, name="bench") as pool:
        library, texts = await _filled(pool, writer)
        key = await administration.create_key(pool, library.tenant_id, name="bench", role=Role.MEMBER)
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=_AT_ONCE)
    base = f"http://127.0.0.1:{stack.port('api')}"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, limits=limits) as client:
        # Words of a segment, so that there is something to answer with.
        asked = [texts[number].rpartition(".")[0][-80:] for number in range(0, len(texts), 17)]
        for question in asked[:_WARMING]:
            await _ask(client, await _begun(client), question)
        alone = [await _ask(client, await _begun(client), question) for question in asked[:_ALONE]]
        together: list[_Took] = []
        for turn in range(_ROUNDS):
            paths = [await _begun(client) for _ in range(_AT_ONCE)]
            some = asked[turn * _AT_ONCE : (turn + 1) * _AT_ONCE]
            together += await asyncio.gather(*(_ask(client, *one) for one in zip(paths, some, strict=True)))
    return [
        at_most("question to first event, 10,000 segments: p95", _p95(alone), "ms", _FIRST_MS),
        Figure("the same, median", round(median(one.first_ms for one in alone), 1), "ms"),
        Figure("to the whole answer, median", round(median(one.whole_ms for one in alone), 1), "ms"),
        at_most("fifty questions at once, to the first event: p95", _p95(together), "ms", _FIFTY_MS),
        Figure("the same, median", round(median(one.first_ms for one in together), 1), "ms"),
        Figure("to the whole answer, median", round(median(one.whole_ms for one in together), 1), "ms"),
        at_least(
            "answered at once, not put off (429), of all", sum(not one.again for one in together) / len(together), "", 1
        ),
        Figure("load of the machine meanwhile (mean of 1 min)", round(os.getloadavg()[0], 2), ""),
    ]


async def _filled(pool: Pool, writer: Writer) -> tuple[Library, list[str]]:
    library = await a_library(pool, pool, language="simple")
    texts, vectors = [_in_sentences(text) for text in writer.texts(_SEGMENTS)], writer.vectors(_SEGMENTS)
    for first in range(0, _SEGMENTS, _STORED_AT_ONCE):
        document_id = await library.document()
        rows = [
            SegmentRow(document_id, ordinal, "", texts[number], {"number": number}, vectors[number].tolist())
            for ordinal, number in enumerate(range(first, first + _STORED_AT_ONCE))
        ]
        async with tenant_transaction(pool, library.tenant_id) as db:
            await queries.add(db, library.tenant_id, library.dataset_id, "simple", rows)
            await queries.serve(db, {document_id: len(rows)})
    async with pool.connection() as db:
        await db.execute("ANALYZE")
    return library, texts


def _in_sentences(text: str) -> str:
    words = text.split()
    parts = [words[at : at + _WORDS_OF_A_SENTENCE] for at in range(0, len(words), _WORDS_OF_A_SENTENCE)]
    return " ".join(" ".join(part).capitalize() + "." for part in parts)


async def _begun(client: httpx.AsyncClient) -> str:
    begun = await client.post("/v1/conversations", json={})
    return f"/v1/conversations/{begun.raise_for_status().json()['conversation_id']}/turns"


async def _ask(client: httpx.AsyncClient, path: str, question: str) -> _Took:
    """One question; put off, it is asked again as the answer says."""
    before, again = time.perf_counter(), 0
    while True:
        async with client.stream("POST", path, json={"question": question}, headers=_STREAM) as answer:
            if answer.status_code != _PUT_OFF:
                first, whole = await _events(answer.raise_for_status())
                return _Took((first - before) * 1000, (whole - before) * 1000, again)
            again += 1
        await asyncio.sleep(float(answer.headers["Retry-After"]))


async def _events(answer: httpx.Response) -> tuple[float, float]:
    """When the first event came, and the last. Raises RuntimeError for an answer that did not come."""
    first: float | None = None
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            first = first or time.perf_counter()
            if line == "event: done":
                return first, time.perf_counter()
    raise RuntimeError("the stream ended without an answer")


def _p95(took: list[_Took]) -> float:
    return quantiles([one.first_ms for one in took], n=20)[-1]
