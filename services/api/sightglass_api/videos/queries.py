"""All SQL that reads videos and scenes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

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
    """A scene."""

    number: int
    start_us: int
    end_us: int
    first_frame: int
    last_frame: int
    boundary_kind: str
    boundary_score: float
    keyframe_us: int | None
    thumbnail_key: str | None


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
    SELECT number, start_us, end_us, first_frame, last_frame, boundary_kind, boundary_score, keyframe_us, thumbnail_key
    FROM scene WHERE analysis_id = %(analysis_id)s AND number > %(after)s
    ORDER BY number LIMIT %(limit)s
"""


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
