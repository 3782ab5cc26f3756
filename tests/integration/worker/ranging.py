"""A film in ranges, whose messages are taken from the outbox and delivered here and now, in any order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zlib import crc32

from tests.integration.worker.studio import Studio

from sightglass_common.db import tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.messages import AnalyzeRange, AnalyzeVideo, Envelope, from_json
from sightglass_common.outcomes import Outcome
from sightglass_common.queues import VIDEO_RANGES
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.limits import ReaderLimits
from sightglass_worker.ocr.process import EngineChoice, TextReader
from sightglass_worker.ocr.readers import TextReaders
from sightglass_worker.ranges import planning
from sightglass_worker.ranges.runner import RangeRunner

# Three seconds a range, and a key frame more or less.
SHORT: dict[str, Any] = {"range_over_s": 3, "range_s": 3}
SERIAL: dict[str, Any] = {"range_over_s": 3600}
# What two analyses of a film never share.
_OWN = ("analysis_id", "video_id", "job_id", "created_at", "attempt", "tenant_id", "screen_text_id", "track_id")


class _PageReader(TextReader):
    """Reads what tells one page from another, and in the same place always the same."""

    def __init__(self) -> None:
        super().__init__(EngineChoice("none"), ReaderLimits())

    async def read(self, page: Page) -> list[Line]:
        """Two lines in the picture's upper half."""
        seen = f"page {crc32(page.luma.tobytes()):08x}"
        return [Line(seen, 0.5, Box(0.1, 0.1, 0.5, 0.1)), Line("every page has this", 0.9, Box(0.1, 0.3, 0.5, 0.1))]


class PageReaders(TextReaders):
    """Readers that need no engine."""

    def __init__(self) -> None:
        super().__init__(EngineChoice("none"), ReaderLimits())

    @asynccontextmanager
    async def reader(self) -> AsyncGenerator[TextReader]:
        """A reader as above."""
        yield _PageReader()


@dataclass(frozen=True, slots=True)
class Ranging:
    """The ranges of one studio's films."""

    studio: Studio

    async def planned(self, body: bytes) -> tuple[Envelope[AnalyzeVideo], list[Envelope[AnalyzeRange]]]:
        """An analysis that waits for its ranges, and their messages."""
        envelope = await self.studio.of(body)
        await self.studio.rows("DELETE FROM outbox WHERE job_id = %s RETURNING 1", envelope.message.job_id)
        await self.studio.run(envelope, **SHORT)
        return envelope, await self.sent()

    async def sent(self) -> list[Envelope[AnalyzeRange]]:
        """The messages of ranges that wait to be sent; they are taken out."""
        async with self.studio.admin.connection() as db:
            rows = await (
                await db.execute(
                    "DELETE FROM outbox WHERE tenant_id = %s AND queue = %s RETURNING body",
                    [self.studio.tenant_id, VIDEO_RANGES.name],
                )
            ).fetchall()
        sent = [from_json(str(body), AnalyzeRange) for (body,) in rows]
        return sorted(sent, key=lambda envelope: envelope.message.number or 0)  # ids of one millisecond have no order

    async def run(
        self, envelope: Envelope[AnalyzeRange], *, readers: TextReaders | None = None, **changes: Any
    ) -> Outcome:
        """Deliver the message of a range once."""
        studio = self.studio
        runner = RangeRunner(studio.worker, studio.s3, studio.settings(**changes), readers)
        return await runner(Delivery(envelope))

    async def looked_after(self, envelope: Envelope[AnalyzeVideo]) -> Envelope[AnalyzeVideo]:
        """The message of a waiting job as the reconciler sends it again when its lease is over."""
        (row,) = await self.studio.rows(
            "UPDATE job SET status = 'queued', lease_until = NULL WHERE job_id = %s RETURNING message->>'id' AS id",
            envelope.message.job_id,
        )
        return Envelope(UUID(row["id"]), envelope.source, envelope.time, envelope.trace, envelope.message)

    async def as_one(self, sent: Envelope[AnalyzeRange]) -> None:
        """Have the film of a range analysed as one."""
        async with tenant_transaction(self.studio.worker, self.studio.tenant_id) as db:
            await planning.as_one(db, sent.message, sent.trace)

    async def finish(self, readers: TextReaders | None = None) -> None:
        """Deliver all that is sent until no more is."""
        while sent := await self.sent():
            for envelope in sent:
                await self.run(envelope, readers=readers)

    async def ranges(self, envelope: Envelope[AnalyzeVideo]) -> list[dict[str, Any]]:
        """The ranges of an analysis."""
        return await self.studio.rows(
            "SELECT * FROM analysis_range WHERE analysis_id = %s ORDER BY number", envelope.message.analysis_id
        )

    async def result(self, envelope: Envelope[AnalyzeVideo]) -> dict[str, list[dict[str, Any]]]:
        """All rows of an analysis that is over, each with the objects that it refers to instead of their keys."""
        tables = {"analysis": [await self.studio.found(envelope)]}
        for table in ("scene", "screen_text", "track", "artifact"):
            tables[table] = await self.studio.rows_of(table, envelope)
        return {table: [await self._comparable(row) for row in rows] for table, rows in tables.items()}

    async def _comparable(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: (name, value.rsplit("/", 1)[1], await self.body(value)) if name.endswith("_key") else value
            for name, value in row.items()
            if name not in _OWN and value is not None
        }

    async def body(self, key: str) -> bytes:
        """An object of the platform's bucket."""
        answer = await self.studio.s3.get_object(Bucket=self.studio.aws.bucket, Key=key)
        return await answer["Body"].read()

    async def referred(self, envelope: Envelope[AnalyzeVideo]) -> set[str]:
        """The keys that the result refers to."""
        found, scenes = await self.studio.found(envelope), await self.studio.scenes(envelope)
        files = await self.studio.rows_of("artifact", envelope)
        rows = {s["thumbnail_key"] for s in scenes} | {file["object_key"] for file in files}
        return rows | {found["sprite_key"], found["storyboard_key"]}
