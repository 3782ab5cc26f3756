"""The videos of a dataset become documents: one each, as its newest exact analysis has seen it."""

import asyncio
from typing import Final
from uuid import UUID

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.video_source_queries import looking
from sightglass_detect import Settings
from sightglass_scanner.documents.drafting import content_rows
from sightglass_scanner.documents.queries import Detectors, DocumentRow, Source, add_content
from sightglass_scanner.documents.whole import Unfit
from sightglass_scanner.films import queries
from sightglass_scanner.films.queries import FilmRow
from sightglass_scanner.films.redacting import Film, Seen, redacted_film
from sightglass_scanner.screen.handler import text_of
from sightglass_scanner.screen.queries import texts_of
from sightglass_scanner.ways import way_of

# As screens are scanned, and as documents are.
_SETTINGS: Final = Settings(ocr=True, normalise=True)
_STAGE: Final = "read"
_FILMS_AT_ONCE: Final = 50


async def read_films(pool: Pool, source: Source, most_chars: int, job: JobContext) -> None:
    """Read those videos of a source that are not read, or not as they would be read now.

    Each is stored by itself. Those to which something happens meanwhile are read by a job of their own.
    """
    version = await asyncio.to_thread(way_of, _SETTINGS, b"", media=False)
    films = _Films(pool, source, Detectors(version.hex(), _SETTINGS.min_confidence), most_chars, job)
    done, after = 0, None
    while due := await films.due(after):
        total = done + due[0].due
        for film in due:
            await job.report(_STAGE, done, total)
            await films.read(film)
            done, after = done + 1, film.video_id


class _Films:
    """One attempt at the videos of a source."""

    def __init__(self, pool: Pool, source: Source, detectors: Detectors, most_chars: int, job: JobContext) -> None:
        self._pool = pool
        self._source = source
        self._detectors = detectors
        self._most_chars = most_chars
        self._job = job

    async def due(self, after: UUID | None) -> list[FilmRow]:
        """Some of those to read, from behind one of them on."""
        async with tenant_transaction(self._pool, self._source.tenant_id) as db:
            return await queries.due(db, self._source.source_id, self._detectors, after=after, limit=_FILMS_AT_ONCE)

    async def read(self, film: FilmRow) -> None:
        """Read one and store it, if the dataset still holds it then."""
        async with tenant_transaction(self._pool, self._source.tenant_id) as db:
            scenes = await queries.scenes(db, film.analysis_id)
            texts = [text_of(row) for row in await texts_of(db, film.analysis_id)]
        told, reason = await asyncio.to_thread(self._told, film, Seen(film.filename, scenes, texts))
        async with self._job.transaction() as db:
            await looking(db)
            if await queries.is_held(db, self._source.source_id, film.video_id):
                await self._store(db, film, told, reason)

    def _told(self, film: FilmRow, seen: Seen) -> tuple[Film, str | None]:
        """What it shows; and why that is nothing, if it is."""
        of = {"kind": "video", "video_id": str(film.video_id), "analysis_id": str(film.analysis_id)}
        try:
            told = redacted_film(seen, _SETTINGS, of, self._most_chars)
        except Unfit as unfit:
            return redacted_film(Seen(film.filename), _SETTINGS, of, self._most_chars), unfit.reason
        return told, None if told.passages else "empty"

    async def _store(self, db: Db, film: FilmRow, told: Film, reason: str | None) -> None:
        status = "skipped" if reason else "read"
        row = DocumentRow(0, str(film.video_id), str(told.title), status, reason, redactions=told.redactions)
        document_id = await queries.put(db, self._source, film, self._detectors, row)
        if document_id is not None:
            await add_content(db, self._source.tenant_id, ((document_id, one) for one in content_rows(told.passages)))
