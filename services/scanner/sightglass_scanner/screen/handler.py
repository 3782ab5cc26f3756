"""ScanTexts: what an analysis has read on the screens of a video is looked through, and what is found is stored."""

import asyncio
from typing import Any

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import ScanTexts
from sightglass_detect import Settings
from sightglass_scanner import found_queries
from sightglass_scanner.screen import queries
from sightglass_scanner.screen.detecting import Seen, found_on_screen, span_json
from sightglass_scanner.screen.lines import ScreenText, Span
from sightglass_scanner.sealing import Place, tenant_key
from sightglass_scanner.settings import ScannerSettings

# A machine has read it. What it may have misread is told only where it passes a check, as probable.
_SETTINGS = Settings(ocr=True)


class ScanTextsHandler:
    """Looks through the texts of one analysis. It has no effect until the one that it returns is run."""

    def __init__(self, pool: Pool, settings: ScannerSettings) -> None:
        self._pool = pool
        self._secret = settings.finding_key

    async def __call__(self, message: ScanTexts, job: JobContext) -> Effect:
        """Do the work of one attempt. Raises AnalysisNotFound."""
        await job.report("texts", 0, None)
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            video = await queries.video_of(db, message.analysis_id)
            texts = [text_of(row) for row in await queries.texts_of(db, message.analysis_id)]
        seen = await asyncio.to_thread(
            found_on_screen,
            texts,
            place=Place(message.tenant_id, video.bucket, video.object_key, video.version),
            video_id=video.video_id,
            key=tenant_key(self._secret.get_secret_value(), message.tenant_id),
            settings=_SETTINGS,
        )

        async def effect(db: Db) -> FinalStatus:
            await found_queries.store(db, message.tenant_id, [one.row for one in seen])
            await queries.store_seen(db, message.tenant_id, message.analysis_id, [_seen_json(one) for one in seen])
            return "done"

        return effect


def text_of(row: queries.TextRow) -> ScreenText:
    """A row as texts are looked through."""
    spans = [Span(span["start_us"], span["end_us"], _box_of(span["box"])) for span in row.spans]
    return ScreenText(row.number, row.clear, spans)


def _box_of(box: list[float]) -> tuple[float, float, float, float]:
    x, y, width, height = box
    return x, y, width, height


def _seen_json(seen: Seen) -> dict[str, Any]:
    return {
        "finding_id": str(seen.row.finding_id),
        "start_us": seen.spans[0].start_us,
        "end_us": max(span.end_us for span in seen.spans),
        "spans": [span_json(span) for span in seen.spans],
    }
