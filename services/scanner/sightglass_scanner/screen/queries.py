"""All SQL of texts on screen. Each function runs in the caller's tenant transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound

_VIDEO: Final = """
    SELECT v.video_id, v.bucket, v.object_key, v.version_id, v.etag
    FROM analysis a JOIN video v USING (tenant_id, video_id) WHERE a.analysis_id = %(analysis_id)s
"""
_TEXTS: Final = """
    SELECT number, clear, spans FROM screen_text
    WHERE analysis_id = %(analysis_id)s AND clear <> '' AND spans <> '[]' ORDER BY number
"""
_FORGET: Final = "DELETE FROM analysis_finding WHERE analysis_id = %(analysis_id)s"
_SEEN: Final = """
    INSERT INTO analysis_finding (tenant_id, analysis_id, finding_id, start_us, end_us, spans)
    SELECT %(tenant_id)s, %(analysis_id)s, s.finding_id, s.start_us, s.end_us, s.spans
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (finding_id uuid, start_us bigint, end_us bigint, spans jsonb)
"""
_SCANNED: Final = "UPDATE analysis SET texts_scanned_at = now() WHERE analysis_id = %(analysis_id)s"


@dataclass(frozen=True, slots=True)
class VideoRow:
    """The video that an analysis is of."""

    video_id: UUID
    bucket: str
    object_key: str
    version_id: str
    etag: str

    @property
    def version(self) -> str:
        """Which state of the object it is, as findings say it."""
        return self.version_id or self.etag.strip('"')


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text as it was read. spans: `{"start_us", "end_us", "box"}` each."""

    number: int
    clear: str
    spans: list[dict[str, Any]]


async def video_of(db: Db, analysis_id: UUID) -> VideoRow:
    """The video of an analysis. Raises AnalysisNotFound."""
    async with db.cursor(row_factory=class_row(VideoRow)) as cursor:
        row = await (await cursor.execute(_VIDEO, {"analysis_id": analysis_id})).fetchone()
    if row is None:
        raise AnalysisNotFound(analysis_id=str(analysis_id))
    return row


async def texts_of(db: Db, analysis_id: UUID) -> list[TextRow]:
    """What an analysis has read."""
    async with db.cursor(row_factory=class_row(TextRow)) as cursor:
        return await (await cursor.execute(_TEXTS, {"analysis_id": analysis_id})).fetchall()


async def store_seen(db: Db, tenant_id: UUID, analysis_id: UUID, seen: Sequence[dict[str, Any]]) -> None:
    """Note where the findings of an analysis are seen, in place of what was noted before; they must be stored.

    seen: `{"finding_id", "start_us", "end_us", "spans"}` each.
    """
    values = {"tenant_id": tenant_id, "analysis_id": analysis_id}
    await db.execute(_FORGET, values)
    await db.execute(_SEEN, {**values, "rows": json.dumps(seen)})
    await db.execute(_SCANNED, values)
