"""All SQL of the worker. Each function runs in the caller's tenant transaction."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound

_SOURCE: Final = """
    SELECT v.bucket, v.object_key, v.version_id, v.etag, v.size_bytes,
           v.bucket = %(own_bucket)s OR EXISTS (SELECT FROM bucket_link b WHERE b.bucket = v.bucket) AS linked
    FROM analysis a JOIN video v USING (tenant_id, video_id)
    WHERE a.analysis_id = %(analysis_id)s AND a.job_id = %(job_id)s
"""
_RESULT: Final = """
    UPDATE analysis
    SET attempt = %(attempt)s, probe = %(probe)s::jsonb, duration_us = %(duration_us)s, frames = %(frames)s,
        bad_packets = %(bad_packets)s, partial = %(partial)s,
        sprite_key = %(sprite_key)s, storyboard_key = %(storyboard_key)s
    WHERE analysis_id = %(analysis_id)s
"""
# A retried job has its scenes of before replaced.
_FORGET_SCENES: Final = "DELETE FROM scene WHERE analysis_id = %(analysis_id)s"
_SCENES: Final = """
    INSERT INTO scene (tenant_id, analysis_id, number, start_us, end_us, first_frame, last_frame,
                       boundary_kind, boundary_score, keyframe_us, thumbnail_key)
    SELECT %(tenant_id)s, %(analysis_id)s, s.number, s.start_us, s.end_us, s.first_frame, s.last_frame,
           s.boundary_kind, s.boundary_score, s.keyframe_us, s.thumbnail_key
    FROM jsonb_to_recordset(%(scenes)s::jsonb) AS s (
        number bigint, start_us bigint, end_us bigint, first_frame bigint, last_frame bigint,
        boundary_kind text, boundary_score real, keyframe_us bigint, thumbnail_key text)
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The object that an analysis is of. linked: whether the tenant may (still) have it looked at."""

    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    linked: bool


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene as it is stored."""

    number: int
    start_us: int
    end_us: int
    first_frame: int
    last_frame: int
    boundary_kind: str
    boundary_score: float
    keyframe_us: int
    thumbnail_key: str


@dataclass(frozen=True, slots=True)
class Result:
    """An analysis as it is stored, but for its scenes. Keys are of the platform's bucket."""

    probe: dict[str, Any]
    duration_us: int
    frames: int
    bad_packets: int
    partial: bool
    sprite_key: str | None
    storyboard_key: str | None


async def source_of(db: Db, analysis_id: UUID, job_id: UUID, *, own_bucket: str) -> Source:
    """Which object to analyse. Raises AnalysisNotFound."""
    async with db.cursor(row_factory=class_row(Source)) as cursor:
        await cursor.execute(_SOURCE, {"analysis_id": analysis_id, "job_id": job_id, "own_bucket": own_bucket})
        source = await cursor.fetchone()
    if source is None:
        raise AnalysisNotFound(analysis_id=str(analysis_id))
    return source


async def store_result(
    db: Db, tenant_id: UUID, analysis_id: UUID, *, attempt: int, result: Result, scenes: Sequence[SceneRow]
) -> None:
    """Write what an attempt has found; what an earlier job's run had found goes."""
    values = {"tenant_id": tenant_id, "analysis_id": analysis_id}
    row = {"attempt": attempt, **asdict(result), "probe": json.dumps(result.probe)}
    await db.execute(_RESULT, values | row)
    await db.execute(_FORGET_SCENES, values)
    await db.execute(_SCENES, values | {"scenes": json.dumps([asdict(scene) for scene in scenes])})
