"""All SQL of videos as documents. Each function runs in the caller's tenant transaction; `put` takes redacted text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_scanner.documents.queries import Detectors, DocumentRow, Source

# The newest exact analysis that has a result stands for a video, as it does where videos are shown.
_HELD: Final = """
    SELECT v.video_id, v.filename,
           (SELECT a.analysis_id FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
            WHERE a.tenant_id = v.tenant_id AND a.video_id = v.video_id AND a.tier = 'exact'
                  AND j.status IN ('done', 'partial')
            ORDER BY a.analysis_id DESC LIMIT 1) AS analysis_id
    FROM source s JOIN dataset d ON d.tenant_id = s.tenant_id AND d.dataset_id = s.dataset_id AND d.deleted_at IS NULL
                  JOIN video v ON v.tenant_id = s.tenant_id
                  LEFT JOIN dataset_video c ON c.tenant_id = s.tenant_id AND c.dataset_id = s.dataset_id
                                           AND c.video_id = v.video_id
    WHERE s.source_id = %(source_id)s AND s.of_videos AND coalesce(c.held, d.all_videos)
"""
# Not what was read of this analysis, and redacted by what is in use now.
_DUE: Final = (
    "SELECT h.video_id, h.filename, h.analysis_id, count(*) OVER () AS due FROM ("
    + _HELD
    + """) AS h
    LEFT JOIN document o ON o.source_id = %(source_id)s AND o.video_id = h.video_id AND o.status <> 'deleting'
    WHERE h.analysis_id IS NOT NULL AND (%(after)s::uuid IS NULL OR h.video_id > %(after)s)
      AND (o.document_id IS NULL OR o.analysis_id <> h.analysis_id OR o.rules IS DISTINCT FROM %(rules)s
           OR o.detectors IS DISTINCT FROM %(detectors)s OR o.threshold IS DISTINCT FROM %(threshold)s::real)
    ORDER BY h.video_id LIMIT %(limit)s
"""
)
_IS_HELD: Final = (
    "SELECT EXISTS (SELECT FROM (" + _HELD + ") AS h WHERE h.video_id = %(video_id)s AND h.analysis_id IS NOT NULL)"
)
_SCENES: Final = """
    SELECT number, start_us, end_us, motion_kind, motion_mean,
           ARRAY(SELECT l.name FROM scene_label l
                 WHERE l.tenant_id = s.tenant_id AND l.analysis_id = s.analysis_id AND l.scene = s.number
                 GROUP BY l.name ORDER BY max(l.confidence) DESC, l.name) AS labels
    FROM scene s WHERE analysis_id = %(analysis_id)s ORDER BY number
"""
# What an older analysis says never takes the place of what a newer one does: ids are in order of time.
_PUT: Final = """
    INSERT INTO document AS o (tenant_id, document_id, dataset_id, source_id, ref, title, status, reason, detectors,
                               threshold, rules, redactions, video_id, analysis_id, reading)
    VALUES (%(tenant_id)s, %(document_id)s, %(dataset_id)s, %(source_id)s, %(video_id)s::uuid::text, %(title)s,
            %(status)s, %(reason)s, %(detectors)s, %(threshold)s, %(rules)s, %(redactions)s, %(video_id)s,
            %(analysis_id)s, 1)
    ON CONFLICT (tenant_id, dataset_id, ref) WHERE ref IS NOT NULL
    DO UPDATE SET source_id = excluded.source_id, title = excluded.title, metadata = '{}', status = excluded.status,
                  reason = excluded.reason, detail = '', detectors = excluded.detectors,
                  threshold = excluded.threshold, rules = excluded.rules, redactions = excluded.redactions,
                  video_id = excluded.video_id, analysis_id = excluded.analysis_id, reading = o.reading + 1,
                  served = CASE WHEN excluded.status <> 'skipped' THEN o.served END
    WHERE o.analysis_id IS NULL OR o.analysis_id <= excluded.analysis_id
    RETURNING document_id
"""
_FORGET: Final = "DELETE FROM content WHERE document_id = %(document_id)s"


@dataclass(frozen=True, slots=True)
class FilmRow:
    """A video that a dataset holds, and the analysis that stands for it. due: how many there are from here on."""

    video_id: UUID
    filename: str
    analysis_id: UUID
    due: int


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene. labels: names, the surest first. motion_mean: frame sizes a second."""

    number: int
    start_us: int
    end_us: int
    motion_kind: str | None
    motion_mean: float | None
    labels: list[str]


async def due(db: Db, source_id: UUID, detectors: Detectors, *, after: UUID | None, limit: int) -> list[FilmRow]:
    """Some videos of a source that are to be read, in order of their ids from behind `after` on."""
    values = {"source_id": source_id, "after": after, "limit": limit}
    values |= {"detectors": detectors.version, "threshold": detectors.threshold, "rules": detectors.rules}
    async with db.cursor(row_factory=class_row(FilmRow)) as cursor:
        return await (await cursor.execute(_DUE, values)).fetchall()


async def is_held(db: Db, source_id: UUID, video_id: UUID) -> bool:
    """Whether a video is still one of the source."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        found = await cursor.execute(_IS_HELD, {"source_id": source_id, "video_id": video_id})
        return bool(await found.fetchone())


async def scenes(db: Db, analysis_id: UUID) -> Sequence[SceneRow]:
    """The scenes of an analysis, in order."""
    async with db.cursor(row_factory=class_row(SceneRow)) as cursor:
        return await (await cursor.execute(_SCENES, {"analysis_id": analysis_id})).fetchall()


async def put(db: Db, source: Source, film: FilmRow, detectors: Detectors, row: DocumentRow) -> UUID | None:
    """Store the document of a video without content, in place of the one of before; its id.

    None when what is there is of a newer analysis: that stays.
    """
    values = {
        "tenant_id": source.tenant_id,
        "document_id": new_id(),
        "dataset_id": source.dataset_id,
        "source_id": source.source_id,
        "video_id": film.video_id,
        "analysis_id": film.analysis_id,
        "title": row.title,
        "status": row.status,
        "reason": row.reason,
        "detectors": detectors.version,
        "threshold": detectors.threshold,
        "rules": detectors.rules,
        "redactions": row.redactions,
    }
    async with db.cursor(row_factory=scalar_row) as cursor:
        stored: UUID | None = await (await cursor.execute(_PUT, values)).fetchone()
        if stored is not None:
            await cursor.execute(_FORGET, {"document_id": stored})
    return stored
