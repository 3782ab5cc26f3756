"""All SQL that reads videos and what was found in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.errors import VideoNotFound


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A video."""

    video_id: UUID
    bucket: str
    object_key: str
    version_id: str
    size_bytes: int
    filename: str
    content_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene. The table's own checks allow no other kinds; motion, and frames, are there whole or not at all.

    labels: `{"name", "confidence", "box", "t_us"}` each.
    """

    number: int
    start_us: int
    end_us: int
    first_frame: int | None
    last_frame: int | None
    boundary_kind: Literal["start", "cut", "fade", "fade_in", "fade_out", "dissolve"]
    boundary_score: float
    keyframe_us: int | None
    thumbnail_key: str | None
    motion_kind: Literal["still", "camera", "object", "both"] | None
    motion_mean: float | None
    motion_p95: float | None
    labels: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text on screen as it may be shown. This role cannot read it in clear."""

    number: int
    start_us: int
    end_us: int
    masked: str
    confidence: float
    spans: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TrackRow:
    """Something that moves. bounds: x, y, width, height."""

    number: int
    method: Literal["motion", "pose"]
    label: str
    start_us: int
    end_us: int
    samples: int
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in the texts of a video. spans: where it is seen, `{"start_us", "end_us", "box"}` each."""

    finding_id: UUID
    detector: str
    severity: str
    confidence: float
    masked: str
    value_hash: str
    detail: str
    state: str
    note: str
    start_us: int
    end_us: int
    spans: list[dict[str, Any]]


_SELECT: Final = """
    SELECT video_id, bucket, object_key, version_id, size_bytes, filename, content_type, created_at FROM video
"""
_VIDEO: Final = _SELECT + " WHERE video_id = %(video_id)s"
_VIDEOS: Final = (
    _SELECT
    + """
    WHERE %(before)s::uuid IS NULL OR video_id < %(before)s
    ORDER BY video_id DESC LIMIT %(limit)s
"""
)
_SCENES: Final = """
    SELECT number, start_us, end_us, first_frame, last_frame, boundary_kind, boundary_score, keyframe_us, thumbnail_key,
           motion_kind, motion_mean, motion_p95,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', l.name, 'confidence', l.confidence, 'box', l.box,
                                                         't_us', l.t_us) ORDER BY l.number), '[]')
            FROM scene_label l WHERE l.tenant_id = scene.tenant_id AND l.analysis_id = scene.analysis_id
                                 AND l.scene = scene.number) AS labels
    FROM scene WHERE analysis_id = %(analysis_id)s AND number > %(after)s
    ORDER BY number LIMIT %(limit)s
"""
_TEXTS: Final = """
    SELECT number, start_us, end_us, masked, confidence, spans
    FROM screen_text WHERE analysis_id = %(analysis_id)s AND number > %(after)s
    ORDER BY number LIMIT %(limit)s
"""
_TRACKS: Final = """
    SELECT number, method, label, start_us, end_us, samples, bounds
    FROM track WHERE analysis_id = %(analysis_id)s AND number > %(after)s
    ORDER BY number LIMIT %(limit)s
"""
_COVERAGE: Final = "SELECT text_coverage FROM analysis WHERE analysis_id = %(analysis_id)s"
_FINDINGS: Final = """
    SELECT f.finding_id, f.detector, f.severity, f.confidence, f.masked, encode(f.value_hash, 'hex') AS value_hash,
           f.detail, f.state, f.note, s.start_us, s.end_us, s.spans
    FROM analysis_finding s JOIN finding f USING (tenant_id, finding_id)
    WHERE s.analysis_id = %(analysis_id)s
      AND (s.start_us, s.finding_id) > (%(start_us)s::bigint, %(finding_id)s::uuid)
    ORDER BY s.start_us, s.finding_id LIMIT %(limit)s
"""
_SCANNED: Final = "SELECT texts_scanned_at FROM analysis WHERE analysis_id = %(analysis_id)s"
_SCORE: Final = "SELECT score FROM analysis WHERE analysis_id = %(analysis_id)s"


async def video(db: Db, video_id: UUID) -> VideoRow:
    """One video. Raises VideoNotFound when there is none, or when it is another tenant's."""
    async with db.cursor(row_factory=class_row(VideoRow)) as cursor:
        row = await (await cursor.execute(_VIDEO, {"video_id": video_id})).fetchone()
    if row is None:
        raise VideoNotFound
    return row


async def videos(db: Db, *, before: UUID | None, limit: int) -> list[VideoRow]:
    """Videos, the newest first; those older than `before` if it is given."""
    async with db.cursor(row_factory=class_row(VideoRow)) as cursor:
        return await (await cursor.execute(_VIDEOS, {"before": before, "limit": limit})).fetchall()


async def scenes(db: Db, analysis_id: UUID, *, after: int, limit: int) -> list[SceneRow]:
    """Scenes of an analysis in order, those whose number is above `after`."""
    async with db.cursor(row_factory=class_row(SceneRow)) as cursor:
        found = await cursor.execute(_SCENES, {"analysis_id": analysis_id, "after": after, "limit": limit})
        return await found.fetchall()


async def texts(db: Db, analysis_id: UUID, *, after: int, limit: int) -> list[TextRow]:
    """Texts of an analysis in order, those whose number is above `after`."""
    async with db.cursor(row_factory=class_row(TextRow)) as cursor:
        found = await cursor.execute(_TEXTS, {"analysis_id": analysis_id, "after": after, "limit": limit})
        return await found.fetchall()


async def tracks(db: Db, analysis_id: UUID, *, after: int, limit: int) -> list[TrackRow]:
    """Tracks of an analysis in order, those whose number is above `after`."""
    async with db.cursor(row_factory=class_row(TrackRow)) as cursor:
        found = await cursor.execute(_TRACKS, {"analysis_id": analysis_id, "after": after, "limit": limit})
        return await found.fetchall()


async def coverage(db: Db, analysis_id: UUID) -> dict[str, Any] | None:
    """How much of what the screens showed was read; None where no text was looked for."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_COVERAGE, {"analysis_id": analysis_id})).fetchone()


async def findings(db: Db, analysis_id: UUID, *, after: tuple[int, UUID], limit: int) -> list[FindingRow]:
    """Findings of an analysis by the time when they are first seen. after: time and id of the last one."""
    start_us, finding_id = after
    values = {"analysis_id": analysis_id, "start_us": start_us, "finding_id": finding_id, "limit": limit}
    async with db.cursor(row_factory=class_row(FindingRow)) as cursor:
        return await (await cursor.execute(_FINDINGS, values)).fetchall()


async def texts_scanned_at(db: Db, analysis_id: UUID) -> datetime | None:
    """When the texts of an analysis were looked through; None where they were not, or where there are none."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_SCANNED, {"analysis_id": analysis_id})).fetchone()


async def score(db: Db, analysis_id: UUID) -> dict[str, Any] | None:
    """The score that an analysis came to; None where none was made."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_SCORE, {"analysis_id": analysis_id})).fetchone()
