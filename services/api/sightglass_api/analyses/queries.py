"""All SQL that reads analyses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound
from sightglass_common.messages import Tier


@dataclass(frozen=True, slots=True)
class AnalysisRow:
    """An analysis with its job's state, how much it has found and the first thumbnail."""

    analysis_id: UUID
    video_id: UUID
    job_id: UUID
    tier: Tier
    created_at: datetime
    analyser_version: int | None
    probe: dict[str, Any] | None
    duration_us: int | None
    frames: int | None
    bad_packets: int | None
    partial: bool | None
    partial_reason: str | None
    text_coverage: dict[str, Any] | None
    pose_coverage: dict[str, Any] | None
    score: dict[str, Any] | None
    labels: dict[str, Any] | None
    preview: dict[str, Any] | None
    sprite_key: str | None
    storyboard_key: str | None
    status: str
    error_code: str | None
    error_detail: str | None
    error_stage: str | None
    error_retryable: bool | None
    scene_count: int
    text_count: int
    track_count: int
    thumbnail_key: str | None


_SELECT: Final = """
    SELECT a.analysis_id, a.video_id, a.job_id, a.tier, a.created_at, a.analyser_version, a.probe,
           a.duration_us, a.frames, a.bad_packets, a.partial, a.partial_reason, a.text_coverage, a.pose_coverage,
           a.score, a.labels, a.preview, a.sprite_key, a.storyboard_key,
           j.status, j.error_code, j.error_detail, j.error_stage, j.error_retryable,
           (SELECT count(*) FROM scene s
            WHERE s.tenant_id = a.tenant_id AND s.analysis_id = a.analysis_id) AS scene_count,
           (SELECT count(*) FROM screen_text t
            WHERE t.tenant_id = a.tenant_id AND t.analysis_id = a.analysis_id) AS text_count,
           (SELECT count(*) FROM track t
            WHERE t.tenant_id = a.tenant_id AND t.analysis_id = a.analysis_id) AS track_count,
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
# An exact result stands for good against any preview, a whole preview against one that has only begun to find scenes.
_DEFAULT: Final = """
    SELECT a.analysis_id FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
    WHERE a.video_id = %(video_id)s
      AND (j.status IN ('done', 'partial')
           OR a.tier = 'preview' AND j.status IN ('queued', 'running')
              AND EXISTS (SELECT FROM scene s WHERE s.tenant_id = a.tenant_id AND s.analysis_id = a.analysis_id))
    ORDER BY a.tier = 'exact' DESC, j.status IN ('done', 'partial') DESC, a.analysis_id DESC LIMIT 1
"""
_STATE: Final = """
    SELECT a.tier, j.status FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
    WHERE a.analysis_id = %(analysis_id)s
"""


@dataclass(frozen=True, slots=True)
class StateRow:
    """How an analysis is made, and how far that is."""

    tier: Tier
    status: str


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


async def default_of(db: Db, video_id: UUID) -> UUID | None:
    """The analysis that stands for a video: the newest exact one that has a result.

    Without any, the newest preview that has one; without that, the newest preview under way that has scenes.
    """
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_DEFAULT, {"video_id": video_id})).fetchone()


async def state_of(db: Db, analysis_id: UUID) -> StateRow | None:
    """How an analysis is made, and how far that is; None when there is none."""
    async with db.cursor(row_factory=class_row(StateRow)) as cursor:
        return await (await cursor.execute(_STATE, {"analysis_id": analysis_id})).fetchone()
