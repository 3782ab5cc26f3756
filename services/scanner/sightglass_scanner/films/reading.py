"""The videos of a dataset become documents: one each, as its newest exact analysis has seen it."""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.video_source_queries import looking
from sightglass_detect import Settings
from sightglass_scanner.documents.drafting import content_rows
from sightglass_scanner.documents.queries import Detectors, DocumentRow, Source, add_content, hold
from sightglass_scanner.documents.whole import Unfit
from sightglass_scanner.films import queries
from sightglass_scanner.films.queries import FilmRow
from sightglass_scanner.films.redacting import Film, Seen, redacted_film
from sightglass_scanner.screen.handler import text_of
from sightglass_scanner.screen.queries import texts_of

_STAGE: Final = "read"
_FILMS_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Films:
    """One attempt at the videos of a source. most_chars: of more text than that none is taken."""

    pool: Pool
    source: Source
    settings: Settings
    detectors: Detectors
    most_chars: int
    job: JobContext

    async def read(self) -> None:
        """Read those that are not read, or not as they would be read now. Raises SourceNotFound.

        Each is stored by itself. Those to which something happens meanwhile are read by a job of their own.
        """
        done, after = 0, None
        while due := await self._due(after):
            total = done + due[0].due
            for film in due:
                await self.job.report(_STAGE, done, total)
                await self._read(film)
                done, after = done + 1, film.video_id

    async def _due(self, after: UUID | None) -> list[FilmRow]:
        """Some of those to read, from behind one of them on."""
        async with tenant_transaction(self.pool, self.source.tenant_id) as db:
            return await queries.due(db, self.source.source_id, self.detectors, after=after, limit=_FILMS_AT_ONCE)

    async def _read(self, film: FilmRow) -> None:
        """Read one and store it, if the dataset still holds it then. Raises SourceNotFound."""
        async with tenant_transaction(self.pool, self.source.tenant_id) as db:
            scenes = await queries.scenes(db, film.analysis_id)
            texts = [text_of(row) for row in await texts_of(db, film.analysis_id)]
        told, reason = await asyncio.to_thread(self._told, film, Seen(film.filename, scenes, texts))
        async with self.job.transaction() as db:
            await looking(db)
            await hold(db, self.source.source_id, self.job.claim.job_id)
            if await queries.is_held(db, self.source.source_id, film.video_id):
                await self._store(db, film, told, reason)

    def _told(self, film: FilmRow, seen: Seen) -> tuple[Film, str | None]:
        """What it shows; and why that is nothing, if it is."""
        of = {"kind": "video", "video_id": str(film.video_id), "analysis_id": str(film.analysis_id)}
        try:
            told = redacted_film(seen, self.settings, of, self.most_chars)
        except Unfit as unfit:
            return redacted_film(Seen(film.filename), self.settings, of, self.most_chars), unfit.reason
        return told, None if told.passages else "empty"

    async def _store(self, db: Db, film: FilmRow, told: Film, reason: str | None) -> None:
        status = "skipped" if reason else "read"
        row = DocumentRow(0, str(film.video_id), str(told.title), status, reason, redactions=told.redactions)
        document_id = await queries.put(db, self.source, film, self.detectors, row)
        if document_id is not None:
            await add_content(db, self.source.tenant_id, ((document_id, one) for one in content_rows(told.passages)))
