"""All SQL about analyses and the videos that they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound


@dataclass(frozen=True, slots=True)
class AnalysisRow:
    """An analysis with its job's state, the number of its scenes and the first thumbnail."""

    analysis_id: UUID
    video_id: UUID
    job_id: UUID
    tier: str
    created_at: datetime
    probe: dict[str, Any] | None
    duration_us: int | None
    frames: int | None
    bad_packets: int | None
    partial: bool | None
    sprite_key: str | None
    storyboard_key: str | None
    status: str
    error_code: str | None
    error_detail: str | None
    error_stage: str | None
    error_retryable: bool | None
    scene_count: int
    thumbnail_key: str | None


_SELECT: Final = """
    SELECT a.analysis_id, a.video_id, a.job_id, a.tier, a.created_at, a.probe, a.duration_us, a.frames,
           a.bad_packets, a.partial, a.sprite_key, a.storyboard_key,
           j.status, j.error_code, j.error_detail, j.error_stage, j.error_retryable,
           (SELECT count(*) FROM scene s
            WHERE s.tenant_id = a.tenant_id AND s.analysis_id = a.analysis_id) AS scene_count,
           (SELECT s.thumbnail_key FROM scene s
            WHERE s.tenant_id = a.tenant_id AND s.analysis_id = a.analysis_id AND s.thumbnail_key IS NOT NULL
            ORDER BY s.number LIMIT 1) AS thumbnail_key
    FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
"""
_ANALYSIS: Final = _SELECT + " WHERE a.analysis_id = %(analysis_id)s"
_LATEST: Final = (
    _SELECT
    + """
    WHERE a.analysis_id IN (
        SELECT (SELECT n.analysis_id FROM analysis n WHERE n.tenant_id = current_tenant() AND n.video_id = v.video_id
                ORDER BY n.analysis_id DESC LIMIT 1)
        FROM unnest(%(video_ids)s::uuid[]) AS v (video_id))
"""
)
_NEWEST_FINISHED: Final = """
    SELECT a.analysis_id FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
    WHERE a.video_id = %(video_id)s AND j.status IN ('done', 'partial')
    ORDER BY a.analysis_id DESC LIMIT 1
"""
_INSERT_VIDEO: Final = """
    INSERT INTO video (tenant_id, video_id, bucket, object_key, version_id, etag, size_bytes, filename, content_type)
    VALUES (%(tenant_id)s, %(video_id)s, %(bucket)s, %(object_key)s, %(version_id)s, %(etag)s, %(size_bytes)s,
            %(filename)s, %(content_type)s)
    ON CONFLICT (tenant_id, bucket, object_key, version_id, etag) DO NOTHING RETURNING video_id
"""
_SAME_VIDEO: Final = """
    SELECT video_id FROM video
    WHERE bucket = %(bucket)s AND object_key = %(object_key)s AND version_id = %(version_id)s AND etag = %(etag)s
"""
_INSERT_ANALYSIS: Final = """
    INSERT INTO analysis (tenant_id, analysis_id, video_id, job_id, tier)
    VALUES (%(tenant_id)s, %(analysis_id)s, %(video_id)s, %(job_id)s, %(tier)s)
"""


@dataclass(frozen=True, slots=True)
class NewVideo:
    """An object in the state in which it was looked at. `version_id` is "" in a bucket without versions."""

    tenant_id: UUID
    video_id: UUID
    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    filename: str
    content_type: str


async def analysis(db: Db, analysis_id: UUID) -> AnalysisRow:
    """One analysis. Raises AnalysisNotFound when there is none, or when it is another tenant's."""
    async with db.cursor(row_factory=class_row(AnalysisRow)) as cursor:
        row = await (await cursor.execute(_ANALYSIS, {"analysis_id": analysis_id})).fetchone()
    if row is None:
        raise AnalysisNotFound
    return row


async def latest_of(db: Db, video_ids: Sequence[UUID]) -> dict[UUID, AnalysisRow]:
    """The newest analysis of each video, whatever its state."""
    async with db.cursor(row_factory=class_row(AnalysisRow)) as cursor:
        rows = await (await cursor.execute(_LATEST, {"video_ids": list(video_ids)})).fetchall()
    return {row.video_id: row for row in rows}


async def newest_finished(db: Db, video_id: UUID) -> UUID | None:
    """The newest analysis of a video that has a result."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_NEWEST_FINISHED, {"video_id": video_id})).fetchone()


async def same_or_new_video(db: Db, video: NewVideo) -> UUID:
    """The id of the video that is this object in this state; added when there is none yet."""
    values = {name: getattr(video, name) for name in NewVideo.__slots__}
    async with db.cursor(row_factory=scalar_row) as cursor:
        added: UUID | None = await (await cursor.execute(_INSERT_VIDEO, values)).fetchone()
        if added is not None:
            return added
        # Committed by another in the meantime, or long there: this statement sees it.
        same: UUID | None = await (await cursor.execute(_SAME_VIDEO, values)).fetchone()
    if same is None:
        raise RuntimeError("A video that is there cannot be seen: videos are never deleted.")
    return same


async def insert_analysis(
    db: Db, *, tenant_id: UUID, analysis_id: UUID, video_id: UUID, job_id: UUID, tier: str
) -> None:
    """Add an analysis; its job must be there."""
    values = {
        "tenant_id": tenant_id,
        "analysis_id": analysis_id,
        "video_id": video_id,
        "job_id": job_id,
        "tier": tier,
    }
    await db.execute(_INSERT_ANALYSIS, values)
