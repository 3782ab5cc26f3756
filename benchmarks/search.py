"""How long a search takes in a tenant among others, 100,000 segments in all; and whether it finds what is nearest.

Postgres is the real one, as role sightglass_api under row-level security. Words are drawn as in a language (Zipf), 120
to a segment; vectors are of 2,000 clusters. Questions are some words of a segment of the tenant's own, and a vector
near its own.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tests.integration.chat.library import Library, a_library
from tests.stack import clone_template, make_template

from benchmarks.figure import Figure, at_least, at_most
from sightglass_chat import queries
from sightglass_chat.queries import SegmentRow
from sightglass_common.db import Pool, open_pool, tenant_transaction
from sightglass_common.search import Hit, search
from sightglass_embedded.postgres import Postgres

Vectors = NDArray[np.float32]

# Of tenants: how many segments, how many such tenants, and within how many ms 95 of 100 searches are to be answered.
_TENANTS: Final = ((50_000, 1, 60.0), (10_000, 1, 25.0), (1_000, 40, 5.0))
_WORDS: Final = 30_000
_WORDS_OF_A_SEGMENT: Final = 120
_WORDS_OF_A_QUESTION: Final = 6
_CLUSTERS: Final = 2_000
_STORED_AT_ONCE: Final = 500
_QUESTIONS: Final = 120
_K: Final = 10


@dataclass(frozen=True, slots=True)
class Shelf:
    """A tenant's segments. vectors: (segments, 384), of length 1."""

    library: Library
    texts: Sequence[str]
    vectors: Vectors


class Writer:
    """Makes segments up, the same in each run."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(7)
        letters = np.array(list("bcdfghklmnprstvz"))
        self._vocabulary = ["".join(self._rng.choice(letters, 7)) for _ in range(_WORDS)]
        self._odds = 1 / np.arange(1, _WORDS + 1)
        self._odds /= self._odds.sum()
        self._centres = self._rng.normal(size=(_CLUSTERS, 384))

    def texts(self, count: int) -> list[str]:
        """So many texts."""
        picks = self._rng.choice(_WORDS, (count, _WORDS_OF_A_SEGMENT), p=self._odds)
        return [" ".join(self._vocabulary[n] for n in row) for row in picks]

    def vectors(self, count: int) -> Vectors:
        """So many vectors."""
        near = self._centres[self._rng.integers(_CLUSTERS, size=count)] + self._rng.normal(size=(count, 384))
        return (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)

    def question(self, shelf: Shelf) -> tuple[str, Vectors]:
        """Words of a segment, and a vector that is nearest to it."""
        number = int(self._rng.integers(len(shelf.texts)))
        words = self._rng.choice(shelf.texts[number].split(), _WORDS_OF_A_QUESTION, replace=False)
        moved = shelf.vectors[number] + self._rng.normal(size=384) * 0.02
        return " ".join(words), (moved / np.linalg.norm(moved)).astype(np.float32)


def figures() -> list[Figure]:
    """Milliseconds of the statement; the vector of a question is made before."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        return asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> list[Figure]:
    writer, found = Writer(), list[Figure]()
    async with _pools(folder) as (admin, chat, api):
        shelves, began = list[tuple[Shelf, float]](), time.perf_counter()
        for size, count, must_ms in _TENANTS:
            shelves += [(await _filled(admin, chat, writer, size), must_ms) for _ in range(count)]
        took_s = time.perf_counter() - began
        async with admin.connection() as db:
            await db.execute("VACUUM ANALYZE")
        for shelf, must_ms in (shelves[0], shelves[1], shelves[-1]):
            found += await _searched(api, writer, shelf, must_ms)
        async with admin.connection() as db:
            row = await (await db.execute("SELECT pg_total_relation_size('posting'), count(*) FROM segment")).fetchone()
    size_bytes, segments = row or (0, 1)
    return [
        *found,
        Figure("segments stored a second, without vectors' making", round(segments / took_s), "segments"),
        Figure("postings of a segment", round(size_bytes / segments / 1024, 2), "KiB"),
        Figure("load of the machine meanwhile (mean of 1 min)", round(os.getloadavg()[0], 2), ""),
    ]


@asynccontextmanager
async def _pools(folder: Path) -> AsyncGenerator[tuple[Pool, Pool, Pool]]:
    """As administrator, as chat and as the API."""
    async with Postgres(folder / "postgres", durable=False).running() as server:
        make_template(server)
        database = clone_template(server)
        async with (
            database.pool("chat") as chat,
            database.pool("api") as api,
            open_pool(database.admin_url, name="bench") as admin,
        ):
            yield admin, chat, api


async def _filled(admin: Pool, chat: Pool, writer: Writer, size: int) -> Shelf:
    library = await a_library(admin, chat, language="simple")
    texts, vectors = writer.texts(size), writer.vectors(size)
    for first in range(0, size, _STORED_AT_ONCE):
        document_id = await library.document()
        rows = [
            SegmentRow(document_id, ordinal, "", texts[number], {"number": number}, vectors[number].tolist())
            for ordinal, number in enumerate(range(first, min(first + _STORED_AT_ONCE, size)))
        ]
        async with tenant_transaction(chat, library.tenant_id) as db:
            await queries.add(db, library.tenant_id, library.dataset_id, "simple", rows)
            await queries.serve(db, {document_id: len(rows)})
    return Shelf(library, texts, vectors)


async def _searched(api: Pool, writer: Writer, shelf: Shelf, must_ms: float) -> list[Figure]:
    asked = [writer.question(shelf) for _ in range(_QUESTIONS)]
    for query, vector in asked[:10]:  # pages that nobody has read yet
        await _search(api, shelf, query, vector)
    taken, right, rows = list[float](), 0, 0
    for query, vector in asked:
        before = time.perf_counter()
        hits = await _search(api, shelf, query, vector)
        taken.append((time.perf_counter() - before) * 1000)
        nearest = set(np.argsort(-(shelf.vectors @ vector), kind="stable")[:_K].tolist())
        near = await _search(api, shelf, "", vector)
        right += len(nearest & {int(hit.locator["number"]) for hit in near})
        rows += len(hits)
    name = f"search of {len(shelf.texts):,} segments, 100,000 in all"
    return [
        at_most(f"{name}: p95", quantiles(taken, n=20)[-1], "ms", must_ms),
        Figure("the same, median", round(median(taken), 3), "ms"),
        at_least("recall@10 of the nearest vectors", right / _K / _QUESTIONS, "", 0.98),
        at_least("rows given of ten", rows / _QUESTIONS, "", 10),
    ]


async def _search(api: Pool, shelf: Shelf, query: str, vector: Vectors) -> list[Hit]:
    async with tenant_transaction(api, shelf.library.tenant_id) as db:
        return await search(db, [shelf.library.dataset_id], query, vector.tolist(), k=_K)
